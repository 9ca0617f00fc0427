// restrictProcessing: restricts the processing of a customer's data, or lifts the restriction.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { notFound } from '../../refusals';
import { erasableCustomer } from '../queries/erasure';
import type { IdentifierLimits } from '../rules/links';
import { insertDataRequest } from './dataRequests';
import { lockCustomers, partProbable } from './links';

const RESTRICT = `
  UPDATE identifier SET restricted_at = $2 WHERE id = ANY($1::bigint[]) AND restricted_at IS NULL RETURNING id`;
const LIFT = `
  UPDATE identifier SET restricted_at = NULL WHERE id = ANY($1::bigint[]) AND restricted_at IS NOT NULL RETURNING id`;

/** Whether the processing of a customer's data is restricted from now on. */
interface RestrictionInput {
  customerId: string;
  isRestricted: boolean;
  limits: IdentifierLimits;
}

/**
 * Restricts every identifier that rules and people joined, so that neither a join nor a split lifts it. Those that only the model joined
 * become customers of their own, which stay as they are. @throws Refused NotFound
 */
export const restrictProcessing = defineCommand(
  'restrictProcessing',
  async (tx: Tx, { input, actor, now }: Command<RestrictionInput>) => {
    const { customerId, isRestricted, limits } = input;
    const { actorId } = actor;
    await lockCustomers(tx);
    const { own } = await erasableCustomer(tx, customerId, limits);
    const ids = own.map(({ id }) => id);
    if (ids.length === 0) throw notFound('Customer', [customerId]);
    const changed = await (isRestricted ? tx.rows(RESTRICT, [ids, now]) : tx.rows(LIFT, [ids]));
    if (isRestricted) await partProbable(tx, { now, actorId, limits }, ids);
    const kind = isRestricted ? 'RESTRICTION' : 'LIFTING';
    if (changed.length > 0) await insertDataRequest(tx, now, { kind, customerId, actorId, isDone: true });
    return { isRestricted };
  },
);
