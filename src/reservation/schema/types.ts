// GraphQL types of reservations: status by the clock, lines, certificate.

import { mayTouch, seesNumbers } from '../../access/rules/roles';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { documentFields } from '../../graphql/documentFields';
import { partsLoader } from '../../graphql/lineLoaders';
import { inOrderOf, loader } from '../../graphql/loaders';
import { LOCATION_FIELD } from '../../location/schema/location';
import { certificatesById, type ReservationRecord, reservationsById } from '../queries/reservations';
import { opaquePosition } from '../rules/position';
import { type Certificate, type CertificateLine, RESERVATION, statusAt } from '../rules/reservation';

/** Reservations by id, null for unknown ones and those the caller may not see; one query per request. */
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
  description: 'State of a reservation: ACTIVE, then one of the others.',
  values: {
    ACTIVE: { description: 'Its units are reserved.' },
    COMMITTED: { description: 'It became an order.' },
    RELEASED: { description: 'It was released before it expired.' },
    EXPIRED: { description: 'Its time has passed; its units are available again.' },
  } as const,
});

const ReservationLine = builder.objectRef<CertificateLine>('ReservationLine').implement({
  description: 'One SKU of a reservation.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.field(SKU_FIELD),
    requested: t.exposeInt('requested', { description: 'Units requested.' }),
    quantity: t.exposeInt('held', {
      description: 'Units reserved; fewer than requested only with allowPartial.',
    }),
  }),
});

/** Description of ledger positions, which are opaque to storefronts. */
export const POSITION_HIDDEN =
  'Moves are numbered in the whole chain, so that two positions would disclose sales: storefronts get an opaque number instead, always the same for one position.';

/** A ledger position as this caller may see it. */
export function positionSeen({ caller, secretKey }: Context, position: number): number {
  return seesNumbers(caller) ? position : opaquePosition(secretKey, position);
}

export const NUMBERS = 'Null for storefronts, which never see exact stock.';

const ReservationCertificateLine = builder
  .objectRef<CertificateLine>('ReservationCertificateLine')
  .implement({
    description: 'What the decision on one line was based on, in units of the AVAILABLE bucket.',
    authScopes: { signedIn: true },
    fields: (t) => ({
      sku: t.field(SKU_FIELD),
      requested: t.exposeInt('requested', { description: 'Units requested.' }),
      reserved: t.exposeInt('held', { description: 'Units reserved.' }),
      wasAvailable: t.int({
        nullable: true,
        description: `Units available before, including the holder’s own and expired reservations. ${NUMBERS}`,
        resolve: (line, _args, context) => (seesNumbers(context.caller) ? line.wasAvailable : null),
      }),
      safetyStock: t.int({
        nullable: true,
        description: `Safety stock of the channel, which is not available to it. ${NUMBERS}`,
        resolve: (line, _args, context) => (seesNumbers(context.caller) ? line.safetyStock : null),
      }),
      remaining: t.int({
        nullable: true,
        description: `Units left: wasAvailable minus the units reserved. ${NUMBERS}`,
        resolve: (line, _args, context) => (seesNumbers(context.caller) ? line.remaining : null),
      }),
      position: t.field({
        type: 'BigInt',
        description: `Ledger position right after the decision: the ID of the last move of this SKU here. ${POSITION_HIDDEN}`,
        resolve: (line, _args, context) => positionSeen(context, line.position),
      }),
    }),
  });

const ReservationCertificate = builder.objectRef<Certificate>('ReservationCertificate').implement({
  description: 'What a reservation was decided on, so that the decision can be verified later.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    asOf: t.field({
      type: 'DateTime',
      description: 'When it was decided.',
      resolve: (certificate) => new Date(certificate.asOf),
    }),
    lines: t.field({
      type: [ReservationCertificateLine],
      description: 'The SKUs.',
      resolve: (certificate) => certificate.lines,
    }),
  }),
});

export const Reservation = builder.node(builder.objectRef<ReservationRecord>('Reservation'), {
  description:
    'Units of a basket promised at one location until a time. Afterwards it has become an order, or was released or expired.',
  authScopes: { signedIn: true },
  id: { resolve: (reservation) => reservation.id },
  loadManyWithoutCache: (ids: string[], context) =>
    Promise.all(ids.map((id) => reservationById(context).load(id))),
  fields: (t) => ({
    location: t.field(LOCATION_FIELD),
    ...documentFields(t, RESERVATION, {}),
    status: t.field({
      type: ReservationStatus,
      description: 'A reservation whose time has passed is EXPIRED at once.',
      resolve: (reservation, _args, context) => statusAt(reservation, context.now),
    }),
    lines: t.field({
      type: [ReservationLine],
      description: 'What is reserved.',
      resolve: async (reservation, _args, context) => (await certificateOf(context, reservation)).lines,
    }),
    certificate: t.field({
      type: ReservationCertificate,
      description: 'What it was decided on.',
      resolve: (reservation, _args, context) => certificateOf(context, reservation),
    }),
  }),
});

export const ReservationConnection = connectionOf(Reservation);
