// Baskets of orders from reservations: the units stay RESERVED and change owner.

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

// Owner, location and lines of a reservation never change, so they are checked before it is locked: every locked one is committed.
function refuseReservation(
  command: PlaceCommand,
  record: ReservationWithLines | undefined,
  location?: PickupLocation,
): Refused | null {
  const { actor, input } = command;
  const key = input.reservationKey;
  if (
    record === undefined ||
    location === undefined ||
    (actor.role === 'STOREFRONT' && !mayTouch(actor, record))
  )
    return notFound('Reservation', [key]);
  if (actor.role !== 'STOREFRONT') mustWorkAt(actor, location.id, location.code);
  // Permanent closing is not checked: the reservation was made before it and may still become an order.
  if (!location.forPickup) return notAPickupLocation(location);
  if (!record.certificate.lines.some((l) => l.held > 0))
    return refusal('InvalidInput', `Reservation ${key} has no units; reserve some first.`, {
      path: 'reservation',
    });
  return null;
}

/** Commands by the id of their reservation: the first one gets it, the others are refused with its new state. */
export type RequestedReservations = ReadonlyMap<string, readonly PlaceCommand[]>;

/** The reservations that may become orders, not locked yet; every other command gets its refusal. */
export function requestedReservations(
  commands: readonly PlaceCommand[],
  records: readonly ReservationWithLines[],
  locations: ReadonlyMap<number, PickupLocation>,
  answers: Map<PlaceCommand, Basket | Refused>,
): RequestedReservations {
  const byId = new Map(records.map((r) => [r.id, r]));
  const wanted = new Map<string, PlaceCommand[]>();
  for (const command of commands) {
    const id = command.input.reservationId!;
    const record = byId.get(id);
    const refused = refuseReservation(command, record, record && locations.get(record.locationId));
    if (refused !== null) answers.set(command, refused);
    else wanted.set(id, [...(wanted.get(id) ?? []), command]);
  }
  return wanted;
}

/** Commits those of these reservations that are still ACTIVE to their orders. */
export async function reservedBaskets(
  tx: Tx,
  now: Date,
  wanted: RequestedReservations,
  locations: ReadonlyMap<number, PickupLocation>,
  answers: Map<PlaceCommand, Basket | Refused>,
): Promise<void> {
  if (wanted.size === 0) return;
  const rows = await commitReservations(tx, now, [...wanted.keys()]);
  for (const [id, [first, ...again]] of wanted) {
    const row = rows.get(id)!;
    const state = row.committed ? 'COMMITTED' : statusAt(row, now);
    answers.set(
      first!,
      row.committed ? basketOf(row, locations.get(row.locationId)!) : endedReservation(first!, state),
    );
    for (const command of again) answers.set(command, endedReservation(command, state));
  }
}

function basketOf(row: ReservationRow, location: PickupLocation): Basket {
  return {
    ownerId: row.ownerId,
    location,
    channel: row.channel,
    reservationId: row.id,
    lines: row.lines.map((l) => ({ skuId: l.skuId, reserved: l.quantity, awaiting: 0 })),
    taken: [],
    plans: [],
    log: [],
    shortfall: [],
  };
}
