// Purchase orders as the tests drive them: one call a command, and what stands on the shelves.

import type { TestApp } from '../support/app';
import { capitalized, sendMutation } from '../support/graphqlClient';

const REFUSALS = `
  ... on Refusal { message }
  ... on InvalidInput { path }
  ... on NotFound { what keys }`;
const ORDER = `id number status supplier { code } location { code } note createdAt orderedAt expectedAt closedAt
  lines { sku { code } quantity received outstanding }`;
const STATE = '... on WrongState { what key state allowedStates }';
const OVER = '... on OverDelivered { number lines { sku ordered received delivered acceptable } }';

const mutation = <const Name extends string, const More extends string>(name: Name, more: More) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ${REFUSALS} ${more}
    ... on ${capitalized(name)}Success { purchaseOrder { ${ORDER} } } } }` as const;
const ACTS = {
  createPurchaseOrder: mutation('createPurchaseOrder', ''),
  placePurchaseOrder: mutation('placePurchaseOrder', STATE),
  receivePurchaseOrder: mutation('receivePurchaseOrder', `${STATE} ${OVER}`),
  reversePurchaseReceipt: mutation(
    'reversePurchaseReceipt',
    `${STATE} ... on NotEnoughStock { bucket lines { sku location requested available } }`,
  ),
  closePurchaseOrder: mutation('closePurchaseOrder', STATE),
  upsertSuppliers: `mutation ($input: UpsertSuppliersInput!) { upsertSuppliers(input: $input) {
    __typename ${REFUSALS} ... on UpsertSuppliersSuccess { suppliers { id code name leadTimeDays orderCutOff } } } }`,
} as const;

const AVAILABLE = `
  SELECT l.available FROM stock_level l JOIN location p ON p.id = l.location_id JOIN sku s ON s.id = l.sku_id
  WHERE p.code = $1 AND s.code = $2`;

let keys = 0;

/** The commands on one app. */
export function purchasesOn(app: TestApp) {
  const act = <Name extends keyof typeof ACTS>(name: Name, token: string | null, input: object) =>
    sendMutation(app, ACTS, name, token, { idempotencyKey: `purchase-${++keys}`, ...input });
  return {
    act,
    /** A supplier 'alps' with five days of lead time. */
    async supplier(token: string) {
      await act('upsertSuppliers', token, {
        suppliers: [{ code: 'alps', name: 'Alps & Co', leadTimeDays: 5 }],
      });
    },
    async placed(token: string, lines: { sku: string; quantity: number }[], more: object = {}) {
      const input = { supplier: 'alps', location: 'paris', lines, order: true, ...more };
      return (await act('createPurchaseOrder', token, input)).answer.purchaseOrder;
    },
    async available(location: string, sku: string) {
      const [row] = await app.db.rows<{ available: number }>(AVAILABLE, [location, sku]);
      return row?.available ?? 0;
    },
  };
}
