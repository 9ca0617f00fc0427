// eraseCustomer: of a closed order nothing that the customer said or was called is left in any table.

import { startApp, type TestApp } from '../support/app';
import { booksBalance, freshKey, type Orders, ordersOn } from './support';

let app: TestApp;
let o: Orders;
beforeAll(async () => {
  app = await startApp();
  o = await ordersOn(app);
  await o.stock('paris', [{ sku: 'LAMP', quantity: 10 }]);
});
afterAll(async () => {
  await booksBalance(app);
  await app.close();
});

const TABLES = `
  SELECT c.relname AS name FROM pg_class c
  WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`;

/** The tables in which a word still stands, in any column of any row. */
async function tablesSaying(word: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await app.db.rows<{ name: string }>(TABLES)) {
    const { rowCount } = await app.db.pool.query(`SELECT 1 FROM "${name}" t WHERE t::text ~* $1`, [word]);
    if (rowCount !== 0) found.push(name);
  }
  return found;
}

const act = async (token: string, name: string, input: object) => {
  const type = name[0]!.toUpperCase() + name.slice(1);
  const query = `mutation ($input: ${type}Input!) { answer: ${name}(input: $input) { __typename
    ... on Refusal { message } ... on ${type}Success { return { id lines { reason } } } } }`;
  return (await app.gql(token, query, { input: { idempotencyKey: freshKey(), ...input } })).data.answer;
};

test('the person, and the words said when goods came back, are in no table any more', async () => {
  const customer = { name: 'Zoe Quill', email: 'zoe@quill.example', contactChannel: 'EMAIL' };
  const order = await o.ready([{ sku: 'LAMP', quantity: 3 }], { customer, note: 'Quill on the bell' });
  await o.act(o.web, 'imHere', { order: order.id, arrivalNote: 'Quill, bay 4' });
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
  expect(await tablesSaying('quill')).toContain('customer_order');

  const admin = await app.token('ADMIN');
  expect((await o.act(admin, 'eraseCustomer', { order: order.id })).__typename).toBe('EraseCustomerSuccess');
  expect(await tablesSaying('quill')).toEqual([]);
});
