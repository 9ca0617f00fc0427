// receiveTransfer: what arrived, what was lost or found on the way, and who waits for it.

import { stockDrift } from '../../src/stock/queries/levels';
import { stockAct } from '../stock/support';
import { startApp, type TestApp } from '../support/app';
import { freshKey, type TransferLineRequest, transfersOn } from './support';

let app: TestApp;
let on: ReturnType<typeof transfersOn>;
let depot: string;
let paris: string;
beforeAll(async () => {
  app = await startApp();
  on = transfersOn(app);
  depot = await app.token('STAFF', 'denis', ['depot']);
  paris = await app.token('STAFF', 'anna', ['paris']);
  await on.stock(depot, 'depot', [
    { sku: 'MUG', quantity: 100 },
    { sku: 'LAMP', quantity: 100 },
    { sku: 'TENT-2', quantity: 100 },
  ]);
});
afterAll(() => app.close());

async function onTheRoad(lines: TransferLineRequest[]) {
  const draft = await on.draft(depot, lines);
  await on.act('dispatchTransfer', depot, draft.id);
  return draft;
}

const OUTSIDE = `
  SELECT m.from_bucket AS "from", m.to_bucket AS "to", m.quantity, m.reason FROM stock_move m
  WHERE document_id = $1 AND 'SHRINKAGE' IN (m.from_bucket, m.to_bucket) ORDER BY m.id`;
/** What the ledger says of losses and finds of one transfer. */
const shrinkage = (id: string) => app.db.rows(OUTSIDE, [Buffer.from(id, 'base64').toString().split(':')[1]]);

test('all as sent, when nothing else is said', async () => {
  const { id, number } = await onTheRoad([{ sku: 'MUG', quantity: 10 }]);
  const { answer } = await on.act('receiveTransfer', paris, id);
  expect(answer).toMatchObject({
    __typename: 'ReceiveTransferSuccess',
    discrepancies: [],
    transfer: { status: 'RECEIVED', closedAt: expect.any(String), lines: [{ quantity: 10, received: 10 }] },
  });
  expect(await on.level('paris', 'MUG')).toEqual({ available: 10, reserved: 0, inTransit: 0 });
  const told = await app.db.rows(`SELECT payload FROM outbox WHERE topic = 'transfer.received'`);
  expect(told).toMatchObject([{ payload: { number, from: 'depot', to: 'paris' } }]);
});

test('what is missing is lost in transit, what is too much was found, what is not counted did not come', async () => {
  const { id } = await onTheRoad([
    { sku: 'MUG', quantity: 5 },
    { sku: 'LAMP', quantity: 5 },
    { sku: 'TENT-2', quantity: 5 },
  ]);
  const before = await on.level('paris', 'MUG');
  const { answer } = await on.act('receiveTransfer', paris, id, {
    lines: [
      { sku: 'MUG', quantity: 4 },
      { sku: 'LAMP', quantity: 3 },
      { sku: 'MUG', quantity: 3 },
    ],
  });
  expect(answer.discrepancies).toEqual([
    { sku: { code: 'TENT-2' }, sent: 5, received: 0 },
    { sku: { code: 'LAMP' }, sent: 5, received: 3 },
    { sku: { code: 'MUG' }, sent: 5, received: 7 },
  ]);
  expect(await on.level('paris', 'MUG')).toEqual({
    available: before.available + 7,
    reserved: 0,
    inTransit: 0,
  });
  expect(await on.level('paris', 'LAMP')).toEqual({ available: 3, reserved: 0, inTransit: 0 });
  expect(await on.level('paris', 'TENT-2')).toEqual({ available: 0, reserved: 0, inTransit: 0 });
  expect(await shrinkage(id)).toEqual([
    { from: 'IN_TRANSIT', to: 'SHRINKAGE', quantity: 5, reason: 'LOST_IN_TRANSIT' },
    { from: 'IN_TRANSIT', to: 'SHRINKAGE', quantity: 2, reason: 'LOST_IN_TRANSIT' },
    { from: 'SHRINKAGE', to: 'AVAILABLE', quantity: 2, reason: 'FOUND_IN_TRANSIT' },
  ]);
});

