import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { strToU8, zipSync } from 'fflate';
import { Blob as NodeBlob } from 'node:buffer';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ColumnMapping } from '@/api/schema';
import { session } from '@/auth/session';
import { page, site } from '@/features/homes/samples';
import { bodyOf, showStory } from '@/stories/render';
import { past } from './ImportPage.stories';
import { fits, guess, isPlain, samples, valueOf } from './mapping';
import { readSheet, withCell } from './sheet';

vi.setConfig({ testTimeout: 30_000 });
afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

const csv = (text: string | Uint8Array<ArrayBuffer>) => new File([text], 'homes.csv', { type: 'text/csv' });

describe('reading', () => {
  it('finds the header below blank lines and keeps the rows’ numbers', async () => {
    const sheet = await readSheet(csv('\nUnit;Price\n\n101;5\n'));
    expect(sheet).toMatchObject({ header: ['Unit', 'Price'], headerRow: 2, count: 1, whole: true });
    expect(sheet.cells[3]).toEqual(['101', '5']);
  });

  it('reads what Windows writes', async () => {
    const sheet = await readSheet(csv(new Uint8Array([0x4e, 0x0a, 0x50, 0xf1, 0x61, 0x0a])));
    expect(sheet.cells[1]).toEqual(['Pña']);
  });

  it('sends a mended cell, quoted where it must be', async () => {
    const sheet = withCell(await readSheet(csv('Unit,Price\n101,TBD\n')), 2, 1, '650,000');
    expect(await sheet.content.text()).toBe('Unit,Price\n101,"650,000"\n');
  });

  it('refuses a file without rows', async () => {
    await expect(readSheet(csv('Unit,Price\n'))).rejects.toMatchObject({ why: 'empty' });
  });

  it('reads the first sheet of a workbook', async () => {
    const sheet = await readSheet(
      new File(
        [
          workbook([
            ['Unit', 'Price'],
            ['101', 650000],
          ]),
        ],
        'homes.xlsx',
      ),
    );
    expect(sheet.cells).toEqual([
      ['Unit', 'Price'],
      ['101', '650000'],
    ]);
    expect(await sheet.content.text()).toBe('Unit,Price\n101,650000');
  });

  it('refuses what only claims to be a workbook', async () => {
    await expect(readSheet(new File(['nope'], 'homes.xlsx'))).rejects.toMatchObject({ why: 'unreadable' });
  });
});

describe('columns', () => {
  it('are guessed from how builders call them', () => {
    expect(guess(['Unit #', 'Release', 'List Price', 'Sq. Ft.', 'Colour'])).toEqual({
      number: { column: 'Unit #' },
      phase: { column: 'Release' },
      price: { column: 'List Price' },
      square_feet: { column: 'Sq. Ft.' },
    });
  });

  it('may be several with text between, empty when all are', () => {
    const header = ['Type', 'Style'];
    expect(valueOf({ template: '{Type} {Style}' }, header, ['1Fam', 'Ranch'])).toBe('1Fam Ranch');
    expect(valueOf({ template: '{Type} {Style}' }, header, ['', ' '])).toBe('');
  });

  it('show each value once', async () => {
    const sheet = await readSheet(csv('A\n1\n1\n2\n'));
    expect(samples({ column: 'A' }, sheet)).toEqual(['1', '2']);
  });

  it('need no mapping when the file’s names say it all', () => {
    const plain: ColumnMapping = { columns: { number: { column: 'Number' } } };
    expect(isPlain(plain)).toBe(true);
    expect(isPlain({ ...plain, price_unit: 'minor' })).toBe(false);
    expect(fits({ columns: { number: { template: '{A} {B}' } } }, ['a'])).toBe(false);
  });
});

const report = (imported: number, errors: object[] = []) => ({
  body: {
    ...past,
    state: 'finished',
    rows_read: imported + errors.length,
    rows_imported: imported,
    rows_refused: errors.length,
    errors,
  },
});

