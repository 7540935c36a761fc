import type { Same } from '../messages';
import type { contracts as english } from '../en/contracts';

export const contracts = {} as const satisfies Same<typeof english>;
