// A proposal as the table has it: what is sorted and filtered by is worked out once, when it is read.

export interface Amount {
  amountMinor: number;
  currency: string;
}

/** What the API answers of a proposal in a list. */
export interface ProposalNode {
  id: string;
  quantity: number;
  quantityProposed: number;
  level: number;
  position: number;
  abc: 'A' | 'B' | 'C';
  expectedOn: string;
  cutDay: string;
  editedAt: string | null;
  cost: { amountMinor: number | string; currency: string } | null;
  lostMargin: { amountMinor: number | string; currency: string } | null;
  sku: { code: string; name: string; category: string };
  location: { code: string };
  supplier: { code: string } | null;
  from: { code: string } | null;
}

export interface ProposalEntry {
  id: string;
  sku: { code: string; name: string };
  location: string;
  locationName: string;
  supplier: string | null;
  from: string | null;
  /** Name of the supplier, or of the location that the units come from. */
  sourceName: string;
  quantity: number;
  quantityProposed: number;
  level: number;
  position: number;
  abc: string;
  expectedOn: string;
  cutDay: string;
  isEdited: boolean;
  cost: Amount | null;
  lostMargin: Amount | null;
  /** Folded texts for comparison: without case and accents. */
  keys: { article: string; location: string; source: string; search: string };
}

/** Names by code. */
export interface CodeNames {
  locations: ReadonlyMap<string, { name: string; timeZone: string }>;
  suppliers: ReadonlyMap<string, { name: string; orderCutOff: string | null }>;
}

/** A text without case and accents: `<` on folded texts costs a tenth of a collator's comparison. */
export const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

const amountOf = (money: ProposalNode['cost']): Amount | null =>
  money === null ? null : { amountMinor: Number(money.amountMinor), currency: money.currency };

export function entryOf(node: ProposalNode, { locations, suppliers }: CodeNames): ProposalEntry {
  const { sku, supplier, from, location } = node;
  const nameOf = (code: string): string => locations.get(code)?.name ?? code;
  const source = supplier?.code ?? from?.code ?? '';
  const sourceName = supplier === null ? nameOf(source) : (suppliers.get(source)?.name ?? source);
  const locationName = nameOf(location.code);
  return {
    id: node.id,
    sku: { code: sku.code, name: sku.name },
    location: location.code,
    locationName,
    supplier: supplier?.code ?? null,
    from: from?.code ?? null,
    sourceName,
    quantity: node.quantity,
    quantityProposed: node.quantityProposed,
    level: node.level,
    position: node.position,
    abc: node.abc,
    expectedOn: node.expectedOn,
    cutDay: node.cutDay,
    isEdited: node.editedAt !== null,
    cost: amountOf(node.cost),
    lostMargin: amountOf(node.lostMargin),
    keys: {
      article: fold(`${sku.name} ${sku.code}`),
      location: fold(locationName),
      source: fold(sourceName),
      search: fold(`${sku.code} ${sku.name} ${sku.category}`),
    },
  };
}

/** Sums of money by currency. */
export function sumByCurrency(amounts: Iterable<Amount | null>): Amount[] {
  const sums = new Map<string, number>();
  for (const amount of amounts) {
    if (amount !== null) sums.set(amount.currency, (sums.get(amount.currency) ?? 0) + amount.amountMinor);
  }
  return [...sums].map(([currency, amountMinor]) => ({ amountMinor, currency }));
}
