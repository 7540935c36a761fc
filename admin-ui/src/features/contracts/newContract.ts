import type { BuyerIn, ContractIn, PartyRole } from '@/api/schema';
import { toMinor } from '@/format/values';

export interface BuyerValues {
  /** For React; not sent. */
  key: string;
  kind: 'new' | 'known';
  contact_id: string;
  /** How the chosen contact is shown, masked. */
  shown: string;
  name: string;
  email: string;
  phone: string;
  role: PartyRole;
}

export interface ContractValues extends Record<string, unknown> {
  project_id: string;
  unit_id: string;
  /** In major units, as typed. */
  price: number | '';
  buyers: BuyerValues[];
}

export const someone = (role: PartyRole): BuyerValues => ({
  key: crypto.randomUUID(),
  kind: 'new',
  contact_id: '',
  shown: '',
  name: '',
  email: '',
  phone: '',
  role,
});

const buyerOf = (buyer: BuyerValues): BuyerIn => {
  if (buyer.kind === 'known') return { contact_id: buyer.contact_id, role: buyer.role };
  const { name, email, phone, role } = buyer;
  const contact = {
    name: name.trim(),
    ...(email.trim() ? { email: email.trim() } : {}),
    ...(phone.trim() ? { phone: phone.trim() } : {}),
  };
  return { contact, role };
};

/** The request of a filled form. */
export function requestOf(values: ContractValues, currency: string): ContractIn {
  return {
    unit_id: values.unit_id,
    buyers: values.buyers.map(buyerOf),
    ...(values.price === '' ? {} : { price: { amount_minor: toMinor(values.price, currency), currency } }),
  };
}

/** Where the server's field errors belong in the form. */
export function pathsOf(buyers: readonly BuyerValues[]): Record<string, string> {
  const paths: Record<string, string> = { 'price.amount_minor': 'price' };
  for (const place of buyers.keys()) {
    for (const field of ['name', 'email', 'phone']) {
      paths[`buyers.${place}.contact.${field}`] = `buyers.${place}.${field}`;
    }
  }
  return paths;
}
