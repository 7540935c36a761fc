import type { Same } from '../messages';
import type { onboarding as english } from '../en/onboarding';

export const onboarding = {} as const satisfies Same<typeof english>;
