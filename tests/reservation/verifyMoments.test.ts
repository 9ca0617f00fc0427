// verifyReservation in the thick of it: batches, two processes, moves changed behind the program's back, and long histories.

import { Client } from 'pg';
import { SYSTEM } from '../../src/access/rules/roles';
import type { Tx } from '../../src/db/pool';
import { decodeGlobalID } from '../../src/graphql/ids';
import { reserveStock } from '../../src/reservation/actions/reserve';
import { proofOf } from '../../src/reservation/queries/proof';
import { reservationsWithLines } from '../../src/reservation/queries/reservations';
import { balanceLedger } from '../../src/stock/actions/balance';
import { sealLedger } from '../../src/stock/actions/seal';
import { startApp, type TestApp } from '../support/app';
import { freshKey, holdsOn, type ReservationLineInput } from './support';

let app: TestApp;
let beside: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  beside = await startApp({}, app);
  holds = await holdsOn(app);
  planner = await app.token('PLANNER');
});
afterAll(async () => {
  await beside.close().finally(() => app.close());
});

const VERIFY = `query ($id: ID!) { verifyReservation(id: $id) { isConsistent
  lines { sku { code } reserved moved wasAvailable replayed problems } } }`;
const verify = async (id: string) => (await app.gql(planner, VERIFY, { id })).data.verifyReservation;
const uuidOf = (id: string): string => (decodeGlobalID(id) as { id: string }).id;
/** Puts what has happened so far under seals and into the kept sums, as the nightly jobs do. */
const night = async (): Promise<void> => {
  await sealLedger(app.db, app.parts.clock());
  await balanceLedger(app.db);
};

const IDS = `
  SELECT p.id AS "locationId", s.id AS "skuId" FROM location p, sku s WHERE p.code = 'paris' AND s.code = $1`;

test('a line that got nothing is seen at its own moment, not after its neighbours of the batch', async () => {
  const [lamp, mug] = [await holds.stocked(5), await holds.stocked(5)];
  const common = { locationCode: 'paris', channel: 'ONLINE', holdMinutes: 15, allowPartial: true };
  const ask = async (holder: string | null, lines: ReservationLineInput[]) => {
    const ids = await Promise.all(
      lines.map((l) => app.db.rows<{ locationId: number; skuId: number }>(IDS, [l.sku])),
    );
    const wanted = lines.map((l, i) => ({ ...l, skuId: ids[i]![0]!.skuId }));
    const input = { ...common, holder, locationId: ids[0]![0]!.locationId, lines: wanted };
    return () =>
      reserveStock(app.db, { actor: SYSTEM, idempotencyKey: freshKey(), input, now: app.parts.clock() });
  };
  const all = await ask('changes-mind', [{ sku: mug, quantity: 5 }]);
  const partly = await ask(null, [
    { sku: lamp, quantity: 1 },
    { sku: mug, quantity: 1 },
  ]);
  const fewer = await ask('changes-mind', [{ sku: mug, quantity: 2 }]);
  await all();
  // Said in one tick, so they go in one batch, in this order.
  const made = await Promise.all([partly(), fewer()]);
  expect(made.map((m) => m.certificate.lines.map((l) => [l.wasAvailable, l.held]))).toEqual([
    [
      [5, 1],
      [0, 0],
    ],
    [[5, 2]],
  ]);
  const right = async () => {
    const records = await reservationsWithLines(
      app.db,
      made.map((m) => m.id),
    );
    const lines = await Promise.all(records.map((hold) => proofOf(app.db, hold)));
    return lines.flat().flatMap((l) => l!.wrong);
  };
  expect(await right()).toEqual([]);
  await night();
  expect(await right()).toEqual([]);
});

test('reservations of two processes on the same shelves at once, lines at positions of their own, before and after the nightly jobs', async () => {
  const skus = [await holds.stocked(60), await holds.stocked(25), await holds.stocked(40)];
  const other = await holdsOn({ ...beside, token: (role) => app.token(role) });
  const basket = (i: number): ReservationLineInput[] =>
    skus.filter((_, k) => (i >> k) % 2 === 1 || i % 8 === 0).map((sku) => ({ sku, quantity: 1 + (i % 3) }));
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      (i % 2 === 0 ? holds : other).reserve(basket(i), { allowPartial: i % 3 === 0, holder: `b${i % 40}` }),
    ),
  );
  const made = answers.filter((a) => a.reservation).map((a) => a.reservation.id);
  expect(made.length).toBeGreaterThan(30);
  for (const id of made) expect(await verify(id)).toMatchObject({ isConsistent: true });
  await night();
  for (const id of made) expect(await verify(id)).toMatchObject({ isConsistent: true });
});

