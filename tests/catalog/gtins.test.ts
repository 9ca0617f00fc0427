// Further GTINs and cases: what a catalog may state, and what a scan means wherever one is taken.

import { importListFile } from '../../src/sales/actions/imports/listFile';
import { booksBalance, freshKey, type Orders, ordersOn } from '../order/support';
import { purchasesOn } from '../purchase/support';
import { returnsOn } from '../return/support';
import { salesFiles } from '../sales/support';
import { startApp, type TestApp } from '../support/app';
import { capitalized, sendMutation } from '../support/graphqlClient';

let app: TestApp;
let feed: string;
let planner: string;
let o: Orders;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp();
  feed = await app.token('FEED', 'erp');
  planner = await app.token('PLANNER', 'pia');
  o = await ordersOn(app);
  await upsert([{ code: 'LAMP', furtherGtins: [{ gtin: OTHER }, { gtin: CASE, units: 6 }] }]);
});
afterEach(() => booksBalance(app));
afterAll(async () => {
  on.end();
  await app.close();
});

const OWN = '2000000000022';
const OTHER = '4006381333948';
const CASE = '14006381333945';
/** A pallet of two cases. */
const PALLET = `]C102${CASE}372`;

const UPSERT = `mutation ($input: UpsertSkusInput!) { upsertSkus(input: $input) { __typename
  ... on Refusal { message } ... on InvalidInput { path } ... on GtinTaken { lines { sku gtin takenBy } }
  ... on UpsertSkusSuccess { created updated unchanged skus { code gtin furtherGtins { gtin units } } } } }`;
async function upsert(skus: object[]) {
  const { data, errors } = await app.gql(feed, UPSERT, { input: { idempotencyKey: freshKey(), skus } });
  return data?.upsertSkus ?? { __typename: `ERROR ${errors?.[0]?.message}` };
}
const furtherOf = async (code: string) => {
  const query = 'query ($code: String!) { sku(by: { code: $code }) { furtherGtins { gtin units } } }';
  return (await app.gql(feed, query, { code })).data.sku!.furtherGtins;
};

test('the list is replaced as a whole, kept where it is omitted, and emptied', async () => {
  const cup = { code: 'CUP', name: 'Cup', gtin: '4006381333955' };
  const further = [{ gtin: '24006381333959', units: 12 }, { gtin: '5901234123457' }];
  expect(await upsert([{ ...cup, furtherGtins: further }])).toMatchObject({
    created: 1,
    skus: [
      {
        gtin: '4006381333955',
        furtherGtins: [
          { gtin: '5901234123457', units: 1 },
          { gtin: '24006381333959', units: 12 },
        ],
      },
    ],
  });
  expect(await upsert([{ ...cup, furtherGtins: further }])).toMatchObject({ unchanged: 1 });
  expect(await upsert([{ code: 'CUP', name: 'Large cup' }])).toMatchObject({ updated: 1 });
  expect(await furtherOf('CUP')).toHaveLength(2);
  // A further GTIN becomes the own one, and leaves the list.
  expect(await upsert([{ code: 'CUP', gtin: '5901234123457' }])).toMatchObject({
    skus: [{ gtin: '5901234123457', furtherGtins: [{ gtin: '24006381333959', units: 12 }] }],
  });
  expect(await upsert([{ code: 'CUP', furtherGtins: [] }])).toMatchObject({
    updated: 1,
    skus: [{ furtherGtins: [] }],
  });
});

test.each<[string, object, string]>([
  ['a wrong check digit', { furtherGtins: [{ gtin: '4006381333949' }] }, 'skus.0.furtherGtins.0.gtin'],
  ['no units', { furtherGtins: [{ gtin: '4006381333955', units: 0 }] }, 'skus.0.furtherGtins.0.units'],
  [
    'the same twice',
    { furtherGtins: [{ gtin: '4006381333955' }, { gtin: '04006381333955', units: 2 }] },
    'skus.0.furtherGtins.1.gtin',
  ],
  [
    'the own one again',
    { gtin: '4006381333955', furtherGtins: [{ gtin: '4006381333955' }] },
    'skus.0.furtherGtins.0.gtin',
  ],
  ['too many', { furtherGtins: Array.from({ length: 21 }, () => ({ gtin: OTHER })) }, 'skus.0.furtherGtins'],
])('%s is refused', async (_name, more, path) => {
  expect(await upsert([{ code: 'BAD', name: 'Bad', ...more }])).toMatchObject({
    __typename: 'InvalidInput',
    path,
  });
});

