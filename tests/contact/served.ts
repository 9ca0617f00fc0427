// A customer with a late order near a shop that has its units, for the tests of what agents see and do.

import { peopleOf } from '../customer/people';
import { freshKey, ordersOn } from '../order/support';
import type { TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';

const ADD_SHOP = `
  INSERT INTO location (code, name, kind, city, country, latitude, longitude, time_zone, weekly_hours, groups)
  SELECT $1, 'Shop', 'SHOP', 'Paris', 'FR', $2, $3, time_zone, weekly_hours, '{france}' FROM location WHERE code = 'paris'`;

const RECEIVE =
  `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }` as const;

export const CONTEXT = `query ($by: CustomerKey!) { customerContext(by: $by) {
  customer { id name identifiers { kind value standing } openOrders { isLate lateMinutes order { id number } }
    returnables { quantity until } preferences { language } consents { purpose } }
  lastContacts { externalId channel promise agent { code } case { number } }
  openCases { number topic orderNumber contacts { externalId } }
  contactPromises { promise promisedFor overdueMinutes topic orderNumber }
  suggestions { kind reason mutation input toComplete orderNumber dueAt } } }` as const;

const REFUSAL = '... on Refusal { message } ... on InvalidInput { path }';
const MUTATIONS = {
  createTransfer: `mutation ($input: CreateTransferInput!) { createTransfer(input: $input) { __typename ${REFUSAL}
    ... on CreateTransferSuccess { transfer { id number status note from { code } to { code } lines { quantity sku { code } } } } } }`,
  cancelOrder: `mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename ${REFUSAL}
    ... on CancelOrderSuccess { order { status } } } }`,
  unlockPickupCode: `mutation ($input: UnlockPickupCodeInput!) { unlockPickupCode(input: $input) { __typename ${REFUSAL}
    ... on UnlockPickupCodeSuccess { order { status } } } }`,
  requestReturn: `mutation ($input: RequestReturnInput!) { requestReturn(input: $input) { __typename ${REFUSAL}
    ... on RequestReturnSuccess { return { number status } } } }`,
} as const;

/** The address of an account, by which contacts name its customer. */
export const mailOf = (account: string): string => `${account}@example.com`;

/** What agents see and do, on the orders of one account. */
export async function servedOn(app: TestApp) {
  const orders = await ordersOn(app);
  const people = peopleOf(app);
  const admin = await app.token('ADMIN');
  const agent = await app.token('AGENT', `agent-${freshKey()}`);
  const [web] = await app.db.rows<{ id: number }>(
    "SELECT id FROM actor WHERE name LIKE 'web-%' ORDER BY id LIMIT 1",
  );
  return {
    orders,
    people,
    admin,
    agent,
    shop: (code: string, latitude: number, longitude: number) =>
      app.db.rows(ADD_SHOP, [code, latitude, longitude]),
    stock: (location: string, lines: { sku: string; quantity: number }[]) =>
      app.gql(admin, RECEIVE, { input: { idempotencyKey: freshKey(), location, lines } }),
    async context(account: string, token: string | null = agent) {
      const answer = await app.gql(token, CONTEXT, { by: { account } });
      return { ...answer, context: answer.data?.customerContext };
    },
    /** A mutation; its answer, or the code and message of its error. */
    async act<Name extends keyof typeof MUTATIONS>(token: string, name: Name, input: object) {
      const { answer, errors } = await sendMutation(app, MUTATIONS, name, token, {
        idempotencyKey: freshKey(),
        ...input,
      });
      const failed = { __typename: String(errors?.[0]?.extensions?.code), message: errors?.[0]?.message };
      return (answer ?? failed) as typeof answer;
    },
    /** Records that an order is of this account. */
    owns: async (
      account: string,
      number: string,
      kind: 'ORDER_PLACED' | 'ORDER_COLLECTED' = 'ORDER_PLACED',
    ) =>
      people.record({
        ...{ kind, channel: 'ONLINE', orderId: await people.orderId(number) },
        source: 'order',
        identifiers: [
          people.seen('WEB_ACCOUNT', account, web!.id),
          people.seen('EMAIL', mailOf(account), web!.id),
        ],
      }),
    /** An order of the account at paris, by its address. */
    place: (account: string, input: object) =>
      orders.place({
        ...{ location: 'paris', ...input },
        customer: { name: 'Anne Martin', email: mailOf(account), contactChannel: 'EMAIL' },
      }),
    /** An order of the account that waits for units of the depot, and is late. */
    async lateOrder(account: string, units = 2) {
      await orders.stock('depot', [{ sku: 'TENT-2', quantity: units }]);
      const lines = [{ sku: 'TENT-2', quantity: units }];
      const { order } = await this.place(account, { lines, allowTransfer: true });
      if (order.status !== 'AWAITING_TRANSFER') throw new Error(`the order is ${order.status}`);
      await this.owns(account, order.number);
      const { promise } = (await orders.see(order.id, 'promise { readyAt }'))!;
      app.wait((Date.parse(promise.readyAt) - app.parts.clock().getTime()) / 60_000 + 45);
      return order;
    },
  };
}
