// What crosses between wasm and JavaScript costs time, so heads cross as one text: a line of name, a line of value, and so on.

export function head(message) {
  let text = "";
  for (const [name, value] of message.headers) text += name + "\n" + value + "\n";
  return text;
}

export function headers(text) {
  const made = new Headers();
  const lines = text.split("\n");
  for (let i = 0; i + 1 < lines.length; i += 2) made.append(lines[i], lines[i + 1]);
  return made;
}

// A line of names to delete, then what to add.
export function change(fields, text) {
  const lines = text.split("\n");
  if (lines[0]) for (const name of lines[0].split(" ")) fields.delete(name);
  for (let i = 1; i + 1 < lines.length; i += 2) fields.append(lines[i], lines[i + 1]);
}

// `patience`: milliseconds until the head of the answer must be here. The body may take its time.
export async function inTime(patience, ask) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), patience);
  try {
    return await ask(control.signal);
  } finally {
    clearTimeout(timer);
  }
}

// `patience` as above, or 0 for no limit.
export async function send(fetcher, url, method, fields, body, patience) {
  const init = { method, headers: headers(fields), body, redirect: "manual", cache: "no-store" };
  const service = fetcher ?? globalThis;
  return patience ? inTime(patience, (signal) => service.fetch(url, { ...init, signal })) : service.fetch(url, init);
}

// The whole body of a message, or undefined if it is longer than `most` bytes. Nothing more is read then.
export async function whole(message, most) {
  if (!message.body) return new Uint8Array();
  const length = message.headers.get("content-length");
  if (length !== null) return Number(length) > most ? undefined : new Uint8Array(await message.arrayBuffer());
  const parts = [];
  let size = 0;
  for await (const part of message.body) {
    size += part.byteLength;
    if (size > most) return undefined;
    parts.push(part);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

// An answer with `body`, which may be that of another answer: it is passed on while it arrives.
export function answer(status, fields, body) {
  return new Response(body, { status, headers: headers(fields) });
}

// An answer that opens the socket of `other`.
export function switched(other, fields) {
  return new Response(null, { status: 101, webSocket: other.webSocket, headers: headers(fields) });
}

// Names are hashed to ids, which costs more than remembering them.
const ids = new Map();

export function stub(env, kind, name) {
  const namespace = env[kind];
  const key = `${kind}/${name}`;
  let id = ids.get(key);
  if (!id) {
    if (ids.size >= 10_000) ids.clear();
    ids.set(key, (id = namespace.idFromName(name)));
  }
  return namespace.get(id);
}