test('two SKUs that claim one GTIN: the one that has it keeps it, whichever list it is in', async () => {
  const taken = (sku: string, gtin: string, takenBy: string) => ({
    __typename: 'GtinTaken',
    lines: [{ sku, gtin, takenBy }],
  });
  expect(await upsert([{ code: 'POT', name: 'Pot', gtin: OTHER }])).toMatchObject(
    taken('POT', OTHER, 'LAMP'),
  );
  expect(await upsert([{ code: 'POT', name: 'Pot', furtherGtins: [{ gtin: CASE }] }])).toMatchObject(
    taken('POT', CASE, 'LAMP'),
  );
  expect(await upsert([{ code: 'POT', name: 'Pot', furtherGtins: [{ gtin: OWN }] }])).toMatchObject(
    taken('POT', OWN, 'LAMP'),
  );
  expect(await upsert([{ code: 'LAMP', furtherGtins: [{ gtin: OWN }] }])).toMatchObject(
    taken('LAMP', OWN, 'LAMP'),
  );
  // A case cannot become the own GTIN silently.
  expect(await upsert([{ code: 'LAMP', gtin: CASE }])).toMatchObject(taken('LAMP', CASE, 'LAMP'));
  // In one request it moves from one SKU to the other.
  const moved = [
    { code: 'LAMP', furtherGtins: [{ gtin: CASE, units: 6 }] },
    { code: 'TENT-2', furtherGtins: [{ gtin: OTHER }] },
  ];
  expect(await upsert(moved)).toMatchObject({ updated: 2 });
  const back = [
    { code: 'TENT-2', furtherGtins: [] },
    { code: 'LAMP', furtherGtins: [{ gtin: OTHER }, { gtin: CASE, units: 6 }] },
  ];
  expect(await upsert(back)).toMatchObject({ updated: 2 });
});

test('two requests that claim one GTIN at once: one has it, the other is refused', async () => {
  const answers = await Promise.all([
    upsert([{ code: 'RACE-1', name: 'One', gtin: '9780201379624' }]),
    upsert([{ code: 'RACE-2', name: 'Two', furtherGtins: [{ gtin: '9780201379624' }] }]),
  ]);
  expect(answers.map((answer) => answer.__typename).sort()).toEqual(['GtinTaken', 'UpsertSkusSuccess']);
  // The database itself keeps it, whoever writes.
  const insert =
    "INSERT INTO sku_gtin (gtin, sku_id, created_at) SELECT '02000000000046', id, now() FROM sku WHERE code = 'LAMP'";
  await expect(app.db.rows(insert)).rejects.toMatchObject({ constraint: 'sku_gtin_of_another' });
  await expect(app.db.rows(`UPDATE sku SET gtin = '0${OTHER}' WHERE code = 'MUG'`)).rejects.toMatchObject({
    constraint: 'sku_gtin_of_another',
  });
});

test('a scan states its units, and finds its SKU by every code', async () => {
  const query = `query ($code: String!) { scan(code: $code) { isCase units sku { code } }
    sku(by: { gtin: $code }) { code } skus(filter: { search: $code }) { nodes { code } } }`;
  const read = async (code: string) => (await app.gql(o.paris, query, { code })).data;
  const found = { sku: { code: 'LAMP' }, skus: { nodes: [{ code: 'LAMP' }] } };
  expect(await read(OTHER)).toEqual({ scan: { isCase: false, units: 1, sku: { code: 'LAMP' } }, ...found });
  expect(await read(`(01)${CASE}(10)A(17)270228(21)7`)).toEqual({
    scan: { isCase: true, units: 6, sku: { code: 'LAMP' } },
    ...found,
  });
  expect((await read(PALLET)).scan).toEqual({ isCase: true, units: 12, sku: { code: 'LAMP' } });
  expect((await read('10614141543219')).scan).toEqual({ isCase: true, units: null, sku: null });
});

