import type { Same } from '../messages';
import type { homes as english } from '../en/homes';

export const homes = {} as const satisfies Same<typeof english>;
