// Commands on existing reservations: extend, release, expire, and commit to orders. `reserve.ts` creates them.

import { v7 as uuid } from 'uuid';
import { type Command, defineBatchedCommand, defineCommand } from '../../access/actions/execute';
import { mayTouch, mustWorkAt, SYSTEM } from '../../access/rules/roles';
import type { Db, Tx } from '../../db/pool';
import type { SendWithCommit } from '../../db/transaction';
import { checkState, decided, notFound, type Refused } from '../../refusals';
import { lockShelves, type Move, type MoveReason, post } from '../../stock/ledger';
import { pastReservations } from '../../stock/queries/levels';
import { extendedUntil, isPast, RESERVATION_LIMITS, statusAt } from '../rules/reservation';
import { overExtension } from './holders';
import {
  endReservations,
  type LockedReservation,
  lockPastReservations,
  lockReservationsById,
} from './statements';

/** One reservation: its uuid, and the global id that clients know it by. */
interface ReservationReference {
  reservationId: string;
  reservationKey: string;
}

/** @throws Refused NotFound (unknown, or another storefront's), WrongState; Forbidden to staff of other locations */
function checkActive(
  { input, actor, now }: Command<ReservationReference>,
  reservation: LockedReservation | undefined,
  doing: string,
): LockedReservation {
  const key = input.reservationKey;
  if (reservation === undefined || (actor.role === 'STOREFRONT' && !mayTouch(actor, reservation))) {
    throw notFound('Reservation', [key]);
  }
  if (actor.role !== 'STOREFRONT') mustWorkAt(actor, reservation.locationId, reservation.locationCode);
  checkState('Reservation', key, statusAt(reservation, now), ['ACTIVE'], doing);
  return reservation;
}

/** Locks the reservations that these commands name, and decides each command on its reservation as earlier ones have left it. */
async function decideEach<I extends ReservationReference>(
  tx: Tx,
  commands: readonly Command<I>[],
  doing: string,
  decide: (command: Command<I>, reservation: LockedReservation) => LockedReservation,
): Promise<{ answers: ({ reservationId: string } | Refused)[]; done: LockedReservation[] }> {
  const ids = commands.map((c) => c.input.reservationId);
  const reservations = new Map((await lockReservationsById(tx, [...new Set(ids)])).map((h) => [h.id, h]));
  const done = new Set<string>();
  const answers = commands.map((command) =>
    decided(() => {
      const { reservationId } = command.input;
      reservations.set(
        reservationId,
        decide(command, checkActive(command, reservations.get(reservationId), doing)),
      );
      done.add(reservationId);
      return { reservationId };
    }),
  );
  return { answers, done: [...done].map((id) => reservations.get(id)!) };
}

const EXTEND = `
  UPDATE reservation r SET expires_at = n.expires_at, extensions = n.extensions
  FROM unnest($1::uuid[], $2::timestamptz[], $3::int[]) AS n(id, expires_at, extensions) WHERE r.id = n.id`;

async function extendMany(
  tx: Tx,
  commands: Command<ReservationReference & { holdMinutes: number }>[],
  sendWithCommit: SendWithCommit,
): Promise<({ reservationId: string } | Refused)[]> {
  const { answers, done } = await decideEach(tx, commands, 'extended', (command, reservation) => {
    const refused = overExtension(command, reservation);
    if (refused !== null) throw refused;
    const expiresAt = extendedUntil(reservation, command.now, command.input.holdMinutes);
    const longer = expiresAt > reservation.expiresAt;
    return { ...reservation, expiresAt, extensions: reservation.extensions + (longer ? 1 : 0) };
  });
  if (done.length > 0) {
    sendWithCommit(
      tx.rows(EXTEND, [done.map((h) => h.id), done.map((h) => h.expiresAt), done.map((h) => h.extensions)]),
    );
  }
  return answers;
}

/**
 * Extends a reservation until `holdMinutes` from now; never shortens it.
 * @throws Refused NotFound, WrongState (also of one that expired and is not swept yet), InvalidInput past its longest life,
 * QuotaExceeded
 */
