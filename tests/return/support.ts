// Returns as the tests drive them: collected orders to return, one call a command, and what stands on the shelves.

import { v7 as uuid } from 'uuid';
import type { TestApp } from '../support/app';
import { capitalized, sendMutation } from '../support/graphqlClient';

const RETURN = `id number status location { code } orderNumber receipt soldAt rejectReason createdAt closedAt receivedWith { number }
  announced { sku { code } quantity reason disposition } lines { sku { code } quantity reason disposition }`;
const REFUSALS = `
  ... on Refusal { message }
  ... on InvalidInput { path }
  ... on NotFound { what keys }
  ... on WrongState { what key state allowedStates }`;
const JUDGED = `
  ... on NotReturnable { sku }
  ... on ReturnWindowClosed { sku soldAt lastDay }
  ... on TooManyReturned { sku requested returnable }`;

const mutation = <const Name extends string, const More extends string>(name: Name, more: More) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ${REFUSALS} ${more}
    ... on ${capitalized(name)}Success { return { ${RETURN} } } } }` as const;
const ACTS = {
  requestReturn: mutation('requestReturn', JUDGED),
  receiveReturn: mutation('receiveReturn', JUDGED),
  rejectReturn: mutation('rejectReturn', ''),
};

const ORDER = `
  INSERT INTO customer_order (id, number, owner_id, location_id, channel, status, payment, paid_at, customer_name,
                              contact_channel, placed_at, closed_at, updated_at)
  SELECT $1, 'C-' || nextval('order_number'), a.id, l.id, 'ONLINE', 'COLLECTED', 'PAID', $4, 'Ada', 'EMAIL', $4, $4, $4
  FROM actor a, location l WHERE a.name = $2 AND l.code = $3 RETURNING number`;
const LINES = `
  INSERT INTO order_line (order_id, sku_id, quantity, collected, cancelled)
  SELECT $1, s.id, o.quantity + 1, o.quantity, 1
  FROM unnest($2::text[], $3::int[]) AS o(sku, quantity) JOIN sku s ON s.code = o.sku`;
const LEVEL = `
  SELECT l.available, l.quarantine FROM stock_level l
  JOIN location p ON p.id = l.location_id JOIN sku s ON s.id = l.sku_id WHERE p.code = $1 AND s.code = $2`;
const RETURNED = `
  SELECT l.returned FROM order_line l JOIN sku s ON s.id = l.sku_id WHERE l.order_id = $1 AND s.code = $2`;

/** The key inside a global id. */
export const keyOf = (id: string): string => Buffer.from(id, 'base64').toString().split(':')[1]!;

let keys = 0;

/** The commands on one app. */
export function returnsOn(app: TestApp) {
  return {
    act<Name extends keyof typeof ACTS>(name: Name, token: string | null, input: object) {
      return sendMutation(app, ACTS, name, token, { idempotencyKey: `return-${++keys}`, ...input });
    },
    /** An order that was collected; of each line one more unit was ordered and then cancelled. */
    async collected(owner: string, units: Record<string, number>, at: Date, place = 'paris') {
      const id = uuid();
      const [order] = await app.db.rows<{ number: string }>(ORDER, [id, owner, place, at]);
      await app.db.rows(LINES, [id, Object.keys(units), Object.values(units)]);
      return { id: Buffer.from(`Order:${id}`).toString('base64'), number: order!.number };
    },
    async level(location: string, sku: string) {
      const [row] = await app.db.rows<{ available: number; quarantine: number }>(LEVEL, [location, sku]);
      return row ?? { available: 0, quarantine: 0 };
    },
    async returned(order: string, sku: string) {
      const [row] = await app.db.rows<{ returned: number }>(RETURNED, [keyOf(order), sku]);
      return row?.returned;
    },
  };
}
