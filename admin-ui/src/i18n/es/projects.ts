import type { Same } from '../messages';
import type { projects as english } from '../en/projects';

export const projects = {} as const satisfies Same<typeof english>;
