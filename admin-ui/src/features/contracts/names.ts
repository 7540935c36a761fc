import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { everyProject } from '@/api/queries/projects';
import type { ContractOut, ProjectOut } from '@/api/schema';

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
