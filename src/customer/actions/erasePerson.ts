// Erases a whole customer: identifiers, what interactions state about the person, and the orders; the open ones once they are closed.

import type { Tx } from '../../db/pool';
import { lockOrders } from '../../order/actions/document';
import { OPEN_STATES } from '../../order/rules/status';
import { notFound } from '../../refusals';
import { erasableCustomer, onlyClaimedBeside, ordersToErase, returnsToErase } from '../queries/erasure';
import type { IdentifierLimits } from '../rules/links';
import { notifyReceivers } from './acknowledgeErasure';
import { insertDataRequest } from './dataRequests';
import { emptyTraces } from './emptyTraces';
import { deletePersonRecords, eraseOrders, eraseReturns } from './eraseDocuments';
import { eraseIdentifiers } from './eraseIdentifiers';
import { lockCustomers, partProbable } from './links';

const WAIT_FOR_ORDERS = `
  INSERT INTO erasure_order (order_id, request_id) SELECT id, $2 FROM unnest($1::uuid[]) AS n(id) ORDER BY id
  ON CONFLICT DO NOTHING`;

/** Whom to erase, for whom, and the days in which receivers should acknowledge. */
interface PersonToErase {
  customerId: string;
  actorId: number;
  now: Date;
  acknowledgeDays: number;
  limits: IdentifierLimits;
}

/**
 * Erases the customer with this id, present or former: what rules and people joined. Those that only the model joined with it become
 * customers of their own, and are answered. What only an erased identifier would find stays, without a name: interactions,
 * links, decisions about consents, amounts. Erased again, nothing changes. Answers the number of orders that wait until they
 * are closed as well.
 * @throws Refused NotFound
 */
export async function erasePerson(
  tx: Tx,
  { customerId, actorId, now, acknowledgeDays, limits }: PersonToErase,
): Promise<{ openOrders: number; probableIds: string[] }> {
  // Before any order: the job that records interactions reads orders under this lock, so that it sees them before or after, never between.
  await lockCustomers(tx);
  const { own, probableIds } = await erasableCustomer(tx, customerId, limits);
  if (own.length === 0) throw notFound('Customer', [customerId]);
  const ownIds = own.map(({ id }) => id);
  const ids = [...ownIds, ...(await onlyClaimedBeside(tx, ownIds))];
  const provenIds = own.filter((one) => one.isProven).map(({ id }) => id);
  const orders = await lockOrders(tx, await ordersToErase(tx, ids, provenIds));
  const open = orders.filter(({ status }) => OPEN_STATES.includes(status));
  const openOrders = open.length;
  if (own.every((one) => one.isErased)) return { openOrders, probableIds };

  const isDone = openOrders === 0;
  const requestId = await insertDataRequest(tx, now, { kind: 'ERASURE', customerId, actorId, isDone });
  const openIds = open.map(({ id }) => id);
  await tx.rows(WAIT_FOR_ORDERS, [openIds, requestId]);
  await deletePersonRecords(tx, openIds);
  await emptyTraces(
    tx,
    ids,
    orders.map(({ id }) => id),
  );
  await eraseOrders(
    tx,
    now,
    orders.filter((order) => !open.includes(order)),
  );
  await eraseReturns(tx, await returnsToErase(tx, ids));
  await eraseIdentifiers(tx, now, ids, 'PERSON');
  await partProbable(tx, { now, actorId, limits }, ids);
  const numbers = orders.map(({ number }) => number);
  const receivers = { cause: 'PERSON', acknowledgeDays } as const;
  await notifyReceivers(tx, now, receivers, [{ requestId, identifierIds: ownIds, numbers }]);
  return { openOrders, probableIds };
}
