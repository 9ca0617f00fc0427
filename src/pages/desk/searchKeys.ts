// From what was typed into the search box to the keys of customers that it may be.

import type { DeskOperations } from '../operations.generated';

export type SearchedKey = DeskOperations['context']['variables']['by'];

/** What was typed: a name, or the keys that it may be, the likeliest first. */
export type Search = { kind: 'NAME'; name: string } | { kind: 'KEYS'; keys: SearchedKey[] };

/** Networks in which a name that begins with @ is looked up. */
const NETWORKS = ['INSTAGRAM', 'FACEBOOK', 'X'];
const PHONE = /^[+(]?[\d\s().\-/]{8,22}$/;
const FRENCH_DIGITS = 10;
/** The country whose numbers may be typed as people there write them. */
const FRANCE = '+33';

/** A telephone number with its country code; null if it cannot be one. */
function phoneOf(typed: string): string | null {
  if (!PHONE.test(typed)) return null;
  const digits = typed.replace(/\D/g, '');
  if (typed.startsWith('+')) return `+${digits}`;
  if (digits.startsWith('00')) return `+${digits.slice(2)}`;
  const isFrench = digits.length === FRENCH_DIGITS && digits.startsWith('0');
  return isFrench ? `${FRANCE}${digits.slice(1)}` : null;
}

/** What this may be; null for nothing. */
export function readSearch(text: string): Search | null {
  const typed = text.trim().replace(/\s+/g, ' ');
  if (typed === '') return null;
  const keys = (...found: SearchedKey[]): Search => ({ kind: 'KEYS', keys: found });
  if (typed.startsWith('@') && typed.length > 1) {
    return keys(...NETWORKS.map((network) => ({ socialHandle: { network, handle: typed } })));
  }
  if (typed.includes('@')) return keys({ email: typed });
  if (/^c ?-/i.test(typed)) return keys({ order: typed });
  if (!/\d/.test(typed)) return { kind: 'NAME', name: typed };
  const phone = phoneOf(typed);
  // Cards and receipts are numbers too, and look like national telephone numbers.
  const numbers: SearchedKey[] = [{ loyaltyCard: typed }, { receipt: typed }, { order: typed }];
  if (phone === null) return keys(...numbers);
  return typed.startsWith('+') ? keys({ phone }) : keys({ phone }, ...numbers);
}

/** Where a hash leads: a customer, the contact of a help desk, or an order. Other keys are personal data and stay out of addresses. */
export function keyOfHash(hash: string): SearchedKey | null {
  const [, name, encoded] = /^#(customer|contact|order)=(.{1,200})$/.exec(hash) ?? [];
  if (encoded === undefined) return null;
  let value: string;
  try {
    value = decodeURIComponent(encoded);
  } catch {
    return null;
  }
  if (name === 'customer') return { id: value };
  if (name === 'order') return { order: value };
  const [source, ...rest] = value.split(':');
  return rest.length === 0 ? null : { contact: { source: source!, contactId: rest.join(':') } };
}

/** The kind of a key, for texts. */
export const kindOfKey = (key: SearchedKey): string => Object.keys(key)[0]!;
