// verifyReservation: replays a reservation's certificate for callers that may see its quantities.

import { COMMERCE } from '../../access/rules/roleSets';
import { seesNumbers } from '../../access/rules/roles';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { badInput } from '../../graphql/errors';
import { proofOf } from '../queries/proof';
import type { ReservationRecord } from '../queries/reservations';
import type { ProvenLine } from '../rules/proof';
import { certificateOf, NUMBERS, POSITION_HIDDEN, positionSeen, Reservation, reservationById } from './types';

const DETACHED =
  'The moves of the time when this reservation was decided were detached from the ledger, so it can no longer be replayed.';

const WRONG_WITHOUT_NUMBERS =
  'The certificate and the ledger do not agree; the retailer can verify this reservation and see the differences.';

const ReservationProofLine = builder.objectRef<ProvenLine>('ReservationProofLine').implement({
  description: 'One line of a certificate compared with the ledger, in units.',
  authScopes: COMMERCE,
  fields: (t) => ({
    sku: t.field(SKU_FIELD),
    requested: t.exposeInt('requested', { description: 'Units requested.' }),
    reserved: t.exposeInt('held', { description: 'Units reserved, by the certificate.' }),
    moved: t.exposeInt('moved', { description: 'Units reserved, by the move in the ledger.' }),
    wasAvailable: t.int({
      nullable: true,
      description: `Units available, by the certificate. ${NUMBERS}`,
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.wasAvailable : null),
    }),
    replayed: t.int({
      nullable: true,
      description: `Units available, by the ledger: the sum of all earlier moves of this SKU here. ${NUMBERS}`,
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.replayed : null),
    }),
    safetyStock: t.int({
      nullable: true,
      description: `Safety stock of the channel at that time. ${NUMBERS}`,
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.safetyStock : null),
    }),
    position: t.field({
      type: 'BigInt',
      description: `Ledger position right after the decision. ${POSITION_HIDDEN}`,
      resolve: (line, _args, context) => positionSeen(context, line.position),
    }),
    problems: t.stringList({
      description: 'What does not agree; empty if the decision was right. Without numbers for storefronts.',
      resolve: ({ wrong }, _args, { caller }) =>
        seesNumbers(caller) || wrong.length === 0 ? wrong : [WRONG_WITHOUT_NUMBERS],
    }),
  }),
});

const ReservationProof = builder
  .objectRef<{ reservation: ReservationRecord; lines: ProvenLine[] }>('ReservationProof')
  .implement({
    description: 'Whether a reservation was decided correctly, by the ledger.',
    authScopes: COMMERCE,
    fields: (t) => ({
      reservation: t.field({
        type: Reservation,
        description: 'The reservation.',
        resolve: (proof) => proof.reservation,
      }),
      isConsistent: t.boolean({
        description: 'Whether certificate and ledger agree.',
        resolve: (proof) => proof.lines.every((line) => line.wrong.length === 0),
      }),
      lines: t.field({
        type: [ReservationProofLine],
        description: 'The comparison by SKU.',
        resolve: (proof) => proof.lines,
      }),
    }),
  });

builder.queryField('verifyReservation', (t) =>
  t.field({
    type: ReservationProof,
    nullable: true,
    description:
      'Replays the ledger up to the moment of the reservation and compares it with the certificate; null if there is no such reservation or this token may not read it.',
    authScopes: COMMERCE,
    args: { id: t.arg.globalID({ required: true, for: [Reservation] }) },
    resolve: async (_root, { id }, context) => {
      const reservation = await reservationById(context).load(id.id);
      if (reservation == null) return null;
      const lines = await proofOf(context.db, {
        ...reservation,
        certificate: await certificateOf(context, reservation),
      });
      if (lines === null) throw badInput(DETACHED);
      return { reservation, lines };
    },
  }),
);
