import {
  IconActivity,
  IconAddressBook,
  IconBuildingCommunity,
  IconBuildingSkyscraper,
  IconClipboardText,
  IconFileText,
  IconHome,
  IconLayoutDashboard,
  IconListDetails,
  IconSettings,
  IconShieldCheck,
  IconUserShield,
  IconUsers,
  type Icon,
} from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { useMe } from '@/api/queries/me';
import type { Permission } from '@/api/schema';
import { place } from '@/auth/site';
import type { Messages } from '@/i18n/messages';

export interface NavEntry {
  to: string;
  name: Exclude<keyof Messages['shell']['nav'], 'label' | 'more' | 'skip'>;
  icon: Icon;
  /** The letter after `g`. */
  key: string;
  permission?: Permission;
  /** In the bar at the bottom of a phone. */
  onPhone?: boolean;
}

const WORKSPACE: NavEntry[] = [
  { to: '/', name: 'dashboard', icon: IconLayoutDashboard, key: 'd', onPhone: true },
  { to: '/projects', name: 'projects', icon: IconBuildingCommunity, key: 'p', permission: 'projects.read' },
  { to: '/homes', name: 'homes', icon: IconHome, key: 'h', permission: 'units.read', onPhone: true },
  { to: '/contacts', name: 'contacts', icon: IconAddressBook, key: 'b', permission: 'contacts.read', onPhone: true },
  { to: '/contracts', name: 'contracts', icon: IconFileText, key: 'c', permission: 'contracts.read', onPhone: true },
  { to: '/members', name: 'members', icon: IconUsers, key: 'm', permission: 'members.read' },
  { to: '/audit', name: 'audit', icon: IconShieldCheck, key: 'a', permission: 'audit.read' },
  { to: '/settings', name: 'settings', icon: IconSettings, key: 's', permission: 'settings.read' },
];

const CONSOLE: NavEntry[] = [
  { to: '/platform', name: 'overview', icon: IconLayoutDashboard, key: 'd', onPhone: true },
  { to: '/platform/signups', name: 'signups', icon: IconClipboardText, key: 's', onPhone: true },
  { to: '/platform/tenants', name: 'tenants', icon: IconBuildingSkyscraper, key: 't', onPhone: true },
  { to: '/platform/operators', name: 'operators', icon: IconUserShield, key: 'o' },
  { to: '/platform/health', name: 'health', icon: IconActivity, key: 'h', onPhone: true },
  { to: '/platform/log', name: 'log', icon: IconListDetails, key: 'l' },
];

/** The pages that exist and that the role may open. An entry shows as soon as its route file is there. */
export function useNav(): NavEntry[] {
  const { routesByPath } = useRouter();
  const allowed = useMe()?.membership?.permissions;
  const entries = place.site === 'console' ? CONSOLE : WORKSPACE;
  return entries.filter(({ to, permission }) => to in routesByPath && (!permission || allowed?.includes(permission)));
}
