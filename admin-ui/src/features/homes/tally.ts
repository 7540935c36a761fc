import type { CellOut, Money, Status } from '@/api/schema';

/** In the order in which a salesperson asks. */
export const STATUSES = [
  'available',
  'offer',
  'pending_signature',
  'unreleased',
  'not_for_sale',
] as const satisfies Status[];

export interface Tally {
  all: number;
  by: Record<Status, number>;
  /** The lowest price of a home that is free. */
  from: Money | null;
  /** The sum of what is free, in the project's currency. */
  value: Money | null;
}

/** Counts homes of one project by status. */
export function tally(homes: CellOut[]): Tally {
  const by = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>;
  let from = null as Money | null;
  let value = null as Money | null;
  for (const { status, price } of homes) {
    by[status] += 1;
    if (status !== 'available') continue;
    if (!from || price.amount_minor < from.amount_minor) from = price;
    value = { currency: price.currency, amount_minor: (value?.amount_minor ?? 0) + price.amount_minor };
  }
  return { all: homes.length, by, from, value };
}

export interface Floor<Home extends CellOut> {
  /** Null when nobody said. */
  floor: number | null;
  homes: Home[];
}

export interface Stack<Home extends CellOut = CellOut> {
  buildingId: string | null;
  floors: Floor<Home>[];
  homes: Home[];
}

const order = new Intl.Collator(undefined, { numeric: true });

/** Homes by building, in the buildings' order, then by floor from the top; homes without a building come last. */
export function stacks<Home extends CellOut>(homes: Home[], buildingIds: Iterable<string>): Stack<Home>[] {
  const ids = [...buildingIds, null];
  return ids
    .map((buildingId) => {
      const inside = homes.filter((home) => home.building_id === buildingId);
      const floors = [...new Set(inside.map(({ floor }) => floor))].toSorted(
        (a, b) => (b ?? -Infinity) - (a ?? -Infinity),
      );
      const sorted = inside.toSorted((a, b) => order.compare(a.number, b.number));
      return {
        buildingId,
        homes: sorted,
        floors: floors.map((floor) => ({ floor, homes: sorted.filter((home) => home.floor === floor) })),
      };
    })
    .filter(({ homes }) => homes.length > 0);
}
