import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useStatusWord } from '@/ui/StatusBadge';
import { everyProject } from '@/api/queries/projects';
import type { BuyerOut, ContractOut, ProjectOut } from '@/api/schema';

/** The member's projects by id. */
export function useProjects(): Map<string, ProjectOut> {
  const { data } = useQuery(everyProject());
  return useMemo(() => new Map(data?.map((project) => [project.id, project])), [data]);
}

/** How people call a contract: its project's code and its number, `FUSION-14`. */
export function useContractName(): (contract: Pick<ContractOut, 'project_id' | 'number'>) => string {
  const projects = useProjects();
  return ({ project_id, number }) => {
    const code = projects.get(project_id)?.code;
    return code ? `${code}-${number}` : `#${number}`;
  };
}

/** A party's initials; the API says `Erased` in English for who is nobody any more, and nothing to whom it may not tell. */
export function useBuyerName(): (buyer: Pick<BuyerOut, 'name'>) => string {
  const word = useStatusWord();
  return ({ name }) => (name === ERASED ? word('erased') : (name ?? '•'));
}

/** What stands for a person who was erased. */
export const ERASED = 'Erased';
