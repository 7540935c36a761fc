import type { Same } from '../messages';
import type { dashboard as english } from '../en/dashboard';

export const dashboard = {} as const satisfies Same<typeof english>;
