// The job recordInteractions: orders and returns become interactions by themselves, those of the past too, each once.

import { recordDocuments } from '../../src/customer/actions/recordDocuments';
import { freshKey, type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let o: Orders;
beforeEach(async () => {
  app = await startApp();
  o = await ordersOn(app);
  await o.stock('paris', [{ sku: 'MUG', quantity: 50 }]);
});
afterEach(() => app.close());

const run = (goOn: (recorded: number) => Promise<boolean> = async () => true) => {
  const { db, secretKey, config, clock } = app.parts;
  return recordDocuments({ db, secretKey, identity: config.identity }, clock(), goOn);
};
const MUG = [{ sku: 'MUG', quantity: 2 }];
const ZOE = { name: 'Zoe Quill', email: 'zoe@quill.example', phone: '+33612345678', contactChannel: 'EMAIL' };
const place = (customer: object, token = o.web) =>
  o.place({ location: 'paris', lines: MUG, customer: { ...ZOE, ...customer } }, token);

/** The interactions in order: kind, identifiers with who verified them. */
const recorded = async (): Promise<[string, string[]][]> => {
  const { rows } = await app.db.pool.query(`
    SELECT n.kind, array_agg(i.kind || CASE WHEN o.verified_by IS NULL THEN '' WHEN o.verified_by = 0 THEN '!' ELSE '+' END
                             ORDER BY i.kind) AS seen
    FROM interaction n JOIN interaction_identifier o ON o.interaction_id = n.id JOIN identifier i ON i.id = o.identifier_id
    GROUP BY n.id ORDER BY n.at, n.id`);
  return rows.map((row: { kind: string; seen: string[] }) => [row.kind, row.seen]);
};
const customerOf = async (value: string): Promise<string> =>
  (await app.db.pool.query('SELECT customer_id FROM identifier WHERE value = $1', [value])).rows[0]
    .customer_id;

test('an order from placed to returned is recorded once, and who collects with the code from an e-mail owns its address', async () => {
  const { order } = await place({ account: 'web-17', loyaltyCard: 'K 1', loyaltyCardVerified: true });
  expect(await run()).toEqual({ recorded: 1 });
  expect(await recorded()).toEqual([['ORDER_PLACED', ['EMAIL', 'PHONE', 'LOYALTY_CARD+', 'WEB_ACCOUNT+']]]);
  expect(await customerOf('K1')).toBe(await customerOf('web-17'));
  expect(await customerOf('zoe@quill.example')).not.toBe(await customerOf('web-17'));

  app.wait(10);
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  await o.act(o.paris, 'pickLine', { order: order.id, sku: 'MUG', quantity: 2 });
  await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'shelf 7' });
  app.wait(10);
  await o.act(o.paris, 'collectOrder', { order: order.id, code: await o.code(order.id) });
  app.wait(10);
  const back = await app.gql(
    o.paris,
    'mutation ($input: ReceiveReturnInput!) { receiveReturn(input: $input) { __typename } }',
    {
      input: {
        ...{ idempotencyKey: freshKey(), order: order.id, location: 'paris' },
        lines: [{ sku: 'MUG', quantity: 1, disposition: 'RESTOCK' }],
      },
    },
  );
  expect(back.data).toEqual({ receiveReturn: { __typename: 'ReceiveReturnSuccess' } });
  expect(await run()).toEqual({ recorded: 3 });
  expect(await run()).toEqual({ recorded: 0 });
  expect((await recorded()).map(([kind]) => kind)).toEqual([
    ...['ORDER_PLACED', 'ORDER_READY', 'ORDER_COLLECTED', 'RETURN_RECEIVED'],
  ]);
  expect((await recorded())[2]).toEqual([
    'ORDER_COLLECTED',
    ['EMAIL!', 'PHONE', 'LOYALTY_CARD+', 'WEB_ACCOUNT+'],
  ]);
  expect(await customerOf('zoe@quill.example')).toBe(await customerOf('web-17'));
  expect(await customerOf('+33612345678')).not.toBe(await customerOf('web-17'));
  const { rows } = await app.db.pool.query(`SELECT facts FROM interaction WHERE kind = 'ORDER_COLLECTED'`);
  expect(rows).toEqual([{ facts: { number: order.number, units: 2, amountMinor: 1980, currency: 'EUR' } }]);
});

test('only a storefront vouches for an account; what is verified without being named is refused', async () => {
  await place({ account: 'web-17' }, o.paris);
  await place({ account: 'web-18' });
  await run();
  expect((await recorded()).map(([, seen]) => seen.at(-1)).sort()).toEqual(['WEB_ACCOUNT', 'WEB_ACCOUNT+']);
  expect(await place({ phone: null, phoneVerified: true })).toMatchObject({
    __typename: 'InvalidInput',
    path: 'customer.phoneVerified',
  });
});

test('erased orders are not recorded', async () => {
  const { order } = await place({});
  await o.act(o.paris, 'cancelOrder', { order: order.id, reason: 'OTHER', note: 'test' });
  const admin = await app.token('ADMIN');
  expect((await o.act(admin, 'eraseCustomer', { order: order.id })).__typename).toBe('EraseCustomerSuccess');
  expect(await run()).toEqual({ recorded: 0 });
});

/** Copies of an order with addresses of their own, changed one second after another long ago. */
const COPIES = `
  INSERT INTO customer_order
  SELECT (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'number', 'C-COPY' || n, 'reservation_id', NULL,
    'customer_email', 'p' || n || '@quill.example', 'updated_at', '2026-01-01T00:00:00Z'::timestamptz + n / 3 * interval '1 second'))).*
  FROM customer_order o, generate_series(1, $1) n`;

test('the past is recorded in batches; stopped or killed in between, the next run goes on', async () => {
  await place({});
  await app.db.pool.query(COPIES, [1_200]);
  app.wait(60);
  expect(await run(async () => false)).toEqual({ recorded: 500 });
  await expect(
    run(async () => {
      throw new Error('killed');
    }),
  ).rejects.toThrow('killed');
  expect(await run()).toEqual({ recorded: 201 });
  expect(await recorded()).toHaveLength(1_201);
  expect(await run()).toEqual({ recorded: 0 });
});

test('orders placed while several runs go on are each recorded once', async () => {
  const orders = Array.from({ length: 8 }, (_, n) =>
    place({ email: `p${n}@quill.example`, emailVerified: true }),
  );
  await Promise.all([...orders, run(), run(), run()]);
  await Promise.all([run(), run()]);
  expect(await recorded()).toHaveLength(8);
});