export const extendReservation = defineBatchedCommand('extendReservation', { perform: extendMany }, () => 1);

/** Posts RESERVED → AVAILABLE for the units of these locked reservations, each under its command. */
async function putBack(
  tx: Tx,
  now: Date,
  reservations: readonly (LockedReservation & { commandId: number })[],
  reason: MoveReason,
  sendWithCommit: SendWithCommit,
): Promise<void> {
  const moves = reservations.flatMap(({ id, locationId, lines, commandId }) =>
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
  commands: Command<ReservationReference>[],
  sendWithCommit: SendWithCommit,
): Promise<({ reservationId: string } | Refused)[]> {
  const { now } = commands[0]!;
  const causes = new Map<string, number>();
  const { answers, done } = await decideEach(tx, commands, 'released', ({ commandId }, reservation) => {
    causes.set(reservation.id, commandId);
    return { ...reservation, status: 'RELEASED' };
  });
  if (done.length > 0) {
    const released = done.map((reservation) => ({ ...reservation, commandId: causes.get(reservation.id)! }));
    await putBack(tx, now, released, 'HOLD_RELEASED', sendWithCommit);
    const ends = done.map(({ id }) => ({ id, status: 'RELEASED' as const }));
    sendWithCommit(endReservations(tx, now, ends));
  }
  return answers;
}

/** Ends a reservation and makes its units AVAILABLE again. @throws Refused NotFound, WrongState; Forbidden to staff of other locations */
export const releaseReservation = defineBatchedCommand(
  'releaseReservation',
  { perform: releaseMany },
  () => 1,
);

const ANY_PAST = `${pastReservations('$1')} LIMIT 1`;

const sweep = defineCommand(
  'expireReservations',
  async (tx, { now, commandId }: Command<{ now: string }>, sendWithCommit) => {
    const reservations = await lockPastReservations(tx, now, RESERVATION_LIMITS.sweepBatch);
    const past = reservations.map((reservation) => ({ ...reservation, commandId }));
    await putBack(tx, now, past, 'HOLD_EXPIRED', sendWithCommit);
    const ends = reservations.map(({ id }) => ({ id, status: 'EXPIRED' as const }));
    sendWithCommit(endReservations(tx, now, ends));
    return { expired: reservations.length };
  },
);

/**
 * Expires the reservations that are past their time at `now`, in bounded batches of one transaction each, until only those
 * locked by other transactions are left. Several processes may run it at once: each reservation ends once.
 */
export async function expireReservations(db: Db, now: Date): Promise<{ expired: number }> {
  let expired = 0;
  for (;;) {
    // Reads without locks first, so that an idle minute records no command.
    if ((await db.rows(ANY_PAST, [now])).length === 0) return { expired };
    const input = { now: now.toISOString() };
    const swept = await sweep(db, { actor: SYSTEM, idempotencyKey: `sweep ${uuid()}`, input, now });
    expired += swept.expired;
    if (swept.expired < RESERVATION_LIMITS.sweepBatch) return { expired };
  }
}

/** A reservation as it was when it was locked, and whether it was committed. Lines without units are left out. */
export interface ReservationRow extends LockedReservation {
  /** Whether it is COMMITTED now (`status` is the previous one); its units stay RESERVED and belong to the order. */
  committed: boolean;
}

/**
 * Locks these reservations (in id order, before any shelf) and commits those that are ACTIVE and not expired to orders.
 * Posts nothing: the units stay RESERVED. Unknown ids are missing in the answer. The calling function checks, in the same
 * transaction, whether the actor may use a reservation.
 */
export async function commitReservations(
  tx: Tx,
  now: Date,
  ids: readonly string[],
): Promise<Map<string, ReservationRow>> {
  const reservations = await lockReservationsById(tx, ids);
  const rows = reservations.map((h) => ({
    ...h,
    committed: h.status === 'ACTIVE' && !isPast(h.expiresAt, now),
  }));
  await endReservations(
    tx,
    now,
    rows.filter((r) => r.committed).map(({ id }) => ({ id, status: 'COMMITTED' })),
  );
  return new Map(rows.map((r) => [r.id, r]));
}
