// Orders out of reservations: the units stay RESERVED and change owner.

import { mayTouch, mustWorkAt } from '../../access/rules/roles';
import type { Tx } from '../../db/pool';
import { notFound, type Refused, refusal } from '../../refusals';
import { commitReservations, type ReservationRow } from '../../reservation/actions/commands';
import type { ReservationWithLines } from '../../reservation/queries/reservations';
import { statusAt } from '../../reservation/rules/reservation';
import { type Basket, notAPickupLocation, type PickupLocation, type PlaceCommand } from './basket';

function endedReservation({ input: { reservationKey: key } }: PlaceCommand, state: string): Refused {
  return refusal(
    'WrongState',
    `Reservation ${key} is ${state}; only an ACTIVE one can become an order, reserve again.`,
    {
      what: 'Reservation',
      key,
      state,
      allowedStates: ['ACTIVE'],
    },
  );
}

// Owner, location and lines of a reservation never change, so they are judged before its lock: what is locked here is committed.
function refuseReservation(
  command: PlaceCommand,
  record: ReservationWithLines | undefined,
  place?: PickupLocation,
): Refused | null {
  const { actor, input } = command;
  const key = input.reservationKey;
  if (
    record === undefined ||
    place === undefined ||
    (actor.role === 'STOREFRONT' && !mayTouch(actor, record))
  )
    return notFound('Reservation', [key]);
  if (actor.role !== 'STOREFRONT') mustWorkAt(actor, place.id, place.code);
  // Closed for good or not: the reservation was made before, and what is under way goes on.
  if (!place.forPickup) return notAPickupLocation(place);
  if (!record.certificate.lines.some((l) => l.held > 0))
    return refusal('InvalidInput', `Reservation ${key} holds no units; reserve some first.`, {
      path: 'reservation',
    });
  return null;
}

/** Who asks for which hold, by its id: the first gets it, and whoever names it again hears what became of it. */
export type RequestedReservations = ReadonlyMap<string, readonly PlaceCommand[]>;

/** The holds that may become orders, not locked yet; every other command gets its refusal. */
export function requestedReservations(
  commands: readonly PlaceCommand[],
  records: readonly ReservationWithLines[],
  places: ReadonlyMap<number, PickupLocation>,
  answers: Map<PlaceCommand, Basket | Refused>,
): RequestedReservations {
  const byId = new Map(records.map((r) => [r.id, r]));
  const wanted = new Map<string, PlaceCommand[]>();
  for (const command of commands) {
    const id = command.input.reservationId!;
    const record = byId.get(id);
    const no = refuseReservation(command, record, record && places.get(record.locationId));
    if (no !== null) answers.set(command, no);
    else wanted.set(id, [...(wanted.get(id) ?? []), command]);
  }
  return wanted;
}

/** Hands these reservations over to orders, those that still hold. */
export async function reservedBaskets(
  tx: Tx,
  now: Date,
  wanted: RequestedReservations,
  places: ReadonlyMap<number, PickupLocation>,
  answers: Map<PlaceCommand, Basket | Refused>,
): Promise<void> {
  if (wanted.size === 0) return;
  const rows = await commitReservations(tx, now, [...wanted.keys()]);
  for (const [id, [first, ...again]] of wanted) {
    const row = rows.get(id)!;
    const state = row.committed ? 'COMMITTED' : statusAt(row, now);
    answers.set(
      first!,
      row.committed ? basketOf(row, places.get(row.locationId)!) : endedReservation(first!, state),
    );
    for (const command of again) answers.set(command, endedReservation(command, state));
  }
}

function basketOf(row: ReservationRow, place: PickupLocation): Basket {
  return {
    ownerId: row.ownerId,
    place,
    channel: row.channel,
    reservationId: row.id,
    lines: row.lines.map((l) => ({ skuId: l.skuId, reserved: l.quantity, awaiting: 0 })),
    taken: [],
    plans: [],
    log: [],
    shortfall: [],
  };
}