/** Does what only the owner of the database can, past the triggers. */
async function behindItsBack(sql: string, values: unknown[]): Promise<void> {
  const client = new Client({ connectionString: app.databaseUrl });
  await client.connect();
  try {
    await client.query("SET session_replication_role = 'replica'");
    expect((await client.query(sql, values)).rowCount).toBe(1);
  } finally {
    await client.end();
  }
}
const CHANGE = `
  UPDATE stock_move SET quantity = quantity + $3
  WHERE id = (SELECT min(m.id) FROM stock_move m JOIN sku s ON s.id = m.sku_id WHERE s.code = $1 AND m.reason = $2::move_reason)`;

test.each([
  ['the reservation’s own move', 'HELD', 1, 'The certificate states 2 reserved units; the ledger moved 3.'],
  ['a delivery before it', 'RECEIVED', -4, 'The certificate states 10 available units; the ledger has 6.'],
])(
  '%s changed by hand makes the answer wrong, and put back right again',
  async (_what, reason, by, wrong) => {
    const sku = await holds.stocked(10);
    const { reservation } = await holds.reserve([{ sku, quantity: 2 }]);
    await behindItsBack(CHANGE, [sku, reason, by]);
    const { isConsistent, lines } = await verify(reservation.id);
    expect([isConsistent, lines[0].problems]).toEqual([false, [wrong]]);
    await behindItsBack(CHANGE, [sku, reason, -by]);
    expect(await verify(reservation.id)).toMatchObject({ isConsistent: true });
  },
);

test('a move after the reservation can change as it will', async () => {
  const sku = await holds.stocked(10);
  const { reservation } = await holds.reserve([{ sku, quantity: 2 }]);
  await holds.release(reservation.id);
  await behindItsBack(CHANGE, [sku, 'HOLD_RELEASED', 5]);
  expect(await verify(reservation.id)).toMatchObject({ isConsistent: true });
  await behindItsBack(CHANGE, [sku, 'HOLD_RELEASED', -5]);
});

const RECEIVE = 'mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }';
const LINES = 200;

/** So many moves of one shelf. */
async function manyMoves(sku: string, moves: number): Promise<void> {
  const lines = Array.from({ length: LINES }, () => ({ sku, quantity: 1 }));
  for (let i = 0; i < moves / LINES; i += 1) {
    const input = { idempotencyKey: `many-${sku}-${i}-${moves}`, location: 'paris', lines };
    const { data } = await app.gql(holds.feed, RECEIVE, { input });
    expect(data.receiveStock.__typename).toBe('ReceiveStockSuccess');
  }
}

interface Plan {
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
}

/** Pages that the proof of a reservation looks at. */
async function pagesOf(id: string): Promise<number> {
  const [hold] = await reservationsWithLines(app.db, [uuidOf(id)]);
  let pages = 0;
  const explained: Tx = {
    async rows<R extends object>(sql: string, values: readonly unknown[] = []) {
      const plan = await app.db.pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`, [...values]);
      const { Plan: top } = plan.rows[0]['QUERY PLAN'][0] as { Plan: Plan };
      pages += top['Shared Hit Blocks'] + top['Shared Read Blocks'];
      return app.db.rows<R>(sql, values);
    },
  };
  const lines = await proofOf(explained, hold!);
  expect(lines?.flatMap((l) => l.wrong)).toEqual([]);
  return pages;
}

/** An index is read for what is asked: some pages of each of the ledger's partitions, and never a table. */
const FEW_PAGES = 100;

test('after ten thousand moves more of its shelf a proof still reads a few pages', async () => {
  const [sku, beside_] = [await holds.stocked(10), await holds.stocked(0)];
  const early = await holds.reserve([{ sku, quantity: 2 }]);
  await manyMoves(sku, 10_000);
  await manyMoves(beside_, 2_000);
  const late = await holds.reserve([{ sku, quantity: 2 }]);
  await app.db.pool.query('ANALYZE stock_move');
  expect(await pagesOf(early.reservation.id)).toBeLessThan(FEW_PAGES);
  await night();
  expect(await pagesOf(late.reservation.id)).toBeLessThan(FEW_PAGES);
  // Reckoned back from the kept sums, which costs what came since.
  expect(await verify(early.reservation.id)).toMatchObject({ isConsistent: true });
}, 60_000);
