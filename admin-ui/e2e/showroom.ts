import { expect, inject } from 'vitest';
import { Api } from './api';
import { applicant } from './people';

const BUYERS = [
  'Amara Nwosu',
  'Ben Halvorsen',
  'Carla Jiménez',
  'Derek Osei',
  'Elena Popov',
  'Farid Rahimi',
  'Gwen Larkin',
  'Hiro Tanaka',
  'Isla Moreau',
  'Jakub Zieliński',
  'Kavya Iyer',
  'Liam Donovan',
  'Mei Chen',
  'Noor Haddad',
  'Oscar Lindgren',
  'Paula Ferreira',
  'Quinn Abbott',
  'Rosa Delgado',
  'Samir Patel',
  'Tess Vandermeer',
];
const BUILDERS = [
  ['cedar', 'Cedar & Pine Homes'],
  ['lakeside', 'Lakeside Communities'],
  ['mesa', 'Mesa Verde Builders'],
  ['northgate', 'Northgate Residential'],
] as const;
const PASSWORD = 'amber-Harbor-9-quiet-slope';

interface Home {
  id: string;
  price: { amount_minor: number; currency: string };
}

/** Sales spread over the buildings: some drafts, more that wait, most approved; a few below the list price. */
async function sell(): Promise<void> {
  const platform = inject('platform');
  const [agent, vp] = [await Api.demo(platform, 'agent'), await Api.demo(platform, 'vp')];
  const homes = (await agent.list('/v1/units?status=available&limit=200')) as unknown as Home[];
  for (const [place, name] of BUYERS.entries()) {
    const { id: unit_id, price } = homes[(place * 7 + 3) % homes.length]!;
    const asked =
      place % 3 === 0 ? { ...price, amount_minor: Math.round((price.amount_minor * 0.985) / 50_000) * 50_000 } : price;
    const contact = {
      name,
      email: `${name.split(' ')[0]!.toLowerCase()}@buyers.test`,
      phone: `+14155550${120 + place}`,
      address: {
        line1: `${100 + place} Alder Street`,
        city: 'Riverton',
        region: 'CA',
        postal_code: '94111',
        country: 'US',
      },
    };
    const { id } = await agent.post('/v1/contracts', { unit_id, price: asked, buyers: [{ contact }] });
    if (place % 5 === 0) continue;
    await agent.post(`/v1/contracts/${String(id)}/submit`);
    if (place % 4 !== 1) await vp.post(`/v1/contracts/${String(id)}/approve`);
  }
}

/** Builders beside the demo's, and one whose application waits. */
async function build(): Promise<void> {
  const operator = await Api.operator(inject('platform'));
  for (const [slug, company] of BUILDERS) await applicant(slug, company, PASSWORD);
  await applicant('orchard', 'Orchard Lane Homes', PASSWORD);
  const signups = await operator.list('/v1/platform/signups');
  const idOf = (slug: string) => String(signups.find((one) => one['slug'] === slug)?.['id']);
  for (const [slug] of BUILDERS) await operator.post(`/v1/platform/signups/${idOf(slug)}/approve`);
  const states = async () => (await operator.list('/v1/platform/tenants')).map(({ state }) => state);
  await expect
    .poll(async () => (await states()).filter((state) => state === 'active').length)
    .toBe(BUILDERS.length + 1);
  const mesa = (await operator.list('/v1/platform/tenants')).find(({ slug }) => slug === 'mesa');
  await operator.post(`/v1/platform/tenants/${String(mesa?.['id'])}/suspend`, { reason: 'Invoices are unpaid.' });
}

/** What pictures show: a month of sales rather than a day of them. */
export async function dress(): Promise<void> {
  await Promise.all([sell(), build()]);
}
