import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { buildingsOf } from '@/api/queries/buildings';
import { elevationsOf } from '@/api/queries/elevations';
import { phasesOf } from '@/api/queries/phases';
import { plansOf } from '@/api/queries/plans';
import type { BuildingOut, ElevationOut, PhaseOut, PlanOut } from '@/api/schema';

/** What a project is laid out with, by id: for the names that homes only refer to. */
export interface Layout {
  phases: Map<string, PhaseOut>;
  buildings: Map<string, BuildingOut>;
  plans: Map<string, PlanOut>;
  elevations: Map<string, ElevationOut>;
  ready: boolean;
}

/** Four short lists, kept for minutes and shared by all screens of the project. */
export function useLayout(projectId: string | undefined): Layout {
  const id = projectId ?? '';
  const enabled = projectId !== undefined;
  const phases = useQuery({ ...phasesOf(id), enabled });
  const buildings = useQuery({ ...buildingsOf(id), enabled });
  const plans = useQuery({ ...plansOf(id), enabled });
  const elevations = useQuery({ ...elevationsOf(id), enabled });
  const ready = [phases, buildings, plans, elevations].every(({ data }) => data !== undefined);
  return useMemo(
    () => ({
      phases: byId(phases.data),
      buildings: byId(buildings.data),
      plans: byId(plans.data),
      elevations: byId(elevations.data),
      ready,
    }),
    [phases.data, buildings.data, plans.data, elevations.data, ready],
  );
}

function byId<T extends { id: string }>(rows: T[] | undefined): Map<string, T> {
  return new Map(rows?.map((row) => [row.id, row]));
}
