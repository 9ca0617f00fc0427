// Expires overdue reservations of the requested shelves before a request is refused for lack of units.

import type { Tx } from '../../db/pool';
import { type LockedShelves, lockShelves, post, type Shelf } from '../../stock/ledger';
import { isPast } from '../rules/reservation';
import { endReservations, findReservations, lockActive } from './statements';

/**
 * Locks the expired reservations with units of these shelves, then the shelves, and ends those reservations: an abandoned
 * basket must not cause a refusal or a transfer. A command that ends other reservations in the same transaction passes them
 * as `besides`: all are locked together, in id order.
 */
export async function lockSwept(
  tx: Tx,
  { commandId, now }: { commandId: number; now: Date },
  wanted: readonly Shelf[],
  besides: readonly string[] = [],
): Promise<LockedShelves> {
  const reservations = await lockActive(tx, [...besides, ...(await findReservations(tx, now, [], wanted))]);
  const past = reservations.filter((reservation) => isPast(reservation.expiresAt, now));
  const lines = past.flatMap(({ id, locationId, lines }) =>
    lines.map((l) => ({ ...l, locationId, reservationId: id })),
  );
  const shelves = await lockShelves(tx, [...wanted, ...lines]);
  await endReservations(
    tx,
    now,
    past.map(({ id }) => ({ id, status: 'EXPIRED' })),
  );
  await post(
    tx,
    shelves,
    now,
    lines.map(({ locationId, skuId, quantity, reservationId }) => ({
      locationId,
      skuId,
      from: 'RESERVED',
      to: 'AVAILABLE',
      quantity,
      reason: 'HOLD_EXPIRED',
      documentId: reservationId,
      commandId,
    })),
  );
  return shelves;
}
