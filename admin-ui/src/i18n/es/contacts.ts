import type { Same } from '../messages';
import type { contacts as english } from '../en/contacts';

export const contacts = {} as const satisfies Same<typeof english>;
