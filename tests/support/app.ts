// The real application on a database of its own, with a small world in it, for one test file.

import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { hashToken } from '../../src/access/queries';
import type { Role } from '../../src/access/rules';
import { createApp } from '../../src/app';
import { readConfig } from '../../src/config';
import { type Db, openDb } from '../../src/db/pool';
import type { Parts } from '../../src/graphql/context';
import { createHub } from '../../src/push/hub';
import { stockDrift } from '../../src/stock/queries';
import { freshDatabase } from './database';

/** The time every test file starts at: a Wednesday, 10:00 in Paris, shops open. */
export const START = new Date('2026-11-25T09:00:00.000Z');

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
  data: any;
  errors?: { message: string; extensions?: Record<string, unknown>; path?: unknown[] }[];
}

export interface TestApp {
  url: string;
  databaseUrl: string;
  db: Db;
  parts: Parts;
  /** Sends one operation as the caller behind this token (null: no token). */
  gql(token: string | null, query: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** A token of a new actor. STAFF names the codes of its locations. */
  token(role: Role, name?: string, locations?: string[]): Promise<string>;
  /** Moves the clock forward. */
  wait(minutes: number): void;
  /** Stops the app and proves its books: throws when a level is not what its moves and the open documents say. */
  close(): Promise<void>;
}

const HOURS = [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, opensAt: '09:00', closesAt: '19:00' }));

const WORLD = `
  INSERT INTO location (code, name, kind, city, country, latitude, longitude, time_zone, weekly_hours, groups) VALUES
    ('paris', 'Paris', 'SHOP', 'Paris', 'FR', 48.8566, 2.3522, 'Europe/Paris', $1, '{france,north}'),
    ('lyon', 'Lyon', 'SHOP', 'Lyon', 'FR', 45.764, 4.8357, 'Europe/Paris', $1, '{france,south}'),
    ('depot', 'Depot', 'WAREHOUSE', 'Orléans', 'FR', 47.9029, 1.9093, 'Europe/Paris', $1, '{france}')`;
const SKUS = `
  INSERT INTO sku (code, gtin, name, category, price_minor, currency, pick_position) VALUES
    ('TENT-2', '02000000000015', 'Tent for two', 'Outdoor/Tents', 19900, 'EUR', 'A-01'),
    ('LAMP', '02000000000022', 'Head lamp', 'Outdoor/Light', 2990, 'EUR', 'B-02'),
    ('SOCK-M', '02000000000039', 'Wool socks M', 'Clothing/Socks', 1290, 'EUR', 'C-03'),
    ('MUG', '02000000000046', 'Enamel mug', 'Outdoor/Kitchen', 990, 'EUR', 'D-04')`;

let made = 0;

/** Starts the app on a fresh database with three places (paris, lyon, depot) and four SKUs (TENT-2, LAMP, SOCK-M, MUG). */
export async function startApp(env: Record<string, string> = {}): Promise<TestApp> {
  const database = await freshDatabase();
  const db = openDb(database.url, 20);
  await db.rows(WORLD, [JSON.stringify(HOURS)]);
  await db.rows(SKUS);
  let now = START;
  const parts: Parts = {
    config: readConfig({
      LOG_LEVEL: 'silent',
      SECRET_KEY: 'x'.repeat(32),
      DATABASE_URL: database.url,
      ...env,
    }),
    db,
    log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
    clock: () => now,
    secretKey: randomBytes(32),
    hub: createHub({ url: database.url, log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }) }),
  };
  const server = createApp(parts).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    databaseUrl: database.url,
    db,
    parts,
    async gql(token, query, variables) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        body: JSON.stringify({ query, variables }),
      });
      return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
    },
    async token(role, name, locations = []) {
      made += 1;
      const token = `test_${randomBytes(16).toString('hex')}`;
      const [actor] = await db.rows<{ id: number }>(
        'INSERT INTO actor (name, role) VALUES ($1, $2::role) RETURNING id',
        [name ?? `${role.toLowerCase()}-${made}`, role],
      );
      await db.rows('INSERT INTO access_token (actor_id, token_hash, hint) VALUES ($1, $2, $3)', [
        actor!.id,
        hashToken(token),
        token.slice(-4),
      ]);
      await db.rows(
        'INSERT INTO actor_location (actor_id, location_id) SELECT $1, id FROM location WHERE code = ANY($2::text[])',
        [actor!.id, locations],
      );
      return token;
    },
    wait(minutes) {
      now = new Date(now.getTime() + minutes * 60_000);
    },
    async close() {
      await parts.hub.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      const drift = await stockDrift(db);
      await db.close();
      await database.drop();
      if (drift.length > 0) throw new Error(`the books do not balance: ${JSON.stringify(drift, null, 2)}`);
    },
  };
}
