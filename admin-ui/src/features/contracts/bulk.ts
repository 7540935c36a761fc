import { useState } from 'react';
import { ApiProblem } from '@/api/problem';
import { moveContract, type Step } from '@/api/queries/contracts';
import { repeatAfter } from '@/api/queryClient';
import type { ContractOut } from '@/api/schema';

/** What became of one row: undefined while it waits. */
export type Outcome = 'done' | Error | undefined;

/** At once; a member has 100 requests a minute. */
const LANES = 3;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Moves one; waits and tries again when there were too many requests. */
async function moveOne(id: string, step: Step): Promise<Outcome> {
  try {
    await moveContract(id, step);
    return 'done';
  } catch (error) {
    if (!(error instanceof ApiProblem)) return error as Error;
    if (error.status !== 429) return error;
    await wait(repeatAfter(0, error));
    return moveOne(id, step);
  }
}

/** Moves contracts one by one, a few at a time, and says of each what became of it. */
export function useBulkMove(contracts: readonly ContractOut[]) {
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [running, setRunning] = useState(false);
  const run = async (step: Step): Promise<void> => {
    setRunning(true);
    const queue = [...contracts];
    const lane = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { id } = next;
        const outcome = await moveOne(id, step);
        setOutcomes((known) => new Map(known).set(id, outcome));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    setRunning(false);
  };
  return { outcomes, running, run, finished: outcomes.size === contracts.length };
}
