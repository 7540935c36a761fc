import type { Same } from '../messages';
import type { members as english } from '../en/members';

export const members = {} as const satisfies Same<typeof english>;
