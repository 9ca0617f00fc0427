// restrictProcessing: restricts the processing of a customer's data, or lifts the restriction.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { notFound } from '../../refusals';
import { erasableIdentifiers } from '../queries/erasure';
import { insertDataRequest } from './dataRequests';
import { lockCustomers } from './links';

const RESTRICT = `
  UPDATE identifier SET restricted_at = $2 WHERE id = ANY($1::bigint[]) AND restricted_at IS NULL RETURNING id`;
const LIFT = `
  UPDATE identifier SET restricted_at = NULL WHERE id = ANY($1::bigint[]) AND restricted_at IS NOT NULL RETURNING id`;

/** Whether the processing of a customer's data is restricted from now on. */
interface RestrictionInput {
  customerId: string;
  isRestricted: boolean;
}

/** Restricts every identifier of the customer, so that neither a join nor a split lifts it. @throws Refused NotFound */
export const restrictProcessing = defineCommand(
  'restrictProcessing',
  async (tx: Tx, { input, actor, now }: Command<RestrictionInput>) => {
    const { customerId, isRestricted } = input;
    await lockCustomers(tx);
    const ids = (await erasableIdentifiers(tx, customerId)).map(({ id }) => id);
    if (ids.length === 0) throw notFound('Customer', [customerId]);
    const changed = await (isRestricted ? tx.rows(RESTRICT, [ids, now]) : tx.rows(LIFT, [ids]));
    const kind = isRestricted ? 'RESTRICTION' : 'LIFTING';
    if (changed.length > 0)
      await insertDataRequest(tx, now, { kind, customerId, actorId: actor.actorId, isDone: true });
    return { isRestricted };
  },
);
