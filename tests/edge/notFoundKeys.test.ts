// NotFound.keys: whatever is missing is named as the client sent it, by every mutation that takes an id or a code.

import { type GraphQLObjectType, getNamedType, isInputObjectType, isNonNullType } from 'graphql';
import { encodeGlobalID } from '../../src/graphql/ids';
import { schema } from '../../src/server/schema';
import { ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import type { FieldOf } from '../support/graphqlAnswer';
import { call } from '../support/literals';

const REFUSAL =
  '__typename ... on Refusal { message } ... on NotFound { what keys } ... on InvalidInput { path }';
type Refused = Record<
  string,
  FieldOf<`mutation { closePurchaseOrder(input: {}) { ${typeof REFUSAL} } }`, 'closePurchaseOrder'>
>;

let app: TestApp;
let admin: string;
beforeAll(async () => {
  app = await startApp();
  admin = await app.token('ADMIN');
});
afterAll(() => app.close());

const mutations = Object.values((schema.getType('Mutation') as GraphQLObjectType).getFields());
const takingIds = mutations.filter(({ args }) => {
  const input = getNamedType(args[0]!.type);
  return (
    isInputObjectType(input) &&
    Object.values(input.getFields()).some((f) => isNonNullType(f.type) && getNamedType(f.type).name === 'ID')
  );
});

/** Ids of what is not there, in the spelling of this test: clients may leave out the padding of base64. */
const unpadded = (text: string): string => text.replace(/=+"/g, '"');

describe.each([
  ['as answers have it', (text: string) => text],
  ['without padding', unpadded],
])('an id %s', (how, spelling) => {
  let missing = 0;
  test.each(takingIds.map((field) => [field.name, field] as const))(
    '%s names it as it was sent',
    async (name, field) => {
      const sent = spelling(
        call(name, field.args).replace('idempotencyKey: "x"', `idempotencyKey: "${name} ${how}"`),
      );
      const { data, errors } = await app.gqlUntyped<Refused>(admin, `mutation { ${sent} { ${REFUSAL} } }`);
      expect(errors).toBeUndefined();
      const answer = data[name]!;
      // Approving many ids at once answers with those that could not be.
      if (answer.__typename !== 'NotFound') return;
      missing += 1;
      expect(answer.keys.length).toBeGreaterThan(0);
      for (const key of answer.keys) expect(sent).toContain(`"${key}"`);
      expect(answer.message).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-7/);
      // The stored answer of a repeat is in the same words.
      expect(
        (await app.gqlUntyped<Refused>(admin, `mutation { ${sent} { ${REFUSAL} } }`)).data[name],
      ).toEqual(answer);
    },
  );

  test('most of them did not find it', () => {
    expect(missing).toBeGreaterThan(takingIds.length * 0.7);
  });
});

test('several ids at once, of which one is there', async () => {
  const orders = await ordersOn(app);
  await orders.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  const { order } = await orders.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] });
  const nobody = encodeGlobalID('Order', '019adf00-0000-7000-8000-000000000000');
  const answer = await orders.act(orders.paris, 'startPicking', { orders: [nobody, order.id] });
  expect(answer).toMatchObject({ __typename: 'NotFound', keys: [nobody] });
  expect(answer.message).toContain(nobody);
});

test('codes in the case and with the blanks they came with', async () => {
  for (const sku of ['NOPE', 'lamp', ' NOPE ', '\u200bNope\u00ad2']) {
    const { data } = await app.gql(
      admin,
      `mutation ($sku: String!) { receiveStock(input: { idempotencyKey: "of ${sku}", location: "paris",
        lines: [{ sku: $sku, quantity: 1 }] }) { ${REFUSAL} } }`,
      { sku },
    );
    expect(data.receiveStock).toMatchObject({ __typename: 'NotFound', what: 'Sku', keys: [sku] });
  }
});
