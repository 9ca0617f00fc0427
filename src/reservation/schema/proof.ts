// verifyReservation: replays a reservation's certificate for callers that may see its quantities.

import { COMMERCE } from '../../access/rules/roleSets';
import { seesNumbers } from '../../access/rules/roles';
import { Sku, skuById } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { badInput } from '../../graphql/errors';
import { proofOf } from '../queries/proof';
import type { ReservationRecord } from '../queries/reservations';
import type { ProvenLine } from '../rules/proof';
import { certificateOf, NUMBERS, POSITION_HIDDEN, positionSeen, Reservation, reservationById } from './types';

const DETACHED =
  'The moves of the time when this hold was decided were detached from the ledger, so it can no longer be replayed.';

const WRONG_WITHOUT_NUMBERS =
  'The certificate and the ledger do not agree; the retailer can verify this hold and see in what.';

const ReservationProofLine = builder.objectRef<ProvenLine>('ReservationProofLine').implement({
  description: 'One line of a certificate beside the ledger, in units.',
  authScopes: COMMERCE,
  fields: (t) => ({
    sku: t.field({ type: Sku, resolve: (line, _args, context) => skuById(context).load(line.skuId) }),
    requested: t.exposeInt('requested'),
    reserved: t.exposeInt('held', { description: 'As the certificate says.' }),
    moved: t.exposeInt('moved', { description: 'As the hold’s own move in the ledger says.' }),
    wasAvailable: t.int({
      nullable: true,
      description: `As the certificate says. ${NUMBERS}`,
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.wasAvailable : null),
    }),
    replayed: t.int({
      nullable: true,
      description: `Available when it was decided: the sum of all moves of the shelf before the hold’s own. ${NUMBERS}`,
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.replayed : null),
    }),
    safetyStock: t.int({
      nullable: true,
      description: `Kept back from the channel then. ${NUMBERS}`,
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.safetyStock : null),
    }),
    position: t.field({
      type: 'BigInt',
      description: POSITION_HIDDEN,
      resolve: (line, _args, context) => positionSeen(context, line.position),
    }),
    problems: t.stringList({
      description: 'What does not agree; empty: the answer was right. Without numbers for front ends.',
      resolve: ({ wrong }, _args, { caller }) =>
        seesNumbers(caller) || wrong.length === 0 ? wrong : [WRONG_WITHOUT_NUMBERS],
    }),
  }),
});

const ReservationProof = builder
  .objectRef<{ hold: ReservationRecord; lines: ProvenLine[] }>('ReservationProof')
  .implement({
    description: 'Whether the answer that a hold was given was right, by the ledger.',
    authScopes: COMMERCE,
    fields: (t) => ({
      reservation: t.field({ type: Reservation, resolve: (proof) => proof.hold }),
      isConsistent: t.boolean({ resolve: (proof) => proof.lines.every((line) => line.wrong.length === 0) }),
      lines: t.field({ type: [ReservationProofLine], resolve: (proof) => proof.lines }),
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
      const hold = await reservationById(context).load(id.id);
      if (hold == null) return null;
      const lines = await proofOf(context.db, {
        ...hold,
        certificate: await certificateOf(context, hold),
      });
      if (lines === null) throw badInput(DETACHED);
      return { hold, lines };
    },
  }),
);
