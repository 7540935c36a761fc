/** The fields of a form that are not as they were: the body of a merge patch. */
export function changed<T extends object>(before: T, after: T): Partial<T> {
  const fields = (Object.keys(after) as (keyof T)[]).filter((field) => after[field] !== before[field]);
  return Object.fromEntries(fields.map((field) => [field, after[field]])) as Partial<T>;
}
