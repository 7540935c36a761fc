import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** National form for one's own country code, international otherwise. A chunk of its own: the metadata is large. */
export function formatPhone(number: string): string {
  const parsed = parsePhoneNumberFromString(number);
  if (!parsed) return number;
  const region = navigator.language.split('-')[1];
  return region && parsed.country === region ? parsed.formatNational() : parsed.formatInternational();
}
