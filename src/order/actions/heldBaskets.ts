// Orders out of holds: the units stay RESERVED and change owner.

import { mayTouch, mustWorkAt } from '../../access/rules';
import type { Tx } from '../../db/pool';
import { type Refused, refusal } from '../../refusals';
import { commitReservations } from '../../reservation/actions';
import type { ReservationRecord } from '../../reservation/queries';
import { statusAt } from '../../reservation/rules';
import { type Basket, notAPickupPlace, type Place, type PlaceCommand } from './basket';

function endedHold({ input: { reservationKey: key } }: PlaceCommand, state: string): Refused {
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

// Owner, place and lines of a hold never change, so they are judged before its lock: what is locked here is committed.
function refuseHold(
  command: PlaceCommand,
  record: ReservationRecord | undefined,
  place?: Place,
): Refused | null {
  const { who, input } = command;
  const key = input.reservationKey;
  const none = `There is no reservation ${key} of yours; make one with reserveStock.`;
  if (record === undefined || place === undefined || (who.role === 'STOREFRONT' && !mayTouch(who, record)))
    return refusal('NotFound', none, { what: 'Reservation', keys: [key] });
  if (who.role !== 'STOREFRONT') mustWorkAt(who, place.id, place.code);
  if (!place.open) return notAPickupPlace(place);
  if (!record.certificate.lines.some((l) => l.held > 0))
    return refusal('InvalidInput', `Reservation ${key} holds no units; reserve some first.`, {
      path: 'reservation',
    });
  return null;
}

/** Hands the holds that may become orders over to them; every other command gets its refusal. */
export async function heldBaskets(
  tx: Tx,
  now: Date,
  commands: readonly PlaceCommand[],
  records: readonly ReservationRecord[],
  places: ReadonlyMap<number, Place>,
): Promise<Map<PlaceCommand, Basket | Refused>> {
  const answers = new Map<PlaceCommand, Basket | Refused>();
  const byId = new Map(records.map((r) => [r.id, r]));
  const first = new Map<string, PlaceCommand>();
  for (const command of commands) {
    const id = command.input.reservationId!;
    const record = byId.get(id);
    const no = refuseHold(command, record, record && places.get(record.locationId));
    if (no !== null) answers.set(command, no);
    else if (first.has(id)) answers.set(command, endedHold(command, 'COMMITTED'));
    else first.set(id, command);
  }
  if (first.size === 0) return answers;
  const rows = await commitReservations(tx, now, [...first.keys()]);
  for (const [id, command] of first) {
    const row = rows.get(id)!;
    const place = places.get(row.locationId)!;
    answers.set(
      command,
      row.committed
        ? {
            ownerId: row.ownerId,
            place,
            channel: row.channel,
            reservationId: id,
            lines: row.lines.map((l) => ({ skuId: l.skuId, reserved: l.quantity, awaiting: 0 })),
            taken: [],
            plans: [],
            log: [],
            shortfall: [],
          }
        : endedHold(command, statusAt(row, now)),
    );
  }
  return answers;
}
