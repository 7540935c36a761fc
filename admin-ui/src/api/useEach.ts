import { useState } from 'react';
import { ApiProblem } from './problem';
import { repeatAfter } from './queryClient';

/** What became of one of many: undefined while it waits. */
export type Outcome = 'done' | Error | undefined;

/** Requests at once; a member has 100 a minute. */
const LANES = 3;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Does one; waits and tries again when there were too many requests. */
async function outcomeOf(work: () => Promise<unknown>): Promise<'done' | Error> {
  try {
    await work();
    return 'done';
  } catch (error) {
    if (!(error instanceof ApiProblem)) return error as Error;
    if (error.status !== 429) return error;
    await wait(repeatAfter(0, error));
    return outcomeOf(work);
  }
}

/** Does the same to many, a few at a time, and says of each by its key what became of it. */
export function useEach() {
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [running, setRunning] = useState(false);
  const run = async <T>(items: readonly T[], keyOf: (item: T) => string, work: (item: T) => Promise<unknown>) => {
    setRunning(true);
    const queue = [...items];
    const lane = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const item = next;
        const outcome = await outcomeOf(() => work(item));
        setOutcomes((known) => new Map(known).set(keyOf(item), outcome));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    setRunning(false);
  };
  const failed = [...outcomes.values()].filter((outcome) => outcome !== 'done').length;
  return { outcomes, running, run, failed };
}
