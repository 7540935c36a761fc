import type { ColumnMapping, MappingOut, Source } from '@/api/schema';
import { isBlank, type Sheet } from './sheet';

/** What is known of a home, in the order in which people think of it. */
export const FIELDS = [
  'number',
  'phase',
  'price',
  'building',
  'floor',
  'plan',
  'elevation',
  'bedrooms',
  'bathrooms',
  'square_feet',
  'address',
  'parcel',
  'currency',
  'not_for_sale_reason',
] as const;
export type Field = (typeof FIELDS)[number];
export const REQUIRED: readonly Field[] = ['number', 'phase', 'price'];

export type Columns = Partial<Record<Field, Source>>;

/** How builders call their columns, folded; the field's own name comes first. */
const NAMES: Record<Field, string[]> = {
  number: [
    'number',
    'unit',
    'unit no',
    'unit number',
    'lot',
    'lot no',
    'lot number',
    'homesite',
    'home',
    'no',
    'numero',
    'vivienda',
    'pid',
  ],
  phase: ['phase', 'release', 'release phase', 'fase', 'neighborhood'],
  price: ['price', 'list price', 'base price', 'saleprice', 'sale price', 'precio', 'asking price'],
  building: ['building', 'bldg', 'tower', 'block', 'edificio', 'torre'],
  floor: ['floor', 'level', 'storey', 'story', 'planta', 'piso'],
  plan: ['plan', 'plan code', 'model', 'floorplan', 'floor plan', 'type', 'modelo'],
  elevation: ['elevation', 'elev', 'facade', 'fachada'],
  bedrooms: ['bedrooms', 'beds', 'br', 'bd', 'bedroom', 'dormitorios', 'bedroom abvgr'],
  bathrooms: ['bathrooms', 'baths', 'ba', 'bath', 'banos'],
  square_feet: ['square feet', 'sq ft', 'sqft', 'area', 'living area', 'size', 'superficie', 'gr liv area'],
  address: ['address', 'street', 'street address', 'direccion'],
  parcel: ['parcel', 'apn', 'parcel no', 'parcel number', 'parcela'],
  currency: ['currency', 'moneda'],
  not_for_sale_reason: ['not for sale reason', 'not for sale', 'hold reason', 'reserved for'],
};

/** Without case, accents and punctuation: `Sq. Ft.` is `sq ft`. */
function fold(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, ' ').trim();
}

/** The columns that their names suggest. */
export function guess(header: string[]): Columns {
  const free = new Map(header.filter(Boolean).map((name) => [fold(name), name]));
  const columns: Columns = {};
  for (const field of FIELDS) {
    const name = NAMES[field].find((name) => free.has(name));
    if (name === undefined) continue;
    columns[field] = { column: free.get(name)! };
    free.delete(name);
  }
  return columns;
}

/** The columns of the file that a source names. */
export function columnsOf(source: Source): string[] {
  if ('column' in source) return [source.column];
  if ('constant' in source) return [];
  return [...source.template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1]!);
}

/** Whether the file has every column that a mapping names. */
export function fits(mapping: ColumnMapping, header: string[]): boolean {
  const names = new Set(header.map(spaceless));
  return Object.values(mapping.columns).every((source) =>
    columnsOf(source).every((column) => names.has(spaceless(column))),
  );
}

/** As the server compares columns: letter case and runs of space do not matter. */
const spaceless = (name: string) => name.trim().toLowerCase().replace(/\s+/g, ' ');

/** What a row says for a source. */
export function valueOf(source: Source, header: string[], row: string[]): string {
  const cell = (name: string) => row[header.findIndex((known) => spaceless(known) === spaceless(name))]?.trim() ?? '';
  if ('column' in source) return cell(source.column);
  if ('constant' in source) return source.constant;
  if (columnsOf(source).every((name) => cell(name) === '')) return '';
  return source.template.replace(/\{([^{}]+)\}/g, (_, name: string) => cell(name));
}

/** The first few values that a source would give, each once. */
export function samples(source: Source, sheet: Sheet, most = 3): string[] {
  const found = new Set<string>();
  for (const row of sheet.cells.slice(sheet.headerRow, sheet.headerRow + 200)) {
    const value = isBlank(row) ? '' : valueOf(source, sheet.header, row);
    if (value) found.add(value);
    if (found.size === most) break;
  }
  return [...found];
}

export function missing(columns: Columns): Field[] {
  return REQUIRED.filter((field) => !columns[field]);
}

/** Whether the file's own names say it all, so that no mapping is needed. */
export function isPlain(mapping: ColumnMapping): boolean {
  const named = Object.entries(mapping.columns).every(
    ([field, source]) => 'column' in source && spaceless(source.column) === field,
  );
  return named && (mapping.empty_values ?? []).length === 0 && (mapping.price_unit ?? 'major') === 'major';
}

/** A saved mapping that says the same. */
export function same(mapping: ColumnMapping, saved: MappingOut[]): MappingOut | undefined {
  const text = ({ columns, empty_values, price_unit }: ColumnMapping) =>
    JSON.stringify([Object.entries(columns).toSorted(), empty_values ?? [], price_unit ?? 'major']);
  return saved.find((one) => text(one.mapping) === text(mapping));
}
