import type { Same } from '../messages';
import type { files as english } from '../en/files';

export const files = {} as const satisfies Same<typeof english>;
