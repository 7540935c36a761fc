import { useTranslations } from 'use-intl';
import type { TenantPlan } from '@/api/schema';

export const PLANS: TenantPlan[] = ['trial', 'standard', 'scale'];

/** A plan's name in the reader's language; an unknown one as the server says it. */
export function usePlanName() {
  const t = useTranslations('platform.plans');
  return (plan: string) => {
    const known = PLANS.find((known) => known === plan);
    return known ? t(known) : plan;
  };
}