it('maps, checks, mends where it is wrong, and imports', async () => {
  // The one that jsdom has is not a body to Node's requests.
  vi.stubGlobal('Blob', NodeBlob);
  const bad = [{ row: 3, column: 'List Price', reason: 'must be an amount' }];
  const { sent } = await showStory({
    path: '/homes/import?project=prj_1',
    answers: {
      ...site,
      'GET /v1/imports': page(),
      'GET /v1/import-mappings': page(),
      'POST /v1/import-mappings': { body: { id: 'map_1', name: 'homes', mapping: { columns: {} }, created_at: '' } },
      'POST /v1/imports': ({ url }) => report(url.includes('dry_run=true') && !mended() ? 1 : 2, mended() ? [] : bad),
    },
    shows: 'Drop a spreadsheet here, or click to choose',
  });
  const posts = () => sent.filter(({ method, url }) => method === 'POST' && new URL(url).pathname === '/v1/imports');
  const mended = () => posts().length > 1;
  await userEvent.upload(
    document.querySelector<HTMLInputElement>('input[type=file]')!,
    csv('Unit #,Release,List Price\n101,A,600000\n102,A,TBD\n'),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Check the file' }));
  expect(await screen.findByText('1 of 2 rows are fine, 1 needs a look')).toBeInTheDocument();
  expect(await bodyOf(sent, 'POST /v1/import-mappings')).toMatchObject({
    name: 'homes',
    mapping: { columns: { price: { column: 'List Price' } } },
  });
  const cell = screen.getByRole('textbox', { name: 'Row 3, List Price' });
  await userEvent.clear(cell);
  await userEvent.type(cell, '610000');
  await userEvent.click(await screen.findByRole('button', { name: 'Check again' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Import 2 homes' }));
  expect(await screen.findByText('2 homes imported')).toBeInTheDocument();
  const last = new URL(posts().at(-1)!.url).searchParams;
  expect(Object.fromEntries(last)).toEqual({
    project_id: 'prj_1',
    mapping_id: 'map_1',
    dry_run: 'false',
    release_phases: 'false',
    file_name: 'homes.csv',
  });
  expect(await posts().at(-1)!.clone().text()).toContain('102,A,610000');
});

it('goes on where a broken import stopped', async () => {
  let begun = false;
  const { sent } = await showStory({
    path: '/homes/import?project=prj_1',
    answers: {
      ...site,
      'GET /v1/imports': () => page(...(begun ? [{ ...past, file_name: 'homes.csv', rows_read: 1 }] : [])),
      'GET /v1/import-mappings': page(),
      'POST /v1/imports': ({ url }) => {
        if (url.includes('dry_run=true')) return report(2);
        begun = true;
        return { problem: 500 };
      },
      'POST /v1/imports/imp_1/resume': report(2),
    },
    shows: 'Drop a spreadsheet here, or click to choose',
  });
  await userEvent.upload(
    document.querySelector<HTMLInputElement>('input[type=file]')!,
    csv('number,phase,price\n101,A,600000\n102,A,610000\n'),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Check the file' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Import 2 homes' }));
  expect(await screen.findByText(/It stopped after 1 of 2 rows/)).toBeInTheDocument();
  await userEvent.click(await screen.findByRole('button', { name: 'Resume' }));
  expect(await screen.findByText('2 homes imported')).toBeInTheDocument();
  await waitFor(() => expect(sent.some(({ url }) => url.endsWith('/imp_1/resume'))).toBe(true));
});

/** The least that a spreadsheet program would open. */
function workbook(rows: (string | number)[][]): Uint8Array<ArrayBuffer> {
  const cell = (value: string | number) =>
    typeof value === 'number' ? `<c><v>${value}</v></c>` : `<c t="inlineStr"><is><t>${value}</t></is></c>`;
  const name = (column: number, row: number) => `${String.fromCharCode(65 + column)}${row + 1}`;
  const sheetRows = rows.map(
    (row, y) =>
      `<row r="${y + 1}">${row.map((value, x) => cell(value).replace('<c', `<c r="${name(x, y)}"`)).join('')}</row>`,
  );
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const files: Record<string, string> = {
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
    '_rels/.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${rel}"><sheets><sheet name="Homes" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><dimension ref="A1:B${rows.length}"/><sheetData>${sheetRows.join('')}</sheetData></worksheet>`,
  };
  return zipSync(Object.fromEntries(Object.entries(files).map(([path, xml]) => [path, strToU8(xml)]))).slice();
}
