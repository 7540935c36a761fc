/** A workspace's address from a company's name: `Peña & Sons Homes` → `pena-sons-homes`. */
export function slugOf(company: string): string {
  const plain = company.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
}
