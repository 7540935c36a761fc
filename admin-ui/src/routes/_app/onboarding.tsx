import { createFileRoute } from '@tanstack/react-router';
import { everyProject } from '@/api/queries/projects';
import { settingsOptions } from '@/api/queries/settings';
import { OnboardingPage } from '@/features/onboarding/OnboardingPage';
import { STEPS, type StepName } from '@/features/onboarding/steps';

export const Route = createFileRoute('/_app/onboarding')({
  validateSearch: (raw: Record<string, unknown>): { step?: StepName } => {
    const step = STEPS.find((name) => name === raw['step']);
    return step ? { step } : {};
  },
  loader: ({ context: { queryClient } }) => {
    void queryClient.prefetchQuery(everyProject());
    void queryClient.prefetchQuery(settingsOptions);
  },
  component: function Onboarding() {
    return <OnboardingPage step={Route.useSearch().step} />;
  },
});
