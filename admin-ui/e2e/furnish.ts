import { Api, type Entrance } from './api';
import { mailed } from './mailbox';

/** Records that screens are opened with. */
export interface Furnished {
  project: string;
  plan: string;
  home: string;
  contact: string;
  /** Waits for approval. */
  submitted: string;
  /** Is approved. */
  approved: string;
  /** The demo builder, as operators see it. */
  tenant: string;
}

const BUYERS = ['Maya Lindqvist', 'Jonah Abara', 'Priya Raman', 'Tomás Echeverría', 'Hannah Kowalski', 'Leo Fontaine'];
const PASSWORD = 'amber-Harbor-9-quiet-slope';

/** Sales as a week of them looks, a viewer, and an application that waits: what the demo leaves out. */
export async function furnish(entrance: Entrance): Promise<Furnished> {
  const [admin, agent, vp] = (await Promise.all(['admin', 'agent', 'vp'].map((role) => Api.demo(entrance, role)))) as [
    Api,
    Api,
    Api,
  ];
  const project = id((await admin.list('/v1/projects'))[0]);
  const homes = await agent.list(`/v1/units?project_id=${project}&status=available&limit=40`);
  const contracts: string[] = [];
  for (const [index, name] of BUYERS.entries()) {
    const contact = { name, email: `${name.split(' ')[0]?.toLowerCase()}@buyers.test`, phone: `+1415555010${index}` };
    contracts.push(id(await agent.post('/v1/contracts', { unit_id: id(homes[index * 3]), buyers: [{ contact }] })));
  }
  for (const contract of contracts.slice(0, 4)) await agent.post(`/v1/contracts/${contract}/submit`);
  for (const contract of contracts.slice(0, 2)) await vp.post(`/v1/contracts/${contract}/approve`);
  await vp.post(`/v1/contracts/${contracts[5]}/cancel`, { reason: 'financing_denied', note: 'The bank withdrew.' });
  await viewer(entrance, admin);
  await application(entrance);
  return {
    project,
    plan: id((await admin.list(`/v1/plans?project_id=${project}`))[0]),
    home: id(homes[1]),
    contact: id((await agent.list('/v1/contacts'))[0]),
    submitted: contracts[2] ?? '',
    approved: contracts[0] ?? '',
    tenant: id((await (await Api.operator(entrance)).list('/v1/platform/tenants'))[0]),
  };
}

/** The demo has no viewer: one is invited and joins. */
async function viewer(entrance: Entrance, admin: Api): Promise<void> {
  const email = 'viewer@demo.test';
  const role = (await admin.list('/v1/roles')).find((role) => role['key'] === 'viewer');
  await admin.post('/v1/invitations', { email, role_id: role?.['id'], all_projects: true });
  const token = (await mailed(entrance.mailbox, email, /\/invitation#(\S+)/))[1];
  await Api.visitor(entrance).post('/v1/invitations/accept', {
    token,
    name: 'Vera Lane',
    password: entrance.demoPassword,
  });
}

/** An application that waits for an operator. */
async function application(entrance: Entrance): Promise<void> {
  await Api.visitor(entrance).post('/v1/signups', {
    company_name: 'Birch & Stone',
    slug: 'birch',
    admin_name: 'Bea Stone',
    email: 'bea@birch.test',
    password: PASSWORD,
  });
}

function id(record: Record<string, unknown> | undefined): string {
  return String(record?.['id']);
}
