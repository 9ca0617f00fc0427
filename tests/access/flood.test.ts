// Wrong tokens by the thousand: they are looked up together, and those who have a good one do not pay for it.

import { randomBytes } from 'node:crypto';
import { callerByHash, hashToken } from '../../src/access/queries/callers';
import type { Db } from '../../src/db/pool';
import { START, startApp, type TestApp } from '../support/app';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** The database behind a count of what it is asked. */
function counted(db: Db): { db: Db; asked: () => number } {
  let asked = 0;
  const rows: Db['rows'] = (sql, parameters) => {
    asked += 1;
    return db.rows(sql, parameters);
  };
  return { db: Object.assign(Object.create(db) as Db, { rows }), asked: () => asked };
}
const callerOf = (db: Db, token: string, now: Date) => callerByHash(db, hashToken(token), now);
const wrong = (): string => randomBytes(32).toString('base64url');

test('a flood of wrong tokens takes few statements, and puts no good one out', async () => {
  const token = await app.token('STAFF');
  const { db, asked } = counted(app.db);
  expect(await callerOf(db, token, START)).toMatchObject({ role: 'STAFF' });
  const before = asked();
  for (let wave = 0; wave < 24; wave += 1) {
    const callers = await Promise.all(Array.from({ length: 500 }, () => callerOf(db, wrong(), START)));
    expect(callers.every((caller) => caller === null)).toBe(true);
  }
  expect(asked() - before).toBe(24);
  expect(await callerOf(db, token, START)).toMatchObject({ role: 'STAFF' });
  expect(asked() - before).toBe(24);
});

test('the same token requested at once, good or wrong, is looked up once', async () => {
  const token = await app.token('ADMIN');
  const { db, asked } = counted(app.db);
  const bad = wrong();
  const callers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => callerOf(db, i % 2 ? token : bad, START)),
  );
  expect(callers.filter((caller) => caller?.role === 'ADMIN')).toHaveLength(50);
  expect(await callerOf(db, bad, START)).toBeNull();
  expect(asked()).toBe(1);
});

test('an outage fails those who asked, and is not remembered', async () => {
  const token = await app.token('ADMIN');
  const { db } = counted(app.db);
  const away = Object.assign(Object.create(db) as Db, { rows: () => Promise.reject(new Error('away')) });
  await expect(Promise.all([callerOf(away, token, START), callerOf(away, wrong(), START)])).rejects.toThrow(
    'away',
  );
  Object.assign(away, { rows: db.rows });
  expect(await callerOf(away, token, START)).toMatchObject({ role: 'ADMIN' });
});
