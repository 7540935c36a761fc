import type { UseFormReturnType } from '@mantine/form';
import { ApiProblem } from '@/api/problem';
import { useFieldWords } from './problemWords';
import { showProblem } from './toast';

/** The form's path of a JSON pointer: `/buyers/0/email` → `buyers.0.email` (RFC 6901 escapes included). */
export function pathOf(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
}

interface Form<V extends Record<string, unknown>> extends Pick<UseFormReturnType<V>, 'setErrors'> {
  getInitialValues: () => V;
}

/**
 * Puts a refused request's field errors at their fields and shows the rest. `paths` maps a pointer's path to a form field
 * that is called otherwise, such as `{ 'price.amount_minor': 'price' }`.
 */
export function useFieldErrors() {
  const words = useFieldWords();
  return <V extends Record<string, unknown>>(
    form: Form<V>,
    error: unknown,
    paths: Record<string, string> = {},
  ): void => {
    if (!(error instanceof ApiProblem) || error.fields.length === 0) return showProblem(error);
    const errors: Record<string, string> = {};
    let strangers = 0;
    for (const problem of error.fields) {
      const path = pathOf(problem.pointer);
      const field = paths[path] ?? path;
      if (field.split('.')[0]! in form.getInitialValues()) errors[field] = words(problem);
      else strangers += 1;
    }
    form.setErrors(errors);
    if (strangers > 0) showProblem(error);
  };
}