test('a pick: a case counts its units, and is refused where fewer are left', async () => {
  const lines = [{ sku: 'LAMP', quantity: 8 }];
  await o.stock('paris', lines);
  const { order } = await o.place({ location: 'paris', lines });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  const scan = { order: order.id, sku: 'LAMP', gtin: CASE, idempotencyKey: freshKey() };
  for (const _again of [1, 2]) {
    expect((await o.act(o.paris, 'pickLine', scan)).order.lines).toMatchObject([{ reserved: 2, staged: 6 }]);
  }
  expect(await o.act(o.paris, 'pickLine', { ...scan, idempotencyKey: freshKey() })).toMatchObject({
    __typename: 'InvalidInput',
    path: 'quantity',
    message: expect.stringMatching(/quantity is 6; only 2 of LAMP are left to pick/),
  });
  expect(await o.act(o.paris, 'pickLine', { order: order.id, gtin: PALLET })).toMatchObject({
    path: 'quantity',
  });
  const single = await o.act(o.paris, 'pickLine', { order: order.id, gtin: OTHER });
  expect(single.order.lines).toMatchObject([{ reserved: 1, staged: 7 }]);
  // A name of a line means one unit.
  expect(await o.act(o.paris, 'pickLine', { order: order.id, sku: CASE })).toMatchObject({
    __typename: 'NotFound',
    message: expect.stringMatching(/case of 6 units of SKU 'LAMP'/),
  });
});

