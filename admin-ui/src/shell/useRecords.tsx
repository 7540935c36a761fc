import { useDebouncedValue } from '@mantine/hooks';
import { IconBuildingCommunity, IconFileText, IconHome, IconRuler2, IconUser, type Icon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { searchOptions } from '@/api/queries/search';
import type { HitKind, HitOut } from '@/api/schema';
import { place } from '@/auth/site';
import { useStatusWord } from '@/ui/StatusBadge';
import type { PaletteItem } from './palette';

type Word = 'project' | 'home' | 'plan' | 'contract' | 'contact';

const KINDS: Record<HitKind, { word: Word; icon: Icon; route: string; path: (hit: HitOut) => string }> = {
  project: {
    word: 'project',
    icon: IconBuildingCommunity,
    route: '/projects/$projectId',
    path: ({ id }) => `/projects/${id}`,
  },
  unit: { word: 'home', icon: IconHome, route: '/homes/$unitId', path: ({ id }) => `/homes/${id}` },
  plan: {
    word: 'plan',
    icon: IconRuler2,
    route: '/projects/$projectId/plans/$planId',
    path: ({ id, project_id }) => `/projects/${project_id}/plans/${id}`,
  },
  contract: {
    word: 'contract',
    icon: IconFileText,
    route: '/contracts/$contractId',
    path: ({ id }) => `/contracts/${id}`,
  },
  contact: { word: 'contact', icon: IconUser, route: '/contacts/$contactId', path: ({ id }) => `/contacts/${id}` },
};

/** How long somebody pauses when the word is typed. */
const PAUSE_MS = 140;

/** The records that match what was typed, as the palette shows them. */
export function useRecords(typed: string): { items: PaletteItem[]; searching: boolean; failed: Error | null } {
  const t = useTranslations('shell.palette');
  const status = useStatusWord();
  const navigate = useNavigate();
  const { routesByPath } = useRouter();
  const [query] = useDebouncedValue(typed.trim(), PAUSE_MS);
  const wanted = place.site === 'workspace' ? query : '';
  const { data, isFetching, error } = useQuery(searchOptions(wanted));
  const hits = wanted ? (data?.items ?? []) : [];
  const items = hits
    .filter(({ kind }) => KINDS[kind].route in routesByPath)
    .map((hit): PaletteItem => {
      const { word, icon: Icon, path } = KINDS[hit.kind];
      const number = hit.kind === 'contract' ? `#${hit.title}` : (hit.title ?? '–');
      return {
        id: hit.id,
        group: 'records',
        icon: <Icon size={16} stroke={1.6} aria-hidden />,
        label: number,
        detail: [hit.subtitle, hit.state && status(hit.state)].filter(Boolean).join(' · '),
        kind: t(word),
        run: () => void navigate({ to: path(hit) }),
      };
    });
  return { items, searching: isFetching || wanted !== typed.trim(), failed: wanted ? error : null };
}
