import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { ApiProblem } from '@/api/problem';
import { useFieldErrors } from './formProblems';
import { useProblemWords } from './problemWords';

interface Options {
  onDone: () => void;
  /** The form's field of a pointer's path, where they differ. */
  paths?: Record<string, string>;
  /** The form's field that a kind of refusal is about: `{ 'phase-name-taken': 'name' }`. */
  kinds?: Record<string, string>;
  /** The mutation shows what is not about a field: {@link useVersionedPatch} does. */
  shown?: boolean;
}

/** Sends a form; puts what was refused at its fields. After a conflict the form closes: the dialog has the rest. */
export function useSend<V extends Record<string, unknown>>(form: UseFormReturnType<V>, options: Options) {
  const [busy, setBusy] = useState(false);
  const words = useProblemWords();
  const fieldErrors = useFieldErrors();
  const { onDone, paths = {}, kinds = {}, shown = false } = options;
  const refused = (error: unknown) => {
    const field = error instanceof ApiProblem ? kinds[error.kind] : undefined;
    if (field && error instanceof ApiProblem) form.setFieldError(field, words(error).title);
    else if (error instanceof ApiProblem && error.status === 412) onDone();
    else if (!shown || (error instanceof ApiProblem && error.fields.length > 0)) fieldErrors(form, error, paths);
  };
  const send = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    try {
      await work();
      onDone();
    } catch (error) {
      refused(error);
    } finally {
      setBusy(false);
    }
  };
  return { busy, send };
}

/** The fields that differ from what the form began with: a patch names no others. */
export function changesOf<V extends Record<string, unknown>>(before: V, after: V): Partial<V> {
  const changed = Object.entries(after).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field]),
  );
  return Object.fromEntries(changed) as Partial<V>;
}
