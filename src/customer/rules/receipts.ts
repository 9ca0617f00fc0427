// The interactions that follow from the receipts of imported sales.

import type { ChangedFeed, CustomerReceipt } from '../../sales/rules/receipts';
import { type IdentifierHashes, type StoredIdentifier, tillScope } from './identifiers';
import type { NewInteraction } from './interactions';

/** The program itself read the file of a feed that nobody sends. */
const PROGRAM = 0;

export const sourceOfSales = (feed: string): string => `sale:${feed}`;

/** The customer number of a feed, of which only the keyed hash is known. */
export function tillCustomerOf(feedId: number, customer: string): StoredIdentifier {
  return { kind: 'TILL_CUSTOMER', scope: tillScope(feedId), hash: customer.replaceAll('-', ''), value: null };
}

/**
 * What a receipt states. Its key does not change when its lines are corrected. The till vouches for the number that it has noted, as any
 * system does for its own record.
 */
export function interactionOfReceipt(
  { id, name, ownerId }: ChangedFeed,
  row: CustomerReceipt,
  hashes: IdentifierHashes,
): NewInteraction {
  const { customer, receipt, locationId, day, isRefund, at, channel, units, amountMinor, currency } = row;
  return {
    ...{ kind: isRefund ? 'REFUND' : 'PURCHASE', source: sourceOfSales(name), at, channel, locationId },
    sourceKey: hashes.ofText(JSON.stringify([customer, receipt, locationId, day, isRefund])),
    facts: { receipt, units, amountMinor, currency },
    identifiers: [{ ...tillCustomerOf(id, customer), verifiedBy: ownerId ?? PROGRAM }],
    isImport: true,
  };
}

/** The interaction of a receipt, as it is stored. */
export interface StoredReceipt {
  id: number;
  sourceKey: string;
  at: Date;
  channel: string;
  locationId: number | null;
  facts: Record<string, unknown>;
}

/** Whether the lines of a receipt were corrected since it was recorded. */
function isCorrected(stored: StoredReceipt, now: NewInteraction): boolean {
  const facts = Object.entries(now.facts ?? {});
  return (
    stored.at.getTime() !== now.at.getTime() ||
    stored.channel !== now.channel ||
    stored.locationId !== now.locationId ||
    facts.some(([name, value]) => stored.facts[name] !== value)
  );
}

/** What is to be done so that exactly these receipts are recorded. */
export function receiptChanges(stored: readonly StoredReceipt[], wanted: readonly NewInteraction[]) {
  const before = new Map(stored.map((one) => [one.sourceKey, one]));
  const keys = new Set(wanted.map(({ sourceKey }) => sourceKey));
  return {
    fresh: wanted.filter(({ sourceKey }) => !before.has(sourceKey)),
    corrected: wanted.flatMap((one) => {
      const found = before.get(one.sourceKey);
      return found !== undefined && isCorrected(found, one) ? [{ id: found.id, interaction: one }] : [];
    }),
    /** Their lines are on another receipt, or of another customer. */
    obsoleteIds: stored.filter(({ sourceKey }) => !keys.has(sourceKey)).map(({ id }) => id),
  };
}