const mutation = <const Name extends string, const Own extends string>(name: Name, own: Own) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ... on Refusal { message }
    ... on InvalidInput { path } ... on NotFound { keys } ${own} } }` as const;
const ACTS = {
  receiveStock: mutation('receiveStock', ''),
  countStock: mutation('countStock', ''),
  createTransfer: mutation(
    'createTransfer',
    '... on CreateTransferSuccess { transfer { lines { quantity } } }',
  ),
  importSales: mutation('importSales', '... on ImportSalesSuccess { accepted rejects { line code reason } }'),
  openCount: mutation('openCount', '... on OpenCountSuccess { counts { sku { code } } }'),
  upsertSkuAliases: mutation('upsertSkuAliases', ''),
} as const;
const act = async <Name extends keyof typeof ACTS>(token: string, name: Name, input: object) =>
  (await sendMutation(app, ACTS, name, token, { idempotencyKey: freshKey(), ...input })).answer;

test('goods that come, go and are counted: a case counts its units', async () => {
  const purchases = purchasesOn(app);
  const before = (await o.level('lyon', 'LAMP')).available!;
  await act(o.lyon, 'receiveStock', { location: 'lyon', lines: [{ sku: CASE, quantity: 2 }] });
  await act(o.lyon, 'receiveStock', { location: 'lyon', lines: [{ sku: OTHER, quantity: 1 }] });
  expect(await o.level('lyon', 'LAMP')).toMatchObject({ available: before + 13 });
  const lines = [{ sku: `(01)${CASE}`, quantity: 3 }];
  await act(o.lyon, 'countStock', { location: 'lyon', lines });
  const twice = [
    { sku: CASE, quantity: 3 },
    { sku: 'LAMP', quantity: 1 },
  ];
  expect(await act(o.lyon, 'countStock', { location: 'lyon', lines: twice })).toMatchObject({
    __typename: 'InvalidInput',
  });
  await purchases.supplier(planner);
  const order = await purchases.placed(planner, [{ sku: CASE, quantity: 2 }]);
  expect(order.lines).toMatchObject([{ sku: { code: 'LAMP' }, quantity: 12 }]);
  const received = await purchases.act('receivePurchaseOrder', o.paris, {
    purchaseOrder: order.id,
    lines: [{ sku: CASE, quantity: 1 }],
  });
  expect(received.answer.purchaseOrder.lines).toMatchObject([{ received: 6, outstanding: 6 }]);
  const moved = await act(planner, 'createTransfer', {
    from: 'lyon',
    to: 'paris',
    lines: [{ sku: CASE, quantity: 1 }],
  });
  expect(moved.transfer.lines).toEqual([{ quantity: 6 }]);
  expect(
    await act(o.lyon, 'receiveStock', { location: 'lyon', lines: [{ sku: CASE, quantity: 999_999 }] }),
  ).toMatchObject({ __typename: 'InvalidInput', path: 'lines.0.quantity' });
  expect(
    await act(o.lyon, 'receiveStock', { location: 'lyon', lines: [{ sku: '10614141543219', quantity: 1 }] }),
  ).toMatchObject({ __typename: 'NotFound', keys: ['10614141543219'] });
});

test('orders, reservations, handovers and returns take scans; more than there is stays refused', async () => {
  const reserved = await o.reserveOr([{ sku: OTHER, quantity: 1 }]);
  expect(reserved.__typename).toBe('ReserveStockSuccess');
  await o.stock('paris', [{ sku: 'LAMP', quantity: 12 }]);
  const { order } = await o.place({ location: 'paris', lines: [{ sku: CASE, quantity: 1 }] });
  expect(order.lines).toMatchObject([{ sku: { code: 'LAMP' }, quantity: 6 }]);
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  await o.act(o.paris, 'pickLine', { order: order.id, gtin: CASE });
  await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'shelf 7' });
  const handover = { order: order.id, code: await o.code(order.id) };
  const all = await o.act(o.paris, 'collectOrder', { ...handover, lines: [{ sku: CASE, quantity: 1 }] });
  expect(all.order).toMatchObject({ status: 'COLLECTED', lines: [{ collected: 6 }] });
  const returned = (quantity: number, sku: string) =>
    returnsOn(app).act('receiveReturn', o.paris, {
      order: order.id,
      location: 'paris',
      lines: [{ sku, quantity, disposition: 'RESTOCK' }],
    });
  expect((await returned(1, OTHER)).answer).toMatchObject({ return: { lines: [{ quantity: 1 }] } });
  expect((await returned(1, CASE)).answer).toMatchObject({ requested: 6, returnable: 5 });
});

test('files and feeds: a catalogue states cases, counts count them, sales name single units', async () => {
  const read = async (kind: 'catalogue' | 'counts', lines: string[]) => {
    const file = { kind, path: on.file(lines), feed: 'erp', mapping: new Map(), encoding: 'utf-8' as const };
    const how = { separator: null, location: 'lyon', currency: 'EUR', again: false, reread: false };
    const secretKey = app.parts.secretKey;
    const { run } = await importListFile(app.db, { ...file, ...how, secretKey }, app.parts.clock());
    return { accepted: run.accepted, rejects: await on.rejects(run.id) };
  };
  const catalogue = await read('catalogue', [
    'code,name,gtin,furtherGtins',
    'JUG,Jug,,04006381333955|24006381333959x12',
    `PAN,Pan,,${CASE}x6`,
    'LID,Lid,,a dozen',
  ]);
  expect(catalogue).toMatchObject({
    accepted: 1,
    rejects: [
      { line: 3, code: 'REFUSED', reason: expect.stringContaining("already belongs to SKU 'LAMP'") },
      { line: 4, code: 'BAD_TEXT', reason: expect.stringContaining('14006381333945x12') },
    ],
  });
  expect(await furtherOf('JUG')).toEqual([
    { gtin: '4006381333955', units: 1 },
    { gtin: '24006381333959', units: 12 },
  ]);
  expect(await read('counts', ['sku,quantity', '24006381333959,2', '4006381333955,1'])).toMatchObject({
    accepted: 2,
  });
  expect(await o.level('lyon', 'JUG')).toMatchObject({ available: 25 });
  const sale = { document: 'B1', units: 1, day: '2026-11-24', location: 'paris', revenueMinor: 100 };
  const sold = await act(feed, 'importSales', {
    feed: 'till',
    lines: [
      { ...sale, line: '1', sku: OTHER },
      { ...sale, line: '2', sku: CASE },
    ],
  });
  expect(sold).toMatchObject({
    accepted: 1,
    rejects: [{ line: 2, code: 'UNKNOWN_SKU', reason: expect.stringContaining('a case of 6 units') }],
  });
});

test('a GTIN follows the SKU that replaces another, and what processes remember of it', async () => {
  await upsert([
    { code: 'OLD', name: 'Old', furtherGtins: [{ gtin: '96385074' }] },
    { code: 'NEW', name: 'New' },
  ]);
  const found = async () =>
    (await act(o.paris, 'openCount', { location: 'paris', skus: ['96385074'], reason: 'x' })).counts[0]!.sku
      .code;
  expect(await found()).toBe('OLD');
  await act(planner, 'upsertSkuAliases', { aliases: [{ code: 'OLD', sku: 'NEW' }] });
  expect(await found()).toBe('NEW');
  expect(await furtherOf('NEW')).toEqual([{ gtin: '96385074', units: 1 }]);
  await upsert([
    { code: 'NEW', furtherGtins: [] },
    { code: 'MUG', furtherGtins: [{ gtin: '96385074' }] },
  ]);
  expect(await found()).toBe('MUG');
});
