import { useMediaQuery } from '@mantine/hooks';

/** As wide as a phone, or less. */
export const PHONE = '(max-width: 640px)';

export function usePhone(): boolean {
  return useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false }) ?? false;
}
