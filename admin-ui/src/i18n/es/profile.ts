import type { Same } from '../messages';
import type { profile as english } from '../en/profile';

export const profile = {} as const satisfies Same<typeof english>;
