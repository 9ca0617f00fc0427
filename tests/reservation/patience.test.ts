// The deadline of a client's request: what has not begun when it is over, or when the client is gone, is never begun.

import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { startApp, type TestApp } from '../support/app';
import { untilLocked } from '../support/lockWaits';
import { freshKey, holdsOn } from './support';

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
let token: string;
beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
  token = await app.token('STOREFRONT');
});
afterAll(() => app.close());

const HOLD = `mutation ($input: ReserveStockInput!) { answer: reserveStock(input: $input) {
  __typename ... on Refusal { message } ... on Busy { retryAfterSeconds } } }`;

const ask = (sku: string, timeout?: string) => {
  const input = { idempotencyKey: freshKey(), location: 'paris', lines: [{ sku, quantity: 1 }] };
  const sent = request(app.url).post('/graphql').set('authorization', `Bearer ${token}`);
  if (timeout !== undefined) void sent.set('x-request-timeout-ms', timeout);
  return sent.send({ query: HOLD, variables: { input } });
};

/** Waits until so many transactions wait for a lock: each of them occupies one concurrent batch. */
const lanesTaken = (n: number): Promise<void> => untilLocked(app.db, n);

/** Keeps a shelf locked, so that every concurrent batch is occupied by someone who waits for it. */
async function whileLocked(sku: string, work: () => Promise<void>): Promise<void> {
  const other = await app.db.pool.connect();
  try {
    await other.query('BEGIN');
    await other.query(
      'SELECT 1 FROM stock_level l JOIN sku s ON s.id = l.sku_id WHERE s.code = $1 FOR UPDATE OF l',
      [sku],
    );
    await work();
  } finally {
    await other.query('ROLLBACK');
    other.release();
  }
}

test('a request past its deadline is refused as Busy and reserves nothing; one without a deadline is served', async () => {
  const sku = await holds.stocked(10);
  let answers: Promise<{ body: { data: { answer: Record<string, unknown> } } }>[] = [];
  await whileLocked(sku, async () => {
    const begun: typeof answers = [];
    for (let lane = 1; lane <= 2; lane += 1) {
      begun.push(ask(sku).then((r) => r));
      await lanesTaken(lane);
    }
    begun.push(ask(sku).then((r) => r));
    const waiting = [ask(sku, '30').then((r) => r), ask(sku, '60000').then((r) => r)];
    await sleep(1_000); // for both to come, and for the impatient one's time to pass
    answers = [...begun, ...waiting];
  });
  const told = (await Promise.all(answers)).map((r) => r.body.data.answer);
  expect(told.map((a) => a.__typename)).toEqual([
    'ReserveStockSuccess',
    'ReserveStockSuccess',
    'ReserveStockSuccess',
    'Busy',
    'ReserveStockSuccess',
  ]);
  expect(told[3]).toMatchObject({
    message: expect.stringContaining('nothing was done'),
    retryAfterSeconds: 1,
  });
  expect(await holds.level(sku)).toEqual({ available: 6, reserved: 4 });
});

test('a client that has gone while it waited gets no reservation', async () => {
  const sku = await holds.stocked(10);
  await whileLocked(sku, async () => {
    for (let lane = 1; lane <= 2; lane += 1) {
      void ask(sku).then((r) => r);
      await lanesTaken(lane);
    }
    const gone = ask(sku);
    gone.end(() => {});
    await sleep(300);
    gone.abort();
    await sleep(1_000);
  });
  for (;;) {
    const level = await holds.level(sku);
    if (level.reserved >= 2) break;
    await sleep(20);
  }
  await sleep(200);
  expect(await holds.level(sku)).toEqual({ available: 8, reserved: 2 });
});

test('a deadline that is no number of milliseconds is refused in a sentence', async () => {
  for (const wrong of ['soon', '0', '-5', '1.5', '999999999']) {
    const { status, body } = await ask('MUG', wrong);
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
    expect(body.errors[0].message).toContain('whole milliseconds from 1 to 120000');
  }
});
