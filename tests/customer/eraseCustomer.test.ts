// customerData and eraseCustomer: all that is personal of a customer is exported, and of closed orders nothing of it is left in any table.

import { eraseStatements } from '../../src/customer/actions/eraseStatements';
import { erasedColumns, REGISTRY } from '../../src/customer/rules/personalData';
import { inTransaction } from '../../src/db/transaction';
import { decodeGlobalID } from '../../src/graphql/ids';
import { booksBalance, freshKey, type Orders, ordersOn } from '../order/support';
import { answering, dispatch, type Receiver, register, startReceiver } from '../outbox/support';
import { salesFiles } from '../sales/support';
import { startApp, type TestApp } from '../support/app';
import { capitalized, sendMutation } from '../support/graphqlClient';
import { tablesWith } from './marks';

let app: TestApp;
let o: Orders;
let admin: string;
let receiver: Receiver;
const files = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp({ WEBHOOKS_TO_PRIVATE_ADDRESSES: 'true' });
  o = await ordersOn(app);
  admin = await app.token('ADMIN');
  receiver = await startReceiver();
  await o.stock('paris', [{ sku: 'LAMP', quantity: 20 }]);
});
afterAll(async () => {
  await booksBalance(app);
  await receiver.close();
  files.end();
  await app.close();
});

/** In every text of this customer, and in no other text. */
const MARK = 'quill|33612345678';
const CUSTOMER = {
  name: 'Zoe Quill',
  email: 'zoe@quill.example',
  phone: '+33612345678',
  contactChannel: 'EMAIL',
  account: 'account of quill',
  loyaltyCard: 'QUILL-1',
};

const tablesWithMark = (): Promise<string[]> => tablesWith(app, MARK);

