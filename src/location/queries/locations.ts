// Reads of locations: by code, by id, always many at once.

import { codeLookup } from '../../db/codes';
import type { Tx } from '../../db/pool';
import { type Refused, refusal } from '../../refusals';

export const locationLookup = codeLookup({
  what: 'Location',
  byCode: 'SELECT id, code FROM location WHERE code = ANY($1::text[])',
});

/** Ids of these location codes, all of them. @throws Refused NotFound naming the unknown codes */
export const locationIdsByCode = locationLookup.all;

const CLOSED = 'SELECT id, code FROM location WHERE id = ANY($1::int[]) AND NOT active ORDER BY code';

/**
 * Which of these locations are inactive, with their codes: one keeps its stock and finishes its open documents, but gets
 * no new reservations and orders, and no goods.
 */
export async function inactiveLocations(
  tx: Tx,
  ids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await tx.rows<{ id: number; code: string }>(CLOSED, [ids]);
  return new Map(rows.map((r) => [r.id, r.code]));
}

/** The refusal of an inactive location. */
export function closedForGood(code: string): Refused {
  return refusal(
    'NotFound',
    `Location '${code}' is closed for good (inactive); choose another, or make it active with upsertLocations.`,
    {
      what: 'Location',
      keys: [code],
    },
  );
}

/** A location that is closed for good gets nothing sent, bought or received any more. @throws Refused NotFound */
export async function mustBeActive(tx: Tx, locationId: number): Promise<void> {
  const [code] = (await inactiveLocations(tx, [locationId])).values();
  if (code !== undefined) throw closedForGood(code);
}
