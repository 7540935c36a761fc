import type { Same } from '../messages';
import type { audit as english } from '../en/audit';

export const audit = {} as const satisfies Same<typeof english>;
