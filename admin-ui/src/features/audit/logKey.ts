import { useQuery } from '@tanstack/react-query';
import { auditKey } from '@/api/queries/audit';
import { useVerified } from './verified';

/** Is this another key than the one that the browser trusts? */
export const isStrange = (told: string | undefined, keys: readonly string[]) =>
  told !== undefined && keys.length > 0 && told !== keys.at(-1);

/** The log's key: the one that this browser trusts, and as long as it trusts none the one that the API tells. */
export function useLogKey() {
  const [known, keep] = useVerified();
  const told = useQuery(auditKey()).data?.key;
  const keys = known?.keys ?? [];
  return {
    key: keys.at(-1) ?? told,
    /** What the API tells in its place. */
    strange: isStrange(told, keys) ? told : undefined,
    accept: (key: string) => {
      // The keys of before stay: they signed what is older.
      if (known) keep({ ...known, keys: [...keys.filter((other) => other !== key), key] });
    },
  };
}
