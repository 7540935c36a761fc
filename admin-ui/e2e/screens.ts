import type { Furnished } from './furnish';
import type { Role } from './people';

/** A screen, and who looks at it; `nobody` has no session. */
export interface Screen {
  name: string;
  who: Role | 'operator' | 'nobody';
  /** For `nobody`: whose host. */
  host?: string;
  path: (records: Furnished) => string;
  /** A text that says that the screen is there, with what it shows. */
  shows: RegExp;
}

const at = (path: string) => () => path;

/** Every screen of the UI: axe looks at each in both themes, and each must fit a phone. A new route belongs here. */
export const SCREENS: Screen[] = [
  { name: 'welcome', who: 'nobody', host: 'localhost', path: at('/welcome'), shows: /Sell homes/ },
  { name: 'sign-up', who: 'nobody', host: 'localhost', path: at('/sign-up'), shows: /Create your workspace/ },
  {
    name: 'verify-email',
    who: 'nobody',
    host: 'localhost',
    path: at('/verify-email?token=x'),
    shows: /Confirm your address/,
  },
  { name: 'invitation', who: 'nobody', host: 'localhost', path: at('/invitation#x'), shows: /Join your team/ },
  {
    name: 'operator-invitation',
    who: 'nobody',
    host: 'localhost',
    path: at('/operator-invitation#x'),
    shows: /Become an operator/,
  },
  { name: 'find-workspace', who: 'nobody', host: 'localhost', path: at('/sign-in'), shows: /Find your workspace/ },
  { name: 'sign-in', who: 'nobody', host: 'demo.localhost', path: at('/sign-in'), shows: /Sign in to demo/ },
  { name: 'dashboard', who: 'vp', path: at('/'), shows: /Homes by status/ },
  { name: 'projects', who: 'admin', path: at('/projects'), shows: /Fusion/ },
  { name: 'project', who: 'admin', path: ({ project }) => `/projects/${project}`, shows: /Fusion/ },
  {
    name: 'plan',
    who: 'admin',
    path: ({ project, plan }) => `/projects/${project}/plans/${plan}`,
    shows: /Aspen|Plan|Elevations/,
  },
  { name: 'homes', who: 'agent', path: at('/homes'), shows: /\b1101\b/ },
  { name: 'homes-board', who: 'agent', path: at('/homes?view=board'), shows: /\b1101\b/ },
  { name: 'homes-grid', who: 'agent', path: at('/homes?view=grid'), shows: /\b1101\b/ },
  { name: 'home', who: 'agent', path: ({ home }) => `/homes/${home}`, shows: /Available/ },
  { name: 'import', who: 'admin', path: at('/homes/import'), shows: /Import|import/ },
  { name: 'contacts', who: 'agent', path: at('/contacts'), shows: /•|…|\. / },
  { name: 'contact', who: 'agent', path: ({ contact }) => `/contacts/${contact}`, shows: /•|…|\. / },
  { name: 'contracts', who: 'vp', path: at('/contracts'), shows: /Submitted/ },
  { name: 'contract', who: 'vp', path: ({ submitted }) => `/contracts/${submitted}`, shows: /Submitted/ },
  { name: 'new-contract', who: 'agent', path: ({ home }) => `/contracts/new?unit_id=${home}`, shows: /Buyer|buyer/ },
  { name: 'members', who: 'admin', path: at('/members'), shows: /Alex Rivera/ },
  { name: 'audit', who: 'admin', path: at('/audit'), shows: /created/ },
  { name: 'settings', who: 'admin', path: at('/settings'), shows: /What new projects start with/ },
  { name: 'profile', who: 'escrow', path: at('/profile'), shows: /You are signed in here only|End all others/ },
  { name: 'onboarding', who: 'admin', path: at('/onboarding'), shows: /first contract/i },
  { name: 'console', who: 'operator', path: at('/platform'), shows: /Everything is well/ },
  { name: 'console-signups', who: 'operator', path: at('/platform/signups'), shows: /Birch & Stone/ },
  { name: 'console-tenants', who: 'operator', path: at('/platform/tenants'), shows: /Summit Ridge Homes/ },
  { name: 'console-tenant', who: 'operator', path: ({ tenant }) => `/platform/tenants/${tenant}`, shows: /Enabled/ },
  { name: 'console-operators', who: 'operator', path: at('/platform/operators'), shows: /Last seen|you/ },
  { name: 'console-health', who: 'operator', path: at('/platform/health'), shows: /Key service/ },
  { name: 'console-log', who: 'operator', path: at('/platform/log'), shows: /Sign-up received/ },
  { name: 'not-found', who: 'viewer', path: at('/nowhere'), shows: /This page does not exist/ },
];
