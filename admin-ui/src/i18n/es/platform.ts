import type { Same } from '../messages';
import type { platform as english } from '../en/platform';

export const platform = {} as const satisfies Same<typeof english>;
