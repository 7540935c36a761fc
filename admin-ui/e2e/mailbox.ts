const PATIENCE_MS = 20_000;
const PAUSE_MS = 150;

/** Waits for a mail to an address whose text matches; the newest one's match. Mails are sent by a job, soon but not at once. */
export async function mailed(mailbox: string, to: string, pattern: RegExp): Promise<RegExpMatchArray> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${mailbox}/api/mails?to=${encodeURIComponent(to)}`);
    const mails = (await answer.json()) as { text: string }[];
    const found = mails.map((mail) => mail.text.match(pattern)).find((match) => match !== null);
    if (found) return found;
    await new Promise((again) => setTimeout(again, PAUSE_MS));
  }
  throw new Error(`no mail came to ${to}`);
}
