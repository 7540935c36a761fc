import type { Same } from '../messages';
import type { signup as english } from '../en/signup';

export const signup = {} as const satisfies Same<typeof english>;
