// Orders as the tests drive them: one call a command, fresh keys, and what stands on the shelves.

import { stockDrift } from '../../src/stock/queries/levels';
import type { TestApp } from '../support/app';
import type { FieldOf, Readable } from '../support/graphqlAnswer';
import { capitalized, sendMutation } from '../support/graphqlClient';

export const REFUSALS = `
  ... on Refusal { message }
  ... on InvalidInput { path }
  ... on NotFound { what keys }
  ... on KeyReused { firstAction }`;
const WRONG_STATE = '... on WrongState { what key state allowedStates }';
const ORDER = `id number status updatedAt readyAt collectBy closedAt onTheWayAt arrivedAt
  lines { sku { code } quantity reserved awaiting staged collected cancelled short shortReason }`;

const mutation = <const Name extends string, const Own extends string>(name: Name, own: Own) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ${REFUSALS} ${WRONG_STATE} ${own} } }` as const;
const onOrder = <const Name extends string, const Own extends string>(name: Name, own: Own) =>
  mutation(name, `${own} ... on ${capitalized(name)}Success { order { ${ORDER} } }`);
const MUTATIONS = {
  placeOrder: onOrder(
    'placeOrder',
    `... on QuotaExceeded { quota limit current requested sku }
    ... on NotEnoughStock { lines { sku location requested available } }
    ... on PlaceOrderSuccess { shortfall { sku requested placed } }`,
  ),
  startPicking: mutation('startPicking', `... on StartPickingSuccess { orders { ${ORDER} } }`),
  pickLine: onOrder('pickLine', '... on WrongScan { scanned scannedSku expectedSkus }'),
  undoPick: onOrder('undoPick', ''),
  reportBroken: onOrder(
    'reportBroken',
    '... on ReportBrokenSuccess { replacedHere resourced short transfers { id from { code } } }',
  ),
  shortPick: onOrder(
    'shortPick',
    '... on ShortPickSuccess { replacedHere resourced short transfers { id number from { code } } }',
  ),
  markReady: onOrder('markReady', '... on LinesOpen { number skus unitsToPick unitsAwaited }'),
  collectOrder: onOrder(
    'collectOrder',
    `... on WrongPickupCode { number attemptsLeft } ... on PickupCodeLocked { attempts }
    ... on TooManyCodeAttempts { retryAfterSeconds } ... on PaymentDue { amount { amountMinor currency } }`,
  ),
  cancelOrder: onOrder('cancelOrder', ''),
  cancelOrderLine: onOrder('cancelOrderLine', ''),
  onMyWay: onOrder('onMyWay', ''),
  imHere: onOrder('imHere', ''),
  reissuePickupCode: onOrder('reissuePickupCode', ''),
  unlockPickupCode: onOrder('unlockPickupCode', ''),
  eraseCustomer: onOrder('eraseCustomer', ''),
};
const transferMutation = <const Name extends string>(name: Name) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ${REFUSALS} } }` as const;
const TRANSFER_MUTATIONS = {
  dispatchTransfer: transferMutation('dispatchTransfer'),
  receiveTransfer: transferMutation('receiveTransfer'),
  cancelTransfer: transferMutation('cancelTransfer'),
};
export type OrderMutation = keyof typeof MUTATIONS;

const LEVEL = `
  SELECT l.available, l.reserved, l.staged, l.quarantine, l.in_transit AS "inTransit" FROM stock_level l
  JOIN location p ON p.id = l.location_id JOIN sku s ON s.id = l.sku_id WHERE p.code = $1 AND s.code = $2`;
const TOPICS = 'SELECT topic FROM outbox WHERE order_id = $1 ORDER BY created_at, id';
const RECEIVE = `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }`;
const RESERVE = `mutation ($input: ReserveStockInput!) { reserveStock(input: $input) { __typename ${REFUSALS}
  ... on ReserveStockSuccess { reservation { id } } } }` as const;

export const ANNE = { name: 'Anne Martin', email: 'Anne.Martin@example.com', contactChannel: 'EMAIL' };

let keys = 0;
/** A key nobody used before. */
export const freshKey = (): string => `key-${++keys}`;

export interface OrderLineRequest {
  sku: string;
  quantity: number;
}

