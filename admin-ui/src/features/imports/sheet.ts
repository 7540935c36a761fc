import Papa from 'papaparse';
import { fromWorkbook } from './workbook';

/** A spreadsheet in this browser: what is sent, and what can be shown of it. */
export interface Sheet {
  fileName: string;
  header: string[];
  /** The row of the header, as spreadsheet programs count. */
  headerRow: number;
  /** Every row of the file, the header and blank ones included: `cells[0]` is row 1. */
  cells: string[][];
  /** Rows with content below the header. */
  count: number;
  /** Whether `cells` is the whole file: of a large one only the beginning is read here. */
  whole: boolean;
  /** What is sent. */
  content: Blob;
}

export const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
/** Beyond this only the beginning of a file is looked at here; the server reads all of it. */
const LARGE_BYTES = 8 * 1024 * 1024;

/** Reads a file that people call a spreadsheet. Throws when it is not one. */
export async function readSheet(file: File): Promise<Sheet> {
  if (isWorkbook(file)) {
    const cells = await fromWorkbook(file);
    return sheetOf(file.name, cells, true, csvOf(cells));
  }
  const whole = file.size <= LARGE_BYTES;
  const text = decode(await (whole ? file : file.slice(0, LARGE_BYTES)).arrayBuffer());
  const { data } = Papa.parse<string[]>(text, { delimiter: delimiterOf(text) });
  // The last row of a beginning may be half of one.
  return sheetOf(file.name, whole ? data : data.slice(0, -1), whole, file);
}

/** The sheet with one cell changed. */
export function withCell(sheet: Sheet, row: number, column: number, value: string): Sheet {
  const cells = sheet.cells.with(row - 1, Object.assign([...(sheet.cells[row - 1] ?? [])], { [column]: value }));
  return { ...sheet, cells, content: csvOf(cells) };
}

export function isBlank(row: string[] | undefined): boolean {
  return !row || row.every((cell) => cell.trim() === '');
}

function sheetOf(fileName: string, cells: string[][], whole: boolean, content: Blob): Sheet {
  const first = cells.findIndex((row) => !isBlank(row));
  if (first < 0) throw new SheetError('empty');
  const header = (cells[first] ?? []).map((name) => name.trim());
  const count = cells.slice(first + 1).filter((row) => !isBlank(row)).length;
  if (count === 0) throw new SheetError('empty');
  return { fileName, header, headerRow: first + 1, cells, count, whole, content };
}

function isWorkbook(file: File): boolean {
  return file.type === WORKBOOK || /\.xlsx$/i.test(file.name);
}

/** What separates the columns. Blank lines would lead the guess astray. */
function delimiterOf(text: string): string {
  const beginning = { preview: 20, skipEmptyLines: 'greedy' as const, delimitersToGuess: [',', ';', '\t'] };
  return Papa.parse(text.trimStart(), beginning).meta.delimiter;
}

const csvOf = (cells: string[][]) => new Blob([Papa.unparse(cells, { newline: '\n' })], { type: 'text/csv' });

/** UTF-8, or what Windows writes: as the server tells them apart. */
function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Why a file cannot be taken. */
export class SheetError extends Error {
  readonly why: 'empty' | 'unreadable';

  constructor(why: 'empty' | 'unreadable') {
    super(why);
    this.why = why;
  }
}