const mutation = <const Name extends string>(name: Name) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename
    ... on Refusal { message } ... on ${capitalized(name)}Success { return { id lines { reason } } } } }` as const;
const MUTATIONS = {
  requestReturn: mutation('requestReturn'),
  receiveReturn: mutation('receiveReturn'),
  rejectReturn: mutation('rejectReturn'),
};
const act = async (token: string, name: keyof typeof MUTATIONS, input: object) =>
  (await sendMutation(app, MUTATIONS, name, token, { idempotencyKey: freshKey(), ...input })).answer;

/** The values of every text of a table's column. */
const valuesOf = async (table: string, column: string): Promise<unknown[]> =>
  (await app.db.pool.query(`SELECT ${column} AS value FROM ${table} WHERE ${column} <> ''`)).rows.map(
    (row: { value: unknown }) => row.value,
  );

interface Fields {
  [name: string]: Fields;
}
const selectionOf = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, inner]) => `${name} ${Object.keys(inner).length > 0 ? `{ ${selectionOf(inner)} }` : ''}`)
    .join(' ');
const at = (value: unknown, path: readonly string[]): unknown[] => {
  if (Array.isArray(value)) return value.flatMap((one) => at(one, path));
  if (path.length === 0 || value == null) return value == null ? [] : [value];
  return at((value as Record<string, unknown>)[path[0]!], path.slice(1));
};

const personal = REGISTRY.flatMap(({ table, column, content }) =>
  typeof content === 'string' ? [] : [{ table, column, ...content }],
);
const exported = personal.flatMap(({ table, column, exported }) =>
  typeof exported === 'string' ? [{ name: `${table}.${column}`, path: exported.split('.') }] : [],
);
const erased = personal.filter((one) => one.erased === null || one.erased === 'erased');

/** Everything that a customer can leave with us, over the API: orders collected and cancelled, returns, notices, imported sales. */
async function live(): Promise<void> {
  await register(app, admin, receiver.url, ['*', 'notice.*']);
  const reservation = await o.reserve([{ sku: 'LAMP', quantity: 3 }], {
    holder: 'basket of zoe@quill.example',
  });
  const { order } = await o.place({ reservation, customer: CUSTOMER, note: 'Quill on the bell' });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  await o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', quantity: 3 });
  await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'shelf 7' });
  await o.act(o.web, 'imHere', { order: order.id, arrivalNote: 'Quill, bay 4' });
  receiver.answer = answering(500);
  expect(await dispatch(app)).toMatchObject({ failed: expect.any(Number), fannedOut: expect.any(Number) });
  expect(receiver.got.map(({ body }) => body).join()).toMatch(/quill/i);
  await app.db.rows('UPDATE customer_order SET code_attempts = 5');
  const unlock = { order: order.id, reason: 'showed the passport of Zoe Quill' };
  expect((await o.act(admin, 'unlockPickupCode', unlock)).__typename).toBe('UnlockPickupCodeSuccess');
  const code = await o.code(order.id);
  const collected = await o.act(o.paris, 'collectOrder', { order: order.id, code, collectedBy: 'Jim Quill' });
  expect(collected.__typename).toBe('CollectOrderSuccess');
  const announce = async () => {
    const lines = [{ sku: 'LAMP', quantity: 1, reason: 'too bright for Mrs Quill' }];
    return (await act(o.web, 'requestReturn', { order: order.id, lines })).return.id as string;
  };
  const lines = [{ sku: 'LAMP', quantity: 1, reason: 'Quill says it flickers', disposition: 'RESTOCK' }];
  const received = { return: await announce(), location: 'paris', lines };
  expect((await act(o.paris, 'receiveReturn', received)).return.lines).toEqual([
    { reason: 'Quill says it flickers' },
  ]);
  const rejected = { return: await announce(), reason: 'Mr Quill broke it' };
  expect((await act(o.paris, 'rejectReturn', rejected)).__typename).toBe('RejectReturnSuccess');

  const direct = { location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }], customer: CUSTOMER };
  const other = (await o.place(direct)).order;
  const cancelled = { order: other.id, sku: 'LAMP', reason: 'OTHER', note: 'Quill rang up' };
  expect((await o.act(o.paris, 'cancelOrderLine', cancelled)).__typename).toBe('CancelOrderLineSuccess');
  // Requests that are refused, and stored with their refusal.
  const missing = { location: 'paris', lines: [{ sku: 'SOCK-M', quantity: 1 }], customer: CUSTOMER };
  expect((await o.place(missing)).__typename).toBe('NotEnoughStock');
  const again = { idempotencyKey: freshKey(), ...direct, lines: [{ sku: 'MUG', quantity: 1 }] };
  expect((await o.place(again)).__typename).toBe('NotEnoughStock');
  expect((await o.place({ ...again, note: 'from Quill' })).__typename).toBe('KeyReused');
  await files.lines([
    'document,line,sku,units,day,price,customer,email',
    '1,1,LAMP,2,2026-11-24,9.90,zoe@quill.example,zoe@quill.example',
    '2,1,NOPE,2,2026-11-24,9.90,zoe@quill.example,zoe@quill.example',
  ]);
}

const data = async (fields: string) => {
  const query = `{ customerData(email: "zoe@quill.example") { nodes { id ${fields} } } }`;
  const answer = await app.gqlUntyped<{ customerData: { nodes: { id: string }[] } }>(admin, query);
  expect(answer.errors).toBeUndefined();
  return answer.data.customerData.nodes;
};

describe('of a customer', () => {
  let orders: { id: string }[];
  beforeAll(async () => {
    await live();
    orders = await data('');
  });

  test('every column that an erasure empties holds something', async () => {
    expect(erased.length).toBeGreaterThan(10);
    for (const { table, column } of erased)
      expect([table, column, await valuesOf(table, column)]).toEqual([
        table,
        column,
        expect.arrayContaining([expect.stringMatching(new RegExp(MARK, 'i'))]),
      ]);
  });

  test('all is exported by the fields that the registry names', async () => {
    const fields: Fields = {};
    for (const { path } of exported) {
      let inner = fields;
      for (const name of path) inner = inner[name] ??= {};
    }
    const answer = await data(selectionOf(fields));
    const shown = exported.map(({ name, path }) => [
      name,
      at(answer, path).some((v) => /quill|336/i.test(`${v}`)),
    ]);
    expect(shown).toEqual(exported.map(({ name }) => [name, true]));
    expect(exported.length).toBeGreaterThan(9);
  });

  test.each(erased.map(({ table, column }) => [`${table}.${column}`, table, column]))(
    'an erasure that leaves out %s is noticed',
    async (_name, table, column) => {
      const columns = erasedColumns();
      columns.set(
        table,
        columns.get(table)!.filter(([name]) => name !== column),
      );
      if (columns.get(table)!.length === 0) columns.delete(table);
      const left = inTransaction(app.db, async (tx) => {
        for (const { id } of orders)
          for (const statement of eraseStatements(columns))
            await tx.rows(statement, [[decodeGlobalID(id).id]]);
        const found = await tx.rows(`SELECT FROM ${table} t WHERE t::text ~* $1`, [MARK]);
        throw new Error(`${found.length > 0} is left`);
      });
      await expect(left).rejects.toThrow('true is left');
    },
  );

  test('nothing is left in any table after the erasure', async () => {
    expect(await tablesWithMark()).toEqual([...new Set(erased.map(({ table }) => table))].sort());
    expect(orders).toHaveLength(2);
    for (const { id } of orders)
      expect((await o.act(admin, 'eraseCustomer', { order: id })).__typename).toBe('EraseCustomerSuccess');
    expect(await tablesWithMark()).toEqual([]);
    expect(await data('')).toEqual([]);
    // What waits to be sent is closed rather than sent without its recipient.
    app.wait(24 * 60);
    receiver.got.length = 0;
    receiver.answer = answering(200);
    expect(await dispatch(app)).toMatchObject({ closed: expect.any(Number) });
    expect(receiver.got.map(({ body }) => body).join()).not.toMatch(/quill/i);
  });
});
