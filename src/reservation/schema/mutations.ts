// Mutations of reservations.

import { DEFAULT_CHANNEL, resolveChannel } from '../../access/rules/channels';
import { RESERVERS } from '../../access/rules/roleSets';
import { QuotaExceeded } from '../../access/schema/quotas';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import type { Context } from '../../graphql/context';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { encodeGlobalID } from '../../graphql/ids';
import { type InputFields, type InputOf, mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { resolveUnitsAt } from '../../location/queries/labels';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkCount, checkQuantity, checkText, MAX_LINES } from '../../refusals';
import { NotEnoughStock } from '../../stock/schema/refusals';
import { extendReservation, releaseReservation } from '../actions/commands';
import { reserveStock } from '../actions/reserve';
import type { ReserveInput } from '../actions/reserveBatch';
import type { ReservationRecord, ReservationWithLines } from '../queries/reservations';
import {
  checkHoldMinutes,
  MAX_CODE_LENGTH,
  RESERVATION,
  RESERVATION_LIMITS,
  type Reserved,
} from '../rules/reservation';
import { Reservation, reservationById } from './types';

/** Reads a reservation after a command, past the request's cache. */
async function present(context: Context, id: string): Promise<{ reservation: ReservationRecord }> {
  const reservation = await reservationById(context).clear(id).load(id);
  if (reservation === null) throw new Error(`reservation ${id} was answered to someone who may not see it`);
  return { reservation };
}

const HOLD_MINUTES_RANGE = `Whole minutes from now, ${RESERVATION_LIMITS.minHoldMinutes} to ${RESERVATION_LIMITS.maxHoldMinutes}.`;

const reserveStockInput = (t: InputFields) => ({
  location: t.string({ required: true, description: 'Location code.' }),
  channel: t.string({
    description: `Sales channel, whose safety stock is not available to others. ${DEFAULT_CHANNEL} if omitted, or a storefront’s first channel. A storefront gets FORBIDDEN for a channel that is not its own.`,
  }),
  lines: t.field({
    type: [SkuQuantityInput],
    required: true,
    description: 'The SKUs to reserve.',
  }),
  allowPartial: t.boolean({
    required: true,
    defaultValue: false,
    description:
      'Reserves the available units of each line instead of refusing the whole basket. STOREFRONT tokens get at most PUBLIC_STOCK_CAP (4) of an incomplete line, so that exact stock is not disclosed.',
  }),
  holdMinutes: t.int({
    required: true,
    defaultValue: RESERVATION_LIMITS.defaultHoldMinutes,
    description: HOLD_MINUTES_RANGE,
  }),
  holder: t.string({
    description:
      'Your own ID of the basket. Reserving again with it at the same location replaces its reservation. It stays in the audit trail: use an opaque ID, never a name or address.',
  }),
});

const reservationAfter = (description: string): Success<{ reservation: ReservationRecord }> => ({
  description,
  authScopes: { signedIn: true },
  fields: (t) => ({ reservation: t.field({ type: Reservation, resolve: (done) => done.reservation }) }),
});

/** The reservation as it was made, from the command's answer; nothing is read. */
function reservationMade(reserved: Reserved, holder: string | null): ReservationWithLines {
  return {
    ...reserved,
    holder,
    status: 'ACTIVE',
    expiresAt: new Date(reserved.expiresAt),
    createdAt: new Date(reserved.createdAt),
    endedAt: null,
  };
}

/** Checks a basket and resolves its location and SKUs to ids. @throws Refused InvalidInput, NotFound */
async function resolved(context: Context, input: InputOf<typeof reserveStockInput>): Promise<ReserveInput> {
  checkCount(input.lines, 'lines', MAX_LINES);
  for (const [i, line] of input.lines.entries()) {
    checkText(line.sku, `lines.${i}.sku`, MAX_CODE_LENGTH);
    checkQuantity(line.quantity, `lines.${i}.quantity`);
  }
  checkText(input.location, 'location', MAX_CODE_LENGTH);
  const channel = resolveChannel(context.caller, input.channel, 'channel');
  checkHoldMinutes(input.holdMinutes, 'holdMinutes');
  if (input.holder != null) checkText(input.holder, 'holder', RESERVATION.columns.holder.maxLength);
  const { location, holdMinutes, allowPartial } = input;
  const locationIds = await locationIdsByCode(context.db, [location]);
  const lines = await resolveUnitsAt(context.db, location, input.lines);
  return {
    locationId: locationIds.get(location)!,
    locationCode: location,
    channel,
    holder: input.holder ?? null,
    holdMinutes,
    allowPartial,
    lines: lines.map(({ skuId, sku, quantity }) => ({ skuId, sku, quantity })),
  };
}

mutation('reserveStock', {
  description:
    'Reserves a basket at one location for some time: its units are promised to no one else. A retry with the same key gets the first answer again; read `reservation` for the current state.',
  authScopes: RESERVERS,
  price: commandPrice('lines', LOCKED_LINE),
  input: reserveStockInput,
  success: reservationAfter('The reservation. A retry answers with the reservation as it was made.'),
  refusals: [NotEnoughStock, QuotaExceeded],
  execute: async (input, context, request) => {
    const reserved = await reserveStock(context.db, request(await resolved(context, input)));
    return { reservation: reservationMade(reserved, input.holder ?? null) };
  },
});

/** The input of commands on one reservation. */
const referenceOf = (reservation: { typename: string; id: string }) => ({
  reservationId: reservation.id,
  reservationKey: encodeGlobalID(reservation.typename, reservation.id),
});

mutation('extendReservation', {
  description:
    'Moves the expiry of a reservation to holdMinutes from now. An expired reservation cannot be extended: reserve again.',
  authScopes: RESERVERS,
  price: commandPrice(),
  input: (t) => ({
    reservation: t.globalID({ required: true, for: [Reservation] }),
    holdMinutes: t.int({
      required: true,
      defaultValue: RESERVATION_LIMITS.defaultHoldMinutes,
      description: `${HOLD_MINUTES_RANGE} A reservation is never shortened and lasts at most ${RESERVATION_LIMITS.maxLifeMinutes} minutes in all.`,
    }),
  }),
  success: reservationAfter('The reservation with its new expiry.'),
  refusals: [WrongState, QuotaExceeded],
  execute: async (input, context, request) => {
    checkHoldMinutes(input.holdMinutes, 'holdMinutes');
    const { reservationId } = await extendReservation(
      context.db,
      request({
        ...referenceOf(input.reservation),
        holdMinutes: input.holdMinutes,
      }),
    );
    return present(context, reservationId);
  },
});

mutation('releaseReservation', {
  description: 'Releases the units of a reservation.',
  authScopes: RESERVERS,
  price: commandPrice(),
  input: (t) => ({
    reservation: t.globalID({ required: true, for: [Reservation] }),
  }),
  success: reservationAfter('The released reservation.'),
  refusals: [WrongState],
  execute: async (input, context, request) => {
    const { reservationId } = await releaseReservation(context.db, request(referenceOf(input.reservation)));
    return present(context, reservationId);
  },
});
