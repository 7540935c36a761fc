import type { CellValue } from 'read-excel-file/universal';
import { SheetError } from './sheet';

/** The first sheet of a workbook, as text. Its readers are a chunk of their own. */
export async function fromWorkbook(file: Blob): Promise<string[][]> {
  const [{ readSheet }, { unzipSync, zipSync }] = await Promise.all([
    import('read-excel-file/universal'),
    import('fflate'),
  ]);
  try {
    const entries = unzipSync(new Uint8Array(await file.arrayBuffer()));
    // Stored, not compressed: what is compressed it would unpack in a worker of a blob, which our policy refuses.
    const stored = zipSync(entries, { level: 0 });
    const rows = await readSheet(new Blob([stored.slice()]));
    return rows.map((row) => row.map(textOf));
  } catch {
    throw new SheetError('unreadable');
  }
}

function textOf(cell: CellValue | null): string {
  if (cell === null || cell === undefined) return '';
  return cell instanceof Date ? cell.toISOString().slice(0, 10) : String(cell);
}
