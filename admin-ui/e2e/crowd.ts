import { inject } from 'vitest';
import { Api } from './api';

const AT_ONCE = 16;
const FIRST = [
  'Ada',
  'Bo',
  'Cleo',
  'Dag',
  'Esme',
  'Finn',
  'Greta',
  'Hal',
  'Ida',
  'Jo',
  'Kim',
  'Lou',
  'Mara',
  'Nils',
  'Ola',
];
const LAST = [
  'Quist',
  'Rowe',
  'Sato',
  'Tran',
  'Ueda',
  'Vance',
  'Wirth',
  'Xu',
  'Yates',
  'Zorn',
  'Abara',
  'Byrne',
  'Cole',
];

/** Whom a search has to find among all others. */
export const RARE = 'Zelda Vanterpool';

/** Another project, so that there is something to filter by, with contacts of its own. */
export interface Crowd {
  project: string;
  contacts: number;
}

const nameOf = (place: number) => `${FIRST[place % FIRST.length]} ${LAST[place % LAST.length]}`;

/** Somebody else's turn: a session's token is good for minutes. */
const A_TURN = 5_000;

/** The contacts from one place to another, several at once. */
async function make(project_id: string, from: number, to: number): Promise<void> {
  const vp = await Api.demo(inject('platform'), 'vp');
  let made = from;
  const next = async (): Promise<void> => {
    while (made < to) {
      const place = made;
      made += 1;
      const [email, phone] = [`person.${place}@example.test`, `+1415${String(2_000_000 + place)}`];
      await vp.post('/v1/contacts', { project_id, name: place === 0 ? RARE : nameOf(place), email, phone });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

/** So many contacts, made as any client makes them: each is encrypted by itself, so there is no quicker way. */
export async function gather(count: number): Promise<Crowd> {
  const platform = inject('platform');
  const admin = await Api.demo(platform, 'admin');
  const zone = { currency: 'USD', time_zone: 'America/Los_Angeles' };
  const harbor = await admin.post('/v1/projects', { name: 'Harbor', code: 'HARBOR', ...zone });
  const others = { project: String(harbor['id']), contacts: 40 };
  await make(others.project, 1, 1 + others.contacts);
  const rest = count - others.contacts;
  for (let from = 0; from < rest; from += A_TURN) {
    await make(platform.records.project, from, Math.min(from + A_TURN, rest));
  }
  return others;
}