test('an empty van: every unit is lost', async () => {
  const { id } = await onTheRoad([{ sku: 'MUG', quantity: 2 }]);
  const { answer } = await on.act('receiveTransfer', paris, id, { lines: [{ sku: 'MUG', quantity: 0 }] });
  expect(answer.discrepancies).toEqual([{ sku: { code: 'MUG' }, sent: 2, received: 0 }]);
});

test('a SKU that was not sent is refused, and nothing is booked', async () => {
  const { id } = await onTheRoad([{ sku: 'MUG', quantity: 2 }]);
  const before = await on.level('paris', 'MUG');
  const { answer } = await on.act('receiveTransfer', paris, id, {
    lines: [
      { sku: 'MUG', quantity: 2 },
      { sku: 'SOCK-M', quantity: 1 },
    ],
  });
  expect(answer).toMatchObject({ __typename: 'InvalidInput', path: 'lines.1.sku' });
  expect(await on.level('paris', 'MUG')).toEqual(before);
});

test.each([
  ['no lines at all', []],
  ['units below zero', [{ sku: 'MUG', quantity: -1 }]],
  ['more units than any van carries', [{ sku: 'MUG', quantity: 1_000_001 }]],
])('refuses %s', async (_what, lines) => {
  const { id } = await onTheRoad([{ sku: 'MUG', quantity: 1 }]);
  const { answer } = await on.act('receiveTransfer', paris, id, { lines });
  expect(answer.__typename).toBe('InvalidInput');
});

test('a draft is not received; a second receipt with another key is refused, with the same key gets the answer', async () => {
  const draft = await on.draft(depot, [{ sku: 'MUG', quantity: 1 }]);
  const early = await on.act('receiveTransfer', paris, draft.id);
  expect(early.answer).toMatchObject({
    __typename: 'WrongState',
    state: 'DRAFT',
    allowedStates: ['DISPATCHED'],
  });

  const { id, number } = await onTheRoad([{ sku: 'MUG', quantity: 1 }]);
  const first = await on.act('receiveTransfer', paris, id, { idempotencyKey: 'arrived' });
  const again = await on.act('receiveTransfer', paris, id, { idempotencyKey: 'arrived' });
  expect(again.answer).toEqual(first.answer);
  const other = await on.act('receiveTransfer', paris, id);
  expect(other.answer).toMatchObject({ __typename: 'WrongState', key: number, state: 'RECEIVED' });
});

test('ten receipts at once with ten keys: one is booked', async () => {
  const { id } = await onTheRoad([{ sku: 'LAMP', quantity: 4 }]);
  const before = await on.level('paris', 'LAMP');
  const answers = await Promise.all(Array.from({ length: 10 }, () => on.act('receiveTransfer', paris, id)));
  const kinds = answers.map(({ answer }) => answer.__typename);
  expect(kinds.filter((k) => k === 'ReceiveTransferSuccess')).toHaveLength(1);
  expect(await on.level('paris', 'LAMP')).toEqual({
    ...before,
    available: before.available + 4,
    inTransit: before.inTransit - 4,
  });
});

test('is for the destination’s people only', async () => {
  const { id } = await onTheRoad([{ sku: 'MUG', quantity: 1 }]);
  for (const token of [depot, await app.token('STAFF', 'luc', ['lyon']), await app.token('STOREFRONT')]) {
    const { errors } = await on.act('receiveTransfer', token, id);
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
  expect((await on.act('receiveTransfer', await app.token('FEED'), id)).answer.transfer.status).toBe(
    'RECEIVED',
  );
});

test('receipt against count of the same shelf, ten times at once: both happen, and levels and ledger agree', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { id } = await onTheRoad([{ sku: 'TENT-2', quantity: 3 }]);
    const counted = round % 2 === 0 ? 40 : 7;
    const [received, count] = await Promise.all([
      on.act('receiveTransfer', paris, id),
      stockAct(app, paris, 'countStock', {
        idempotencyKey: freshKey(),
        location: 'paris',
        lines: [{ sku: 'TENT-2', quantity: counted }],
      }),
    ]);
    expect([received.answer.__typename, count.answer.__typename]).toEqual([
      'ReceiveTransferSuccess',
      'CountStockSuccess',
    ]);
    // The receipt came before the count, which then saw its units, or after it, on top. A big difference waits
    // for approval and changes nothing yet.
    expect(await stockDrift(app.db)).toEqual([]);
  }
});
