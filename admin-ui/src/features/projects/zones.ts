import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';

dayjs.extend(utc);
dayjs.extend(timezone);

const LOCAL = 'YYYY-MM-DDTHH:mm';

/** What `<input type="datetime-local">` shows of an instant, by a zone's clock. */
export function toLocal(instant: string | null, zone: string): string {
  return instant ? dayjs(instant).tz(zone).format(LOCAL) : '';
}

/** The instant of what such an input says; null when it is empty. */
export function fromLocal(local: string, zone: string): string | null {
  return local ? dayjs.tz(local, zone).toISOString() : null;
}
