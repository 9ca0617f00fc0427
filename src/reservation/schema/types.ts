// GraphQL types of reservations: status by the clock, lines, certificate.

import { mayTouch, seesNumbers } from '../../access/rules/roles';
import { Sku, skuById } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { documentFields } from '../../graphql/documentFields';
import { partsLoader } from '../../graphql/lineLoaders';
import { inOrderOf, loader } from '../../graphql/loaders';
import { Location, locationById } from '../../location/schema/location';
import { certificatesById, type ReservationRecord, reservationsById } from '../queries/reservations';
import { opaquePosition } from '../rules/position';
import { type Certificate, type CertificateLine, RESERVATION, statusAt } from '../rules/reservation';

/** Holds by id as this caller may see them (null: unknown or not theirs), one query a request. */
export const reservationById = loader(async (context, ids: readonly string[]) => {
  const rows = await reservationsById(context.db, ids);
  return inOrderOf(
    ids,
    rows.filter((row) => mayTouch(context.caller, row)),
    (row) => row.id,
  );
});

/** Certificates by reservation: a few at a time, as each may have 200 lines. */
const certificatesOf = partsLoader(
  (context, ids) => certificatesById(context.db, ids),
  ({ id }) => id,
  ({ certificate }) => certificate.lines.length,
);

/** The certificate of a reservation that was read, or has just been made and has it. */
export async function certificateOf(
  context: Context,
  reservation: ReservationRecord & { certificate?: Certificate },
): Promise<Certificate> {
  if (reservation.certificate !== undefined) return reservation.certificate;
  const [found] = await certificatesOf(context).load(reservation.id);
  if (found === undefined) throw new Error(`reservation ${reservation.id} has no certificate`);
  return found.certificate;
}

export const ReservationStatus = builder.enumType('ReservationStatus', {
  description: 'ACTIVE → COMMITTED (became an order) | RELEASED | EXPIRED.',
  values: ['ACTIVE', 'COMMITTED', 'RELEASED', 'EXPIRED'] as const,
});

const ReservationLine = builder.objectRef<CertificateLine>('ReservationLine').implement({
  description: 'One SKU of a hold.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.field({ type: Sku, resolve: (line, _args, context) => skuById(context).load(line.skuId) }),
    requested: t.exposeInt('requested', { description: 'Sellable units asked for.' }),
    quantity: t.exposeInt('held', {
      description: 'Sellable units held; fewer than asked for only with allowPartial.',
    }),
  }),
});

/** Ledger positions as front ends see them. */
export const POSITION_HIDDEN =
  'Moves are numbered through the whole chain, so two positions would tell how much it sold in between: front ends get an opaque number in its stead, always the same for one position.';

/** A ledger position as this caller may see it. */
export function positionSeen({ caller, secretKey }: Context, position: number): number {
  return seesNumbers(caller) ? position : opaquePosition(secretKey, position);
}

export const NUMBERS = 'Null for front ends, which never see exact stock.';

const ReservationCertificateLine = builder
  .objectRef<CertificateLine>('ReservationCertificateLine')
  .implement({
    description: 'What one line was decided on, in units of the AVAILABLE bucket.',
    authScopes: { signedIn: true },
    fields: (t) => ({
      sku: t.field({ type: Sku, resolve: (line, _args, context) => skuById(context).load(line.skuId) }),
      requested: t.exposeInt('requested'),
      reserved: t.exposeInt('held'),
      wasAvailable: t.int({
        nullable: true,
        description: `Available before, the holder’s own hold and holds past their time counted as there. ${NUMBERS}`,
        resolve: (line, _args, context) => (seesNumbers(context.caller) ? line.wasAvailable : null),
      }),
      safetyStock: t.int({
        nullable: true,
        description: `Kept back from this channel. ${NUMBERS}`,
        resolve: (line, _args, context) => (seesNumbers(context.caller) ? line.safetyStock : null),
      }),
      remaining: t.int({
        nullable: true,
        description: `wasAvailable − reserved. ${NUMBERS}`,
        resolve: (line, _args, context) => (seesNumbers(context.caller) ? line.remaining : null),
      }),
      position: t.field({
        type: 'BigInt',
        description: `Ledger position of the shelf right after: the id of its last move. ${POSITION_HIDDEN}`,
        resolve: (line, _args, context) => positionSeen(context, line.position),
      }),
    }),
  });

const ReservationCertificate = builder.objectRef<Certificate>('ReservationCertificate').implement({
  description: 'What a hold was decided on, so that it can be proven later.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    asOf: t.field({ type: 'DateTime', resolve: (certificate) => new Date(certificate.asOf) }),
    lines: t.field({ type: [ReservationCertificateLine], resolve: (certificate) => certificate.lines }),
  }),
});

export const Reservation = builder.node(builder.objectRef<ReservationRecord>('Reservation'), {
  description:
    'A hold: units of a basket promised at one place until a time. Later it is an order, or nothing.',
  authScopes: { signedIn: true },
  id: { resolve: (reservation) => reservation.id },
  loadManyWithoutCache: (ids: string[], context) =>
    Promise.all(ids.map((id) => reservationById(context).load(id))),
  fields: (t) => ({
    location: t.field({
      type: Location,
      resolve: (reservation, _args, context) => locationById(context).load(reservation.locationId),
    }),
    ...documentFields(t, RESERVATION, {}),
    status: t.field({
      type: ReservationStatus,
      description: 'By the clock: a hold past its time is EXPIRED.',
      resolve: (reservation, _args, context) => statusAt(reservation, context.now),
    }),
    lines: t.field({
      type: [ReservationLine],
      resolve: async (reservation, _args, context) => (await certificateOf(context, reservation)).lines,
    }),
    certificate: t.field({
      type: ReservationCertificate,
      resolve: (reservation, _args, context) => certificateOf(context, reservation),
    }),
  }),
});

export const ReservationConnection = connectionOf(Reservation);
