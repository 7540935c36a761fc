/** What an event of the platform says, on a line: `reason: unpaid · slug: acme`. */
export function detailText(detail: unknown): string {
  if (detail === null || detail === undefined) return '';
  if (typeof detail !== 'object') return String(detail as string | number | boolean);
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => {
      const shown = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number);
      return `${name.replaceAll('_', ' ')}: ${shown}`;
    })
    .join(' · ');
}
