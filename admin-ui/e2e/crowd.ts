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

/** So many contacts, made as any client makes them; no others are quicker, because each is encrypted by itself. */
export async function gather(count: number): Promise<Crowd> {
  const platform = inject('platform');
  const [admin, vp] = [await Api.demo(platform, 'admin'), await Api.demo(platform, 'vp')];
  const harbor = await admin.post('/v1/projects', {
    name: 'Harbor',
    code: 'HARBOR',
    currency: 'USD',
    time_zone: 'America/Los_Angeles',
  });
  const others = { project: String(harbor['id']), contacts: 40 };
  let made = 0;
  const next = async (): Promise<void> => {
    while (made < count) {
      const place = made;
      made += 1;
      const project_id = place < others.contacts ? others.project : platform.records.project;
      const name = place === others.contacts ? RARE : `${FIRST[place % FIRST.length]} ${LAST[place % LAST.length]}`;
      const phone = `+1415${String(2_000_000 + place)}`;
      await vp.post('/v1/contacts', { project_id, name, email: `person.${place}@example.test`, phone });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return others;
}
