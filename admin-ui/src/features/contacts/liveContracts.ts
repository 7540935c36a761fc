import type { ApiProblem } from '@/api/problem';

export interface LiveContract {
  id: string;
  number: string;
}

/** The contracts that a refused erasure names: the problem has them in its text only, `ctr_… (no. 12), …`. */
export function liveContracts({ detail }: Pick<ApiProblem, 'detail'>): LiveContract[] {
  const named = (detail ?? '').matchAll(/(ctr_\w+) \(no\. (\d+)\)/g);
  return [...named].map(([, id = '', number = '']) => ({ id, number }));
}
