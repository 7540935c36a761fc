import type { EventOut } from '@/api/schema';

/** Events in a row that say the same of the same person: `Contact created ×7`. */
export interface Run {
  newest: EventOut;
  count: number;
}

/** Puts neighbours together that differ only in what they happened to. */
export function runsOf(events: EventOut[]): Run[] {
  const runs: Run[] = [];
  for (const event of events) {
    const last = runs.at(-1);
    if (last && last.newest.action === event.action && last.newest.actor.id === event.actor.id) last.count += 1;
    else runs.push({ newest: event, count: 1 });
  }
  return runs;
}
