// Acts on holds that exist: extending, releasing, expiring, and handing them over to orders. Making them: actions/reserve.ts.

import { v7 as uuid } from 'uuid';
import { act, type Command } from '../access/act';
import { mayTouch, mustWorkAt, SYSTEM } from '../access/rules';
import type { Db, Tx } from '../db/pool';
import { checkState, refuse } from '../refusals';
import { lockShelves, type Move, type MoveReason, post } from '../stock/ledger';
import { endHolds, type LockedHold, lockHoldsById, lockPastHolds } from './actions/statements';
import { extendedUntil, isPast, RESERVATION_LIMITS, statusAt } from './rules';

/** One hold, by its uuid and by the global id that clients know it by. */
interface HoldInput {
  reservationId: string;
  reservationKey: string;
}

/**
 * Locks one hold that the caller may touch and that still holds.
 * @throws Refused NotFound (unknown, or another storefront's), WrongState; Forbidden to staff of other places
 */
async function lockActive(tx: Tx, command: Command<HoldInput>, doing: string): Promise<LockedHold> {
  const { input, who, now } = command;
  const [hold] = await lockHoldsById(tx, [input.reservationId]);
  const key = input.reservationKey;
  if (hold === undefined || (who.role === 'STOREFRONT' && !mayTouch(who, hold))) {
    refuse(
      'NotFound',
      `There is no reservation ${key} of yours; send the id that reserveStock answered with.`,
      {
        what: 'Reservation',
        keys: [key],
      },
    );
  }
  if (who.role !== 'STOREFRONT') mustWorkAt(who, hold.locationId, hold.locationCode);
  checkState('Reservation', key, statusAt(hold, now), ['ACTIVE'], doing);
  return hold;
}

const EXTEND = 'UPDATE reservation SET expires_at = $2 WHERE id = $1';

/**
 * Lets a hold live until `holdMinutes` from now; never shortens it.
 * @throws Refused NotFound, WrongState (a hold past its time is gone, swept or not), InvalidInput past its longest life
 */
export const extendReservation = act(
  'extendReservation',
  async (tx, command: Command<HoldInput & { holdMinutes: number }>) => {
    const hold = await lockActive(tx, command, 'extended');
    await tx.rows(EXTEND, [hold.id, extendedUntil(hold, command.now, command.input.holdMinutes)]);
    return { reservationId: hold.id };
  },
);

/** Puts the units of these locked holds back: RESERVED → AVAILABLE. */
async function putBack(
  tx: Tx,
  now: Date,
  holds: readonly LockedHold[],
  reason: MoveReason,
  commandId: number,
): Promise<void> {
  const moves = holds.flatMap(({ id, locationId, lines }) =>
    lines.map(
      ({ skuId, quantity }): Move => ({
        locationId,
        skuId,
        from: 'RESERVED',
        to: 'AVAILABLE',
        quantity,
        reason,
        documentId: id,
        commandId,
      }),
    ),
  );
  await post(tx, await lockShelves(tx, moves), now, moves);
}

/** Gives a hold's units back to the shelf. @throws Refused NotFound, WrongState */
export const releaseReservation = act('releaseReservation', async (tx, command: Command<HoldInput>) => {
  const { now, commandId } = command;
  const hold = await lockActive(tx, command, 'released');
  await putBack(tx, now, [hold], 'HOLD_RELEASED', commandId);
  await endHolds(tx, now, [{ id: hold.id, status: 'RELEASED' }]);
  return { reservationId: hold.id };
});

const ANY_PAST = `SELECT 1 FROM reservation WHERE status = 'ACTIVE' AND expires_at <= $1 LIMIT 1`;

const sweep = act('expireReservations', async (tx, { now, commandId }: Command<{ now: string }>) => {
  const holds = await lockPastHolds(tx, now, RESERVATION_LIMITS.sweepBatch);
  await putBack(tx, now, holds, 'HOLD_EXPIRED', commandId);
  await endHolds(
    tx,
    now,
    holds.map(({ id }) => ({ id, status: 'EXPIRED' })),
  );
  return { expired: holds.length };
});

/**
 * Expires the holds past their time at `now`, in bounded batches of one transaction each, until none is left that
 * nobody else has in hand. Safe to run at any time and anywhere at once: a hold ends once.
 */
export async function expireReservations(db: Db, now: Date): Promise<{ expired: number }> {
  let expired = 0;
  for (;;) {
    // A look without locks, so that an idle minute leaves no command behind.
    if ((await db.rows(ANY_PAST, [now])).length === 0) return { expired };
    const input = { now: now.toISOString() };
    const swept = await sweep(db, { who: SYSTEM, idempotencyKey: `sweep ${uuid()}`, input, now });
    expired += swept.expired;
    if (swept.expired < RESERVATION_LIMITS.sweepBatch) return { expired };
  }
}

/** A hold as it was when it was locked, and whether it was handed over. Lines that hold nothing are left out. */
export interface ReservationRow extends LockedHold {
  /** It is COMMITTED now (`status` says what it was); its units stay RESERVED and belong to the order. */
  committed: boolean;
}

/**
 * Locks these holds (in id order, before any shelf) and hands those that are ACTIVE and not past their time over to
 * orders. Posts nothing: the units stay RESERVED. Ids that don't exist are missing in the answer; whether the caller
 * may touch a hold is for the caller to ask, in the same transaction.
 */
export async function commitReservations(
  tx: Tx,
  now: Date,
  ids: readonly string[],
): Promise<Map<string, ReservationRow>> {
  const holds = await lockHoldsById(tx, ids);
  const rows = holds.map((h) => ({ ...h, committed: h.status === 'ACTIVE' && !isPast(h.expiresAt, now) }));
  await endHolds(
    tx,
    now,
    rows.filter((r) => r.committed).map(({ id }) => ({ id, status: 'COMMITTED' })),
  );
  return new Map(rows.map((r) => [r.id, r]));
}
