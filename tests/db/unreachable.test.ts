// A database that is out of reach is distinguished from a bug, whichever connection the statement used.

import { pino } from 'pino';
import { type Db, openDb } from '../../src/db/pool';
import { inTransaction, isUnreachable } from '../../src/db/transaction';
import { presentError } from '../../src/graphql/errors';
import { freshDatabase } from '../support/database';
import { lockTable } from '../support/lockedTable';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Db;

beforeAll(async () => {
  database = await freshDatabase();
  db = openDb(database.url, 2);
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

/** The error of a statement that is cut off while it waits. */
async function errorOfCut(statement: () => Promise<unknown>): Promise<unknown> {
  const locked = await lockTable(database.url, 'sku');
  const outcome = statement().then(
    () => null,
    (error: unknown) => error,
  );
  await locked.cutWaiters();
  const error = await outcome;
  await locked.unlock();
  return error;
}

test('a statement whose session is ended, on the pool, in a transaction and through Prisma', async () => {
  expect(isUnreachable(await errorOfCut(() => db.rows('SELECT FROM sku')))).toBe(true);
  expect(isUnreachable(await errorOfCut(() => inTransaction(db, (tx) => tx.rows('SELECT FROM sku'))))).toBe(
    true,
  );
  expect(isUnreachable(await errorOfCut(() => db.prisma.sku.findMany()))).toBe(true);
  expect(await db.prisma.sku.count()).toBe(0);
});

test('a server that is not there, on the pool and through Prisma', async () => {
  const nowhere = openDb('postgresql://a:b@127.0.0.1:1/nowhere', 2);
  const errors = await Promise.all([
    nowhere.rows('SELECT 1').catch((error: unknown) => error),
    nowhere.prisma.sku.count().catch((error: unknown) => error),
  ]);
  expect(errors.map(isUnreachable)).toEqual([true, true]);
  await nowhere.close();
});

test('a transaction that loses to others again and again is no bug: the client is asked to come back', async () => {
  let attempts = 0;
  const lost = await inTransaction(db, (tx) => {
    attempts += 1;
    return tx.rows(`DO $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END $$`);
  }).catch((error: unknown) => error);
  expect(attempts).toBe(5);
  expect(presentError(lost, pino({ level: 'silent' })).extensions).toMatchObject({
    code: 'UNAVAILABLE',
    http: { status: 503 },
  });
  // Its neighbours in a batch may well get through, so the batch is halved.
  expect(isUnreachable(lost)).toBe(false);
});

test('a bug is none of it', async () => {
  const wrong = await db.rows('SELECT nothing').catch((error: unknown) => error);
  const misused = await db.prisma.sku
    .findMany({ where: { code: 7 as unknown as string } })
    .catch((error: unknown) => error);
  expect([wrong, misused].map(isUnreachable)).toEqual([false, false]);
});