/** The people of a small chain and the acts they take. Answers are the union's data, or the whole answer on errors. */
export async function ordersOn(app: TestApp) {
  const web = await app.token('STOREFRONT', `web-${freshKey()}`);
  const paris = await app.token('STAFF', `paris-${freshKey()}`, ['paris']);
  const depot = await app.token('STAFF', `depot-${freshKey()}`, ['depot']);
  const lyon = await app.token('STAFF', `lyon-${freshKey()}`, ['lyon']);

  const send = <Name extends OrderMutation>(
    token: string | null,
    name: Name,
    input: Record<string, unknown>,
  ) => sendMutation(app, MUTATIONS, name, token, { idempotencyKey: freshKey(), ...input });
  /** One act; its answer, or the error's code where there is no answer. */
  async function act<Name extends OrderMutation>(
    token: string | null,
    name: Name,
    input: Record<string, unknown>,
  ): Promise<FieldOf<(typeof MUTATIONS)[Name], Name>> {
    const { answer, errors } = await send(token, name, input);
    const failed = { __typename: `ERROR ${errors?.[0]?.extensions?.code}` };
    return (answer ?? failed) as typeof answer;
  }
  const place = (input: Record<string, unknown>, token = web) =>
    act(token, 'placeOrder', { customer: ANNE, payment: 'PAID', ...input });
  const transferAct = async (
    token: string,
    name: keyof typeof TRANSFER_MUTATIONS,
    transfer: string,
    more: object = {},
  ) => {
    const input = { idempotencyKey: freshKey(), transfer, ...more };
    return (await sendMutation(app, TRANSFER_MUTATIONS, name, token, input)).answer;
  };
  return {
    web,
    paris,
    depot,
    lyon,
    send,
    act,
    place,
    transferAct,
    async stock(location: string, lines: OrderLineRequest[]) {
      const token = { paris, depot, lyon }[location]!;
      await app.gql(token, RECEIVE, { input: { idempotencyKey: freshKey(), location, lines } });
    },
    async reserveOr(lines: OrderLineRequest[], more: object = {}, token = web) {
      const input = { idempotencyKey: freshKey(), location: 'paris', lines, ...more };
      return (await app.gql(token, RESERVE, { input })).data.reserveStock;
    },
    async reserve(lines: OrderLineRequest[], more: object = {}, token = web): Promise<string> {
      return (await this.reserveOr(lines, more, token)).reservation.id;
    },
    /** An order at paris, whole: placed, picked line by line, and made ready. */
    async ready(lines: OrderLineRequest[], more: object = {}) {
      const placed = (await place({ location: 'paris', lines, ...more })).order;
      await act(paris, 'startPicking', { orders: [placed.id] });
      for (const line of lines) await act(paris, 'pickLine', { order: placed.id, ...line });
      return (await act(paris, 'markReady', { order: placed.id, stagingArea: 'shelf 7' })).order;
    },
    async code(order: string): Promise<string> {
      const query = 'query ($id: ID!) { order(by: { id: $id }) { pickupCode } }';
      return (await app.gql(web, query, { id: order })).data.order.pickupCode;
    },
    async see<const Fields extends string>(
      order: string,
      fields: Fields & Readable<`query { order(by: { id: "" }) { ${Fields} } }`>,
      token: string = web,
    ) {
      const query = `query ($id: ID!) { order(by: { id: $id }) { ${fields} } }`;
      const answer = await app.gqlUntyped<{
        order: FieldOf<`query { order(by: { id: "" }) { ${Fields} } }`, 'order'>;
      }>(token, query, { id: order });
      return answer.data?.order;
    },
    async transfers(order: string) {
      const query = `query ($id: ID!) { order(by: { id: $id }) {
        transfers { id status from { code } lines { sku { code } quantity } } } }`;
      return (await app.gql(paris, query, { id: order })).data.order.transfers;
    },
    async level(location: string, sku: string) {
      const [row] = await app.db.rows<Record<string, number>>(LEVEL, [location, sku]);
      return row ?? { available: 0, reserved: 0, staged: 0, quarantine: 0, inTransit: 0 };
    },
    async topics(order: string): Promise<string[]> {
      const id = Buffer.from(order, 'base64').toString().split(':')[1];
      return (await app.db.rows<{ topic: string }>(TOPICS, [id])).map((r) => r.topic);
    },
  };
}

export type Orders = Awaited<ReturnType<typeof ordersOn>>;

/** The books balance: levels, moves and open documents agree. For `afterEach`. */
export async function booksBalance(app: TestApp): Promise<void> {
  expect(await stockDrift(app.db)).toEqual([]);
}
