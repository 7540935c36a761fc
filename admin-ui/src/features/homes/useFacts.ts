import { useTranslations } from 'use-intl';
import type { UnitOut } from '@/api/schema';
import type { Layout } from '@/features/projects/useLayout';

/** One line of a home: plan, rooms and, unless it is shown elsewhere, size. */
export function useFacts(layout: Layout) {
  const t = useTranslations('homes.short');
  return (home: UnitOut, withArea = true): string => {
    const plan = home.plan_id ? layout.plans.get(home.plan_id) : undefined;
    const { beds, baths, area } = roomsOf(home, layout);
    const parts = [
      plan?.name,
      beds === null ? null : t('beds', { count: beds }),
      baths === null ? null : t('baths', { count: baths }),
      area === null || !withArea ? null : t('square_feet', { count: area }),
    ];
    return parts.filter(Boolean).join(' · ');
  };
}

/** Rooms and size of a home: its own where they differ from its plan's. */
export function roomsOf(home: UnitOut, layout: Layout) {
  const plan = home.plan_id ? layout.plans.get(home.plan_id) : undefined;
  const full = plan?.bathrooms ?? null;
  const half = plan?.half_bathrooms ?? 0;
  return {
    beds: home.bedrooms ?? plan?.bedrooms ?? null,
    baths: full === null ? null : full + half / 2,
    area: home.square_feet ?? plan?.square_feet ?? null,
  };
}
