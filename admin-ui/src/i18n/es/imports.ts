import type { Same } from '../messages';
import type { imports as english } from '../en/imports';

export const imports = {} as const satisfies Same<typeof english>;
