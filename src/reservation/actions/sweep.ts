// Expires overdue reservations that stand in the way of a request, before it is refused for lack of units.

import type { Tx } from '../../db/pool';
import { type LockedShelves, lockShelves, post, type Shelf } from '../../stock/ledger';
import { isPast } from '../rules/reservation';
import { endHolds, findHolds, lockActive } from './statements';

/**
 * Locks these shelves after the reservations past their time that keep units of them, and expires those: nobody is refused,
 * and nothing is fetched from elsewhere, for the sake of a basket that was left. Whoever means to end other reservations in the
 * same transaction names them as `besides`: all are locked together, in id order.
 */
export async function lockSwept(
  tx: Tx,
  { commandId, now }: { commandId: number; now: Date },
  wanted: readonly Shelf[],
  besides: readonly string[] = [],
): Promise<LockedShelves> {
  const held = await lockActive(tx, [...besides, ...(await findHolds(tx, now, [], wanted))]);
  const past = held.filter((hold) => isPast(hold.expiresAt, now));
  const lines = past.flatMap(({ id, locationId, lines }) =>
    lines.map((l) => ({ ...l, locationId, holdId: id })),
  );
  const shelves = await lockShelves(tx, [...wanted, ...lines]);
  await endHolds(
    tx,
    now,
    past.map(({ id }) => ({ id, status: 'EXPIRED' })),
  );
  await post(
    tx,
    shelves,
    now,
    lines.map(({ locationId, skuId, quantity, holdId }) => ({
      locationId,
      skuId,
      from: 'RESERVED',
      to: 'AVAILABLE',
      quantity,
      reason: 'HOLD_EXPIRED',
      documentId: holdId,
      commandId,
    })),
  );
  return shelves;
}
