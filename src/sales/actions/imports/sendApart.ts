// Sends many entries in one command, and isolates the entries that cause a refusal, so that the others are stored.

import { isDataError } from '../../../db/transaction';
import { type RefusalData, Refused } from '../../../refusals';

export interface BulkSend<T> {
  /** One command. @throws Refused, or an error of the database: then nothing of it was stored */
  send(items: readonly T[]): Promise<void>;
  /** The entries that a refusal names, each with its reason; empty where it names none. */
  culprits(refusal: RefusalData, items: readonly T[]): ReadonlyMap<T, string>;
  /** An entry that is refused in any batch. */
  fail(item: T, reason: string): Promise<void>;
}

function reasonOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  return `its values do not fit what is stored (${(error as Error).message})`;
}

/**
 * Sends all at once. Entries that the refusal names are left out and the others sent again; where it names none, or the
 * database itself refuses, they are halved until single ones fail. @throws what is no fault of the entries: Busy, no database
 */
export async function sendApart<T>(items: readonly T[], sending: BulkSend<T>): Promise<void> {
  if (items.length === 0) return;
  let error: unknown;
  try {
    await sending.send(items);
    return;
  } catch (caught) {
    const ofEntries = caught instanceof Refused ? caught.data.kind !== 'Busy' : isDataError(caught);
    if (!ofEntries) throw caught;
    error = caught;
  }
  const named = error instanceof Refused ? sending.culprits(error.data, items) : new Map<T, string>();
  if (named.size > 0) {
    for (const [item, reason] of named) await sending.fail(item, reason);
    await sendApart(
      items.filter((item) => !named.has(item)),
      sending,
    );
  } else if (items.length === 1) {
    await sending.fail(items[0]!, reasonOf(error));
  } else {
    const middle = Math.ceil(items.length / 2);
    await sendApart(items.slice(0, middle), sending);
    await sendApart(items.slice(middle), sending);
  }
}
