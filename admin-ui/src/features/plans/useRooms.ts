import { useTranslations } from 'use-intl';
import type { PlanOut } from '@/api/schema';

/** `2 bd · 1.5 ba · 1,068 sq ft`, without what is not known. */
export function useRooms() {
  const t = useTranslations('projects.plans');
  return ({ bedrooms, bathrooms, half_bathrooms, square_feet }: PlanOut): string =>
    [
      bedrooms === null ? null : t('beds', { count: bedrooms }),
      bathrooms === null ? null : t('baths', { count: bathrooms + (half_bathrooms ?? 0) / 2 }),
      square_feet === null ? null : t('square_feet', { count: square_feet }),
    ]
      .filter(Boolean)
      .join(' · ');
}
