// Who waits for whom: documents and rows that commands of other modules hold must not stop, nor be stopped by, each other.

import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { defineCommand as actOf } from '../../src/access/actions/execute';
import { SYSTEM } from '../../src/access/rules/roles';
import type { Tx } from '../../src/db/pool';
import { placeOrder } from '../../src/order/actions/place';
import { lockShelves, post, type Shelf } from '../../src/stock/ledger';
import { administer } from '../access/support';
import { freshKey, type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import type { MutationName } from '../support/graphqlAnswer';
import { sendPlainly } from '../support/graphqlClient';
import { deadlockCount, LOCK_WAITERS, untilLocked } from '../support/lockWaits';

let app: TestApp;
let o: Orders;
beforeAll(async () => {
  app = await startApp();
  o = await ordersOn(app);
});
// Closing checks levels against the ledger.
afterAll(() => app.close());

/** Holds what a statement locks while something else goes on; it is let go whatever happens. */
async function holding<T>(
  sql: string,
  values: unknown[],
  work: (other: PoolClient) => Promise<T>,
): Promise<T> {
  const other = await app.db.pool.connect();
  try {
    await other.query('BEGIN');
    await other.query(sql, values);
    return await work(other);
  } finally {
    await other.query('ROLLBACK');
    other.release();
  }
}

const act = async (token: string, name: MutationName, input: object) => {
  const keyed = { idempotencyKey: freshKey(), ...input };
  const { answer, errors } = await sendPlainly(app, token, name, keyed);
  return answer?.__typename ?? `ERROR ${errors?.[0]?.extensions?.code}`;
};

// What every row that refers to a SKU, a location or an actor takes on it: held until its transaction ends.
const REFERRED = {
  sku: 'SELECT 1 FROM sku WHERE code = $1 FOR KEY SHARE',
  location: 'SELECT 1 FROM location WHERE code = $1 FOR KEY SHARE',
  actor: 'SELECT 1 FROM actor WHERE name = $1 FOR KEY SHARE',
};

test('a feed changes SKUs and locations while units of them move', async () => {
  const feed = await app.token('FEED');
  const planner = await app.token('PLANNER');
  await holding(REFERRED.sku, ['LAMP'], async () => {
    const skus = [{ code: 'LAMP', name: 'Head lamp, bright' }];
    expect(await act(feed, 'upsertSkus', { skus })).toBe('UpsertSkusSuccess');
  });
  await holding(REFERRED.location, ['lyon'], async () => {
    const locations = [{ code: 'lyon', name: 'Lyon Part-Dieu' }];
    expect(await act(planner, 'upsertLocations', { locations })).toBe('UpsertLocationsSuccess');
  });
}, 30_000);

test('an actor who never stops acting can be switched off and given tokens', async () => {
  const admin = await app.token('ADMIN');
  const { actor } = await administer(app, admin, 'createActor', { name: 'busy', role: 'STOREFRONT' });
  await holding(REFERRED.actor, ['busy'], async () => {
    const made = await administer(app, admin, 'createToken', { actor: actor.id });
    expect(made.__typename).toBe('CreateTokenSuccess');
    const off = await administer(app, admin, 'updateActor', { actor: actor.id, active: false });
    expect(off.actor).toMatchObject({ active: false });
  });
}, 30_000);

const IDS = `
  SELECT p.id AS "locationId", s.id AS "skuId" FROM location p, sku s WHERE p.code = $1 AND s.code = $2`;
const keyOf = (globalId: string): string => Buffer.from(globalId, 'base64').toString().split(':')[1]!;

test('a batch of orders locks the reservations it takes over and those it expires in one order', async () => {
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 2 },
    { sku: 'MUG', quantity: 2 },
  ]);
  const left = keyOf(await o.reserve([{ sku: 'MUG', quantity: 2 }], { holdMinutes: 1 }));
  const kept = keyOf(await o.reserve([{ sku: 'LAMP', quantity: 1 }], { holdMinutes: 60 }));
  app.wait(5);
  const [mug] = await app.db.rows<{ locationId: number; skuId: number }>(IDS, ['paris', 'MUG']);
  const customer = { name: 'Anne', email: 'anne@example.com', phone: null, contactChannel: 'EMAIL' } as const;
  const common = {
    customer,
    payment: 'PAID',
    note: null,
    allowTransfer: false,
    allowPartial: false,
  } as const;
  const lines = [{ skuId: mug!.skuId, sku: 'MUG', quantity: 1 }];
  const direct = { locationId: mug!.locationId, channel: 'ONLINE', lines };
  const inputs = [
    { ...common, reservationId: kept, reservationKey: 'kept', direct: null },
    { ...common, reservationId: null, reservationKey: '', direct },
  ];
  const placed = await holding(
    'SELECT 1 FROM reservation WHERE id = $1 FOR UPDATE',
    [left],
    async (other) => {
      const batch = inputs.map((input) =>
        placeOrder(app.db, { actor: SYSTEM, idempotencyKey: freshKey(), input, now: app.parts.clock() }),
      );
      await untilLocked(app.db);
      // Made later, so it is locked later: whoever waits for the first of two must not hold the second.
      await other.query('SELECT 1 FROM reservation WHERE id = $1 FOR UPDATE NOWAIT', [kept]);
      return batch;
    },
  );
  expect(await Promise.all(placed)).toHaveLength(2);
});

