// exportCustomer and revokeCustomerExport: order a copy of a customer's data, and take its links back.

import { type Command, defineCommand } from '../../access/actions/execute';
import { SYSTEM } from '../../access/rules/roles';
import type { Tx } from '../../db/pool';
import { checkState, notFound } from '../../refusals';
import { erasableCustomer } from '../queries/erasure';
import { exportState, exportsById } from '../queries/exports';
import type { IdentifierLimits } from '../rules/links';
import { insertDataRequest } from './dataRequests';
import { lockCustomers } from './links';
import { logLookups } from './logLookups';

const PENDING = `
  SELECT r.id FROM data_request r
  WHERE r.kind = 'EXPORT' AND r.status = 'PENDING' AND r.customer_id = ANY($1::uuid[])
  ORDER BY r.id LIMIT 1`;

/** A customer by its uuid and by the global id that clients know it by. */
interface ExportSubject {
  customerId: string;
  customerKey: string;
  limits: IdentifierLimits;
}

/**
 * Orders an export, which the job exportCustomers makes. While one of the customer is pending, the answer is that one,
 * with the customers that only the model joined with this one, which are left out.
 * @throws Refused NotFound, WrongState for an erased customer
 */
export const exportCustomer = defineCommand(
  'exportCustomer',
  async (tx: Tx, { input, actor, now }: Command<ExportSubject>) => {
    const { customerId, customerKey, limits } = input;
    const { actorId } = actor;
    await lockCustomers(tx);
    const { own, probableIds } = await erasableCustomer(tx, customerId, limits);
    if (own.length === 0) throw notFound('Customer', [customerKey]);
    const state = own.every((one) => one.isErased) ? 'ERASED' : 'KNOWN';
    checkState('Customer', customerKey, state, ['KNOWN'], 'exported');
    await logLookups(tx, { actorId, now }, [{ customerId, field: 'exportCustomer' }]);
    const [pending] = await tx.rows<{ id: string }>(PENDING, [own.map(({ ownId }) => ownId)]);
    const request = { kind: 'EXPORT', customerId, actorId, isDone: false } as const;
    return { exportId: pending?.id ?? (await insertDataRequest(tx, now, request)), probableIds };
  },
);

const LOCK = 'SELECT FROM customer_export WHERE request_id = $1 FOR UPDATE';
const REVOKE = `
  UPDATE customer_export SET revoked_at = $2, revoked_by_id = $3 WHERE request_id = $1 AND revoked_at IS NULL`;
const DELETE_PARTS = 'DELETE FROM customer_export_part WHERE request_id = $1';

/** Deletes the files of an export, so that its links lead nowhere. Revoked again, nothing changes. @throws Refused NotFound, WrongState */
export const revokeCustomerExport = defineCommand(
  'revokeCustomerExport',
  async (tx: Tx, { input, actor, now }: Command<{ exportId: string; exportKey: string }>) => {
    const { exportId, exportKey } = input;
    await tx.rows(LOCK, [exportId]);
    const [found] = await exportsById(tx, [exportId]);
    if (found === undefined) throw notFound('CustomerExport', [exportKey]);
    checkState('Export', exportKey, exportState(found, now), ['READY', 'REVOKED'], 'revoked');
    await tx.rows(REVOKE, [exportId, now, actor.actorId]);
    await tx.rows(DELETE_PARTS, [exportId]);
    return { exportId };
  },
);

const FETCHED = `
  UPDATE customer_export SET fetch_count = fetch_count + 1, fetched_at = $2 WHERE request_id = $1`;

/** Records that a file of a customer's export was fetched by its link. */
export async function recordFetch(
  tx: Tx,
  now: Date,
  { id, customerId }: { id: string; customerId: string },
): Promise<void> {
  await tx.rows(FETCHED, [id, now]);
  await logLookups(tx, { actorId: SYSTEM.actorId, now }, [{ customerId, field: 'exportFile' }]);
}
