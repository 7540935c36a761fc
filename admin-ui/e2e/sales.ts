import { inject } from 'vitest';
import { Api } from './api';

/** Homes of this floor are sold by the flows themselves. */
const KEPT_FOR_AGENTS = /^33/;

/** A contract of a home of its own, taken as far as a flow needs it. */
export interface Sale {
  id: string;
  home: string;
  contact: string;
}

type Upto = 'draft' | 'submitted' | 'approved';

const idOf = (record: unknown) => String((record as { id: string }).id);

/** Flows run beside each other: two may want the same home, and the slower takes another. The one that screens show stays free. */
async function drafted(agent: Api, buyer: string): Promise<{ contract: Record<string, unknown>; home: string }> {
  const homes = await agent.list('/v1/units?status=available&limit=100');
  const shown = inject('platform').records.home;
  const free = homes.filter((home) => idOf(home) !== shown && !KEPT_FOR_AGENTS.test(String(home['number'])));
  const home = free[Math.floor(Math.random() * free.length)];
  const contact = { name: buyer, email: `${buyer.replaceAll(' ', '.').toLowerCase()}@buyers.test` };
  try {
    const contract = await agent.post('/v1/contracts', { unit_id: idOf(home), buyers: [{ contact }] });
    return { contract, home: String(home?.['number']) };
  } catch (error) {
    if (!String(error).includes(': 409 ')) throw error;
    return drafted(agent, buyer);
  }
}

export async function sale(buyer: string, upto: Upto): Promise<Sale> {
  const platform = inject('platform');
  const [agent, vp] = [await Api.demo(platform, 'agent'), await Api.demo(platform, 'vp')];
  const { contract, home } = await drafted(agent, buyer);
  const id = idOf(contract);
  if (upto !== 'draft') await agent.post(`/v1/contracts/${id}/submit`);
  if (upto === 'approved') await vp.post(`/v1/contracts/${id}/approve`);
  const [party] = contract['buyers'] as { contact_id: string }[];
  return { id, home, contact: party!.contact_id };
}
