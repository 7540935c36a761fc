/** A person that was recognised in pasted text. */
export interface Pasted {
  line: number;
  email: string;
  name: string;
  /** As written; empty when the line names none. */
  role: string;
}

/** A line that cannot be used, and why. */
export interface BadLine {
  line: number;
  why: 'no_address' | 'twice';
}

const ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/;
const NAMED = /^"?([^"<]*?)"?\s*<\s*([^<>\s]+)\s*>$/;

/** Splits a line of CSV (comma, semicolon or tab), quotes respected. */
function cells(line: string): string[] {
  const found = line.match(/("([^"]|"")*"|[^,;\t])+/g) ?? [];
  return found.map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('""', '"')
      .trim(),
  );
}

function personOf(text: string): { email: string; name: string; role: string } | null {
  const named = NAMED.exec(text);
  if (named && ADDRESS.test(named[2]!)) return { name: named[1]!.trim(), email: named[2]!, role: '' };
  const parts = cells(text).filter((part) => part !== '');
  const mail = parts.findIndex((part) => ADDRESS.test(NAMED.exec(part)?.[2] ?? part));
  if (mail < 0) return null;
  const inner = NAMED.exec(parts[mail]!);
  return {
    email: inner?.[2] ?? parts[mail]!,
    name: inner?.[1]?.trim() || parts.slice(0, mail).join(' '),
    role: parts[mail + 1] ?? '',
  };
}

const isHeading = (line: string) => /e-?mail|correo/i.test(line) && !line.includes('@');

/** Reads pasted people: `Name <mail>`, an address alone, CSV, or several on a line after semicolons as mail programs write them. */
export function readPeople(text: string): { people: Pasted[]; bad: BadLine[] } {
  const people: Pasted[] = [];
  const bad: BadLine[] = [];
  const known = new Set<string>();
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    if (!whole.trim() || (index === 0 && isHeading(whole))) continue;
    const several = (whole.match(/@/g) ?? []).length > 1 ? whole.split(/(?<=@[^\s,;<>]+>?)\s*[;,]/) : [whole];
    for (const part of several) {
      const person = personOf(part.trim());
      if (!person) {
        if (part.trim()) bad.push({ line, why: 'no_address' });
      } else if (known.has(person.email.toLowerCase())) bad.push({ line, why: 'twice' });
      else {
        known.add(person.email.toLowerCase());
        people.push({ line, ...person });
      }
    }
  }
  return { people, bad };
}
