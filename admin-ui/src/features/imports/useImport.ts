import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { buildingKeys } from '@/api/queries/buildings';
import { elevationKeys } from '@/api/queries/elevations';
import { importErrors, importKeys, resumeImport, sendImport } from '@/api/queries/imports';
import { phaseKeys } from '@/api/queries/phases';
import { planKeys } from '@/api/queries/plans';
import { unitKeys } from '@/api/queries/units';
import type { ImportErrorOut, ImportOut, ImportReport } from '@/api/schema';
import type { Sheet } from './sheet';

/** What came of sending a file. */
export interface Outcome {
  report: ImportReport;
  errors: ImportErrorOut[];
}

interface Order {
  sheet: Sheet;
  mappingId: string | undefined;
  releasePhases: boolean;
  dryRun: boolean;
}

/** Sends a spreadsheet to a project, to be checked or to be imported, and keeps what came of it. */
export function useImport(projectId: string) {
  const client = useQueryClient();
  const [busy, setBusy] = useState<'checking' | 'importing' | null>(null);
  const [problem, setProblem] = useState<unknown>(null);

  const finish = async (report: ImportReport): Promise<Outcome> => {
    // The report has the first hundred.
    const all = report.errors.length < 100 ? report.errors : await client.fetchQuery(importErrors(report.id));
    return { report, errors: all };
  };

  const run = async (kind: 'checking' | 'importing', work: () => Promise<ImportReport>): Promise<Outcome | null> => {
    setBusy(kind);
    setProblem(null);
    try {
      return await finish(await work());
    } catch (error) {
      setProblem(error);
      return null;
    } finally {
      setBusy(null);
      void client.invalidateQueries({ queryKey: importKeys.all });
      if (kind === 'importing')
        for (const { all } of [unitKeys, phaseKeys, buildingKeys, planKeys, elevationKeys])
          void client.invalidateQueries({ queryKey: all });
    }
  };

  const send = ({ sheet, mappingId, releasePhases, dryRun }: Order) =>
    run(dryRun ? 'checking' : 'importing', () =>
      sendImport({
        projectId,
        mappingId,
        fileName: sheet.fileName.slice(0, 200),
        dryRun,
        releasePhases,
        content: sheet.content,
      }),
    );
  const resume = (broken: ImportOut, sheet: Sheet) => run('importing', () => resumeImport(broken.id, sheet.content));
  return { busy, problem, send, resume, forget: () => setProblem(null) };
}