test('two orders of one batch from a reservation that is gone both hear what became of it', async () => {
  const gone = keyOf(await o.reserve([{ sku: 'LAMP', quantity: 1 }], { holdMinutes: 1 }));
  app.wait(5);
  const customer = { name: 'Anne', email: 'anne@example.com', phone: null, contactChannel: 'EMAIL' } as const;
  const input = { customer, payment: 'PAID', note: null, allowTransfer: false, allowPartial: false } as const;
  const from = { ...input, reservationId: gone, reservationKey: 'gone', direct: null };
  const now = app.parts.clock();
  const answers = await Promise.allSettled(
    [1, 2].map(() => placeOrder(app.db, { actor: SYSTEM, idempotencyKey: freshKey(), input: from, now })),
  );
  expect(answers).toMatchObject([
    { reason: { data: { kind: 'WrongState', state: 'EXPIRED' } } },
    { reason: { data: { kind: 'WrongState', state: 'EXPIRED' } } },
  ]);
});

test.each([
  ['that has a row', true],
  ['whose row two make at once', false],
])('moves of a shelf %s are numbered in the order of its locks', async (_which, open) => {
  const [shelf] = await app.db.rows<{ locationId: number; skuId: number }>(
    `INSERT INTO sku (code, name) VALUES ($1, $1) RETURNING id AS "skuId", (SELECT id FROM location WHERE code = 'paris') AS "locationId"`,
    [`NUMBERED-${open}`],
  );
  if (open) await o.stock('paris', [{ sku: `NUMBERED-${open}`, quantity: 1 }]);
  const move = { ...shelf!, from: 'SUPPLIER', to: 'AVAILABLE', quantity: 1, reason: 'RECEIVED' } as const;
  let second: Promise<unknown> | undefined;
  const first = actOf('receiveFirst', async (tx, { commandId, now }) => {
    const shelves = await lockShelves(tx, [shelf!], 0);
    second = o.stock('paris', [{ sku: `NUMBERED-${open}`, quantity: 1 }]);
    await untilLocked(app.db);
    // More than came with the locks: drawn while the other waits.
    await post(tx, shelves, now, [
      { ...move, commandId },
      { ...move, commandId },
    ]);
    return {};
  });
  await first(app.db, { actor: SYSTEM, idempotencyKey: freshKey(), input: {}, now: app.parts.clock() });
  await second;
  const moves = await app.db.rows<{ id: number; ours: boolean }>(
    `SELECT m.id, c.action = 'receiveFirst' AS ours FROM stock_move m JOIN command c ON c.id = m.command_id
     WHERE m.sku_id = $1 ORDER BY m.id`,
    [shelf!.skuId],
  );
  expect(moves.map((m) => m.ours)).toEqual([...(open ? [false] : []), true, true, false]);
  const [level] = await app.db.rows('SELECT position FROM stock_level WHERE sku_id = $1', [shelf!.skuId]);
  expect(level).toEqual({ position: moves.at(-1)!.id });
});

/** Waits until a session waits for a lock with a statement that began after this time. */
async function untilLockedSince(at: Date): Promise<void> {
  for (;;) {
    const [row] = await app.db.rows<{ n: number }>(
      `SELECT count(*)::int AS n ${LOCK_WAITERS} AND query_start > $1`,
      [at],
    );
    if (row!.n > 0) return;
    await sleep(5);
  }
}

test('two baskets of which one finds a shelf that the other does not see yet do not wait for each other in a circle', async () => {
  const [{ locationId }] = (await app.db.rows<{ locationId: number }>(
    `SELECT id AS "locationId" FROM location WHERE code = 'paris'`,
  )) as [{ locationId: number }];
  const made = await app.db.rows<{ skuId: number }>(
    `INSERT INTO sku (code, name) SELECT code, code FROM unnest($1::text[]) AS code RETURNING id AS "skuId"`,
    [['CIRCLE-1', 'CIRCLE-2', 'CIRCLE-3']],
  );
  const skuIds = made.map(({ skuId }) => skuId).sort((a, b) => a - b);
  const [first, low, high] = skuIds.map((skuId) => ({ locationId, skuId })) as [Shelf, Shelf, Shelf];
  await o.stock('paris', [{ sku: 'CIRCLE-1', quantity: 1 }]);
  const lockOf = actOf('lockOnly', async (tx: Tx, { input }: { input: Shelf[] }) => {
    await lockShelves(tx, input, 0);
    return {};
  });
  const locked = (shelves: Shelf[]) =>
    lockOf(app.db, {
      actor: SYSTEM,
      idempotencyKey: freshKey(),
      input: shelves,
      now: app.parts.clock(),
    });
  const ROW = 'SELECT 1 FROM stock_level WHERE location_id = $1 AND sku_id = $2 FOR UPDATE';
  const ended = await holding(ROW, [locationId, first.skuId], async (other) => {
    // Sees neither of the other two shelves, and waits for the first.
    const blind = locked([first, low, high]);
    await untilLocked(app.db);
    const opened = o.stock('paris', [{ sku: 'CIRCLE-3', quantity: 1 }]);
    await Promise.race([opened, untilLocked(app.db, 2)]);
    return holding(ROW, [locationId, high.skuId], async () => {
      // Sees the highest shelf only, if that could be opened meanwhile.
      const seeing = locked([low, high]);
      await untilLocked(app.db, 2);
      const { rows } = await other.query('SELECT clock_timestamp() AS at');
      await other.query('ROLLBACK');
      const all = Promise.all([blind, opened, seeing]);
      await Promise.race([all, untilLockedSince(rows[0].at)]);
      return { all };
    });
  });
  expect(await ended.all).toHaveLength(3);
  expect(await deadlockCount(app.db)).toBe(0);
}, 30_000);
