/** IANA time zones, as this browser knows them. */
export function timeZones(): string[] {
  return Intl.supportedValuesOf('timeZone');
}

/** ISO 4217 codes, those of our markets first. */
export function currencies(): string[] {
  const first = ['USD', 'CAD', 'MXN', 'EUR', 'GBP', 'AUD'];
  return [...first, ...Intl.supportedValuesOf('currency').filter((code) => !first.includes(code))];
}

/** Languages and regions for numbers and dates. */
export const locales = ['en-US', 'en-CA', 'en-GB', 'en-AU', 'es-US', 'es-MX', 'es-ES', 'fr-CA'];

/** The choices, with what is set already even if this browser does not know it. */
export function choices(known: string[], current: string | null | undefined): string[] {
  return current && !known.includes(current) ? [current, ...known] : known;
}

/** Codes with their names in the reader's language: `USD · US dollar`, `English (Canada)`. */
export function named(type: 'currency' | 'language', values: string[], locale: string) {
  const names = new Intl.DisplayNames(locale, { type });
  const label = (value: string) => {
    const name = names.of(value) ?? value;
    return type === 'currency' ? `${value} · ${name}` : name;
  };
  return values.map((value) => ({ value, label: label(value) }));
}
