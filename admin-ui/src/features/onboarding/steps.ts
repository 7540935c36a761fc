import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { contractList } from '@/api/queries/contracts';
import { filesOf } from '@/api/queries/files';
import { invitationList } from '@/api/queries/invitations';
import { useCan, useMe } from '@/api/queries/me';
import { everyMember } from '@/api/queries/members';
import { everyProject } from '@/api/queries/projects';
import { unitList } from '@/api/queries/units';
import { rowsOf } from '@/api/paging';
import type { ProjectOut } from '@/api/schema';

export const STEPS = ['company', 'project', 'homes', 'plans', 'people', 'contract'] as const;
export type StepName = (typeof STEPS)[number];
export type StepState = 'done' | 'skipped' | 'open';

/** How far a builder is, read from what is there: so it goes on anywhere, on any device. */
export interface Progress {
  ready: boolean;
  error: Error | null;
  states: Record<StepName, StepState>;
  project: ProjectOut | undefined;
  /** The first step that is neither done nor skipped. */
  next: StepName | undefined;
}

export function useProgress(): Progress & ReturnType<typeof useMarks> {
  const marks = useMarks();
  const projects = useQuery(everyProject());
  const project = projects.data?.find(({ state }) => state === 'active') ?? projects.data?.[0];
  const here = { enabled: project !== undefined };
  const homes = useInfiniteQuery({ ...unitList({ project_id: project?.id }), ...here });
  const mayFiles = useCan('files.read');
  const files = useQuery({ ...filesOf({ project_id: project?.id ?? '' }), enabled: here.enabled && mayFiles });
  const mayMembers = useCan('members.read');
  const members = useQuery({ ...everyMember(), enabled: mayMembers });
  const invited = useInfiniteQuery({ ...invitationList(), enabled: mayMembers });
  const contracts = useInfiniteQuery({ ...contractList({}), enabled: useCan('contracts.read') });

  const done: Record<StepName, boolean> = {
    company: marks.marked.includes('company') || project !== undefined,
    project: project !== undefined,
    homes: rowsOf(homes.data).length > 0,
    plans: (files.data?.length ?? 0) > 0,
    people: (members.data?.length ?? 0) > 1 || rowsOf(invited.data).length > 0,
    contract: rowsOf(contracts.data).length > 0,
  };
  const states = Object.fromEntries(
    STEPS.map((step) => [step, done[step] ? 'done' : marks.marked.includes(step) ? 'skipped' : 'open']),
  ) as Record<StepName, StepState>;
  // What is not asked for, because it is not there yet or not allowed, is not waited for.
  const waiting = [projects, homes, files, members, invited, contracts].some(({ isLoading }) => isLoading);
  return {
    ...marks,
    ready: !waiting && projects.data !== undefined,
    error: projects.error,
    states,
    project,
    next: STEPS.find((step) => states[step] === 'open'),
  };
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The steps that were left out, and the one that leaves no trace elsewhere; by name, in this browser. */
function useMarks() {
  const key = `keystead-onboarding:${useMe()?.membership?.tenant_id ?? ''}`;
  const text = useSyncExternalStore(subscribe, () => localStorage.getItem(key) ?? '');
  const marked = STEPS.filter((step) => text.split(',').includes(step));
  const mark = (step: StepName) => {
    localStorage.setItem(key, [...new Set([...marked, step])].join(','));
    for (const listener of listeners) listener();
  };
  return { marked, mark };
}
