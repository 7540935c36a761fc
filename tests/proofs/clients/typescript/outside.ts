// What is not Keystead's API: the mailbox of this machine, the storage that a presigned URL leads to, files on disk.

/** A variable that the proof sets. */
export function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

/** Waits for a mail to `address` and returns the token of its link. */
export async function mailed(address: string, prefix: string): Promise<string> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const answer = await fetch(`${given("KEYSTEAD_MAILBOX_URL")}/api/mails?to=${encodeURIComponent(address)}`);
    for (const mail of (await answer.json()) as { text: string }[]) {
      const token = new RegExp(`${prefix}[A-Za-z0-9_-]{48}`).exec(mail.text);
      if (token) return token[0];
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error(`no mail came to ${address}`);
}

/** Sends a file exactly as the API said. */
export async function upload(to: { method: string; url: string; headers: Record<string, string> }, file: Uint8Array<ArrayBuffer>) {
  const answer = await fetch(to.url, { method: to.method, headers: to.headers, body: file });
  if (!answer.ok) throw new Error(`the storage answered ${answer.status}: ${await answer.text()}`);
}

/** Gets what a link leads to. */
export async function download(url: string): Promise<Uint8Array> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the storage answered ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}
