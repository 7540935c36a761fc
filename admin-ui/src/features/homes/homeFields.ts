import type { Money, UnitIn, UnitOut } from '@/api/schema';
import { toMajor, toMinor } from '@/format/values';

/** What the form of a home holds: empty texts stand for nothing, the price is in major units. */
export interface HomeFields extends Record<string, unknown> {
  number: string;
  phase_id: string | null;
  building_id: string | null;
  floor: number | string;
  plan_id: string | null;
  elevation_id: string | null;
  price: number | string;
  bedrooms: number | string;
  square_feet: number | string;
  address: string;
  parcel: string;
  not_for_sale_reason: string;
}

export function fieldsOf(home: Partial<UnitOut>): HomeFields {
  return {
    number: home.number ?? '',
    phase_id: home.phase_id ?? null,
    building_id: home.building_id ?? null,
    floor: home.floor ?? '',
    plan_id: home.plan_id ?? null,
    elevation_id: home.elevation_id ?? null,
    price: home.price ? toMajor(home.price.amount_minor, home.price.currency) : '',
    bedrooms: home.bedrooms ?? '',
    square_feet: home.square_feet ?? '',
    address: home.address ?? '',
    parcel: home.parcel ?? '',
    not_for_sale_reason: home.not_for_sale_reason ?? '',
  };
}

/** The request's body of what the form holds. */
export function bodyOf(fields: HomeFields, projectId: string, currency: string): UnitIn {
  const price: Money = { amount_minor: toMinor(Number(fields.price), currency), currency };
  const text = (value: string) => value.trim() || null;
  const count = (value: number | string) => (value === '' ? null : Number(value));
  return {
    project_id: projectId,
    number: fields.number.trim(),
    phase_id: fields.phase_id ?? '',
    building_id: fields.building_id,
    floor: count(fields.floor),
    plan_id: fields.plan_id,
    elevation_id: fields.elevation_id,
    price,
    bedrooms: count(fields.bedrooms),
    square_feet: count(fields.square_feet),
    address: text(fields.address),
    parcel: text(fields.parcel),
    not_for_sale_reason: text(fields.not_for_sale_reason),
  };
}
