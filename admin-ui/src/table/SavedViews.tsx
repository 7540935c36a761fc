import { Button } from '@mantine/core';
import { IconBookmark } from '@tabler/icons-react';
import { lazy } from 'react';
import { useTranslations } from 'use-intl';
import { OnDemand } from '@/ui/OnDemand';
import { same, useViews, type Search } from './views';

const loadMenu = () => import('./SavedViewsMenu');
const SavedViewsMenu = lazy(loadMenu);

interface Props {
  /** Names the list, such as `contracts`. */
  list: string;
  /** The search parameters of the page; only those that the URL may show. */
  search: Search;
  onApply: (search: Search) => void;
}

/** Filters and sorting under a name, for oneself in this browser. */
export function SavedViews({ list, search, onApply }: Props) {
  const t = useTranslations('common.views');
  const kept = useViews(list);
  const current = kept.views.find((view) => same(view.search, search));
  return (
    <OnDemand
      load={loadMenu}
      button={
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconBookmark size={14} aria-hidden />}>
          {current?.name ?? t('title')}
        </Button>
      }
      menu={(target, opening) => (
        <SavedViewsMenu target={target} kept={kept} current={current} search={search} onApply={onApply} {...opening} />
      )}
    />
  );
}
