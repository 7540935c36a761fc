import type { Same } from '../messages';
import type { settings as english } from '../en/settings';

export const settings = {} as const satisfies Same<typeof english>;
