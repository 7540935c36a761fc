import { useTranslations } from 'use-intl';

const PRESETS = ['admin', 'sales_agent', 'escrow_coord', 'vp_sales', 'viewer'] as const;

/** A preset role's name in the reader's language; other roles by their title. */
export function useRoleName() {
  const t = useTranslations('common.role');
  return (key: string, title?: string) => {
    const preset = PRESETS.find((preset) => preset === key);
    return preset ? t(preset) : (title ?? key);
  };
}
