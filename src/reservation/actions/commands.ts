// Commands on existing reservations: extend, release, expire, and hand over to orders. Creating them: actions/reserve.ts.

import { v7 as uuid } from 'uuid';
import { type Command, defineBatchedCommand, defineCommand } from '../../access/actions/execute';
import { mayTouch, mustWorkAt, SYSTEM } from '../../access/rules/roles';
import type { Db, Tx } from '../../db/pool';
import type { SendWithCommit } from '../../db/transaction';
import { checkState, decided, notFound, type Refused } from '../../refusals';
import { lockShelves, type Move, type MoveReason, post } from '../../stock/ledger';
import { pastHolds } from '../../stock/queries/levels';
import { extendedUntil, isPast, RESERVATION_LIMITS, statusAt } from '../rules/reservation';
import { overExtension } from './holders';
import { endHolds, type LockedHold, lockHoldsById, lockPastHolds } from './statements';

/** One reservation, by its uuid and by the global id that clients know it by. */
interface HoldInput {
  reservationId: string;
  reservationKey: string;
}

/** @throws Refused NotFound (unknown, or another storefront's), WrongState; Forbidden to staff of other locations */
function mustHold(
  { input, actor, now }: Command<HoldInput>,
  hold: LockedHold | undefined,
  doing: string,
): LockedHold {
  const key = input.reservationKey;
  if (hold === undefined || (actor.role === 'STOREFRONT' && !mayTouch(actor, hold))) {
    throw notFound('Reservation', [key]);
  }
  if (actor.role !== 'STOREFRONT') mustWorkAt(actor, hold.locationId, hold.locationCode);
  checkState('Reservation', key, statusAt(hold, now), ['ACTIVE'], doing);
  return hold;
}

/** Locks the holds that these commands name and decides each with its own, as the commands before have left it. */
async function holdByHold<I extends HoldInput>(
  tx: Tx,
  commands: readonly Command<I>[],
  doing: string,
  decide: (command: Command<I>, hold: LockedHold) => LockedHold,
): Promise<{ answers: ({ reservationId: string } | Refused)[]; done: LockedHold[] }> {
  const asked = commands.map((c) => c.input.reservationId);
  const holds = new Map((await lockHoldsById(tx, [...new Set(asked)])).map((h) => [h.id, h]));
  const done = new Set<string>();
  const answers = commands.map((command) =>
    decided(() => {
      const { reservationId } = command.input;
      holds.set(reservationId, decide(command, mustHold(command, holds.get(reservationId), doing)));
      done.add(reservationId);
      return { reservationId };
    }),
  );
  return { answers, done: [...done].map((id) => holds.get(id)!) };
}

const EXTEND = `
  UPDATE reservation r SET expires_at = n.expires_at, extensions = n.extensions
  FROM unnest($1::uuid[], $2::timestamptz[], $3::int[]) AS n(id, expires_at, extensions) WHERE r.id = n.id`;

async function extendMany(
  tx: Tx,
  commands: Command<HoldInput & { holdMinutes: number }>[],
  sendWithCommit: SendWithCommit,
): Promise<({ reservationId: string } | Refused)[]> {
  const { answers, done } = await holdByHold(tx, commands, 'extended', (command, hold) => {
    const refused = overExtension(command, hold);
    if (refused !== null) throw refused;
    const expiresAt = extendedUntil(hold, command.now, command.input.holdMinutes);
    const longer = expiresAt > hold.expiresAt;
    return { ...hold, expiresAt, extensions: hold.extensions + (longer ? 1 : 0) };
  });
  if (done.length > 0) {
    sendWithCommit(
      tx.rows(EXTEND, [done.map((h) => h.id), done.map((h) => h.expiresAt), done.map((h) => h.extensions)]),
    );
  }
  return answers;
}

/**
 * Lets a reservation live until `holdMinutes` from now; never shortens it.
 * @throws Refused NotFound, WrongState (a reservation past its time is gone, swept or not), InvalidInput past its longest life, QuotaExceeded
 */
export const extendReservation = defineBatchedCommand('extendReservation', { perform: extendMany }, () => 1);

/** Puts the units of these locked holds back, each by its command: RESERVED → AVAILABLE. */
async function putBack(
  tx: Tx,
  now: Date,
  holds: readonly (LockedHold & { commandId: number })[],
  reason: MoveReason,
  sendWithCommit: SendWithCommit,
): Promise<void> {
  const moves = holds.flatMap(({ id, locationId, lines, commandId }) =>
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
  await post(tx, await lockShelves(tx, moves), now, moves, sendWithCommit);
}

async function releaseMany(
  tx: Tx,
  commands: Command<HoldInput>[],
  sendWithCommit: SendWithCommit,
): Promise<({ reservationId: string } | Refused)[]> {
  const { now } = commands[0]!;
  const causes = new Map<string, number>();
  const { answers, done } = await holdByHold(tx, commands, 'released', ({ commandId }, hold) => {
    causes.set(hold.id, commandId);
    return { ...hold, status: 'RELEASED' };
  });
  if (done.length > 0) {
    const released = done.map((hold) => ({ ...hold, commandId: causes.get(hold.id)! }));
    await putBack(tx, now, released, 'HOLD_RELEASED', sendWithCommit);
    const ends = done.map(({ id }) => ({ id, status: 'RELEASED' as const }));
    sendWithCommit(endHolds(tx, now, ends));
  }
  return answers;
}

/** Gives a reservation's units back to the shelf. @throws Refused NotFound, WrongState; Forbidden to staff of other locations */
export const releaseReservation = defineBatchedCommand(
  'releaseReservation',
  { perform: releaseMany },
  () => 1,
);

const ANY_PAST = `${pastHolds('$1')} LIMIT 1`;

const sweep = defineCommand(
  'expireReservations',
  async (tx, { now, commandId }: Command<{ now: string }>, sendWithCommit) => {
    const holds = await lockPastHolds(tx, now, RESERVATION_LIMITS.sweepBatch);
    const past = holds.map((hold) => ({ ...hold, commandId }));
    await putBack(tx, now, past, 'HOLD_EXPIRED', sendWithCommit);
    const ends = holds.map(({ id }) => ({ id, status: 'EXPIRED' as const }));
    sendWithCommit(endHolds(tx, now, ends));
    return { expired: holds.length };
  },
);

/**
 * Expires the reservations past their time at `now`, in bounded batches of one transaction each, until none is left that
 * nobody else has in hand. Safe to run at any time and anywhere at once: a reservation ends once.
 */
export async function expireReservations(db: Db, now: Date): Promise<{ expired: number }> {
  let expired = 0;
  for (;;) {
    // A look without locks, so that an idle minute leaves no command behind.
    if ((await db.rows(ANY_PAST, [now])).length === 0) return { expired };
    const input = { now: now.toISOString() };
    const swept = await sweep(db, { actor: SYSTEM, idempotencyKey: `sweep ${uuid()}`, input, now });
    expired += swept.expired;
    if (swept.expired < RESERVATION_LIMITS.sweepBatch) return { expired };
  }
}

/** A hold as it was when it was locked, and whether it was handed over. Lines that reservation nothing are left out. */
export interface ReservationRow extends LockedHold {
  /** It is COMMITTED now (`status` says what it was); its units stay RESERVED and belong to the order. */
  committed: boolean;
}

/**
 * Locks these reservations (in id order, before any shelf) and hands those that are ACTIVE and not past their time over to
 * orders. Posts nothing: the units stay RESERVED. Ids that don't exist are missing in the answer; whether the caller
 * may touch a reservation is for the caller to ask, in the same transaction.
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
