// The chain of the mixed day: shops with full shelves, the tokens of its staff and storefront, and the program itself on a fixed port.

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Db } from '../../src/db/pool';
import { inTransaction } from '../../src/db/transaction';
import { lockShelves, post } from '../../src/stock/ledger';
import { type Program, startProgram, UNLIMITED } from '../support/process';
import { fillWorld, newToken } from '../support/world';

/** How large the chain is. */
export interface Size {
  shops: number;
  skus: number;
  /** Units on each shelf at first. */
  units: number;
}

/** Tokens of the web shop, of an administrator, and of the staff of each shop, in the shops' order. */
export interface People {
  web: string;
  admin: string;
  staff: string[];
}

/** Name of the actor that reserves and orders. */
export const WEB = 'web shop';
const SECRET_KEY = 'a long random text of the mixed day, as it must be';
const SHELVES_AT_ONCE = 5_000;

export const shopCode = (i: number): string => `shop-${i + 1}`;
export const skuCode = (i: number): string => `S${i + 1}`;

// Over France, in rows of ten; a customer anywhere has some within an hour's drive.
const SHOPS = `
  INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone, weekly_hours, pickup_capacity_per_hour)
  SELECT 'shop-' || i, 'Shop ' || i, 'SHOP', 'FR', 43.5 + i % 10 * 0.5, -0.5 + i / 10 % 20 * 0.3, 'Europe/Paris',
         (SELECT weekly_hours FROM location WHERE code = 'paris'), 1000 FROM generate_series(1, $1::int) i`;
const SKUS = `
  INSERT INTO sku (code, name, category, price_minor, currency, pick_position)
  SELECT 'S' || i, 'Article ' || i, 'Dept ' || i % 7, 100 + i, 'EUR', 'A-' || i FROM generate_series(1, $1::int) i`;
const SHELVES = `
  SELECT l.id AS "locationId", s.id AS "skuId" FROM location l CROSS JOIN sku s
  WHERE l.code LIKE 'shop-%' AND s.code LIKE 'S%' AND s.code <> 'SOCK-M' ORDER BY 1, 2`;
const COMMAND = `
  INSERT INTO command (actor_id, key, action, request_hash, outcome, created_at)
  VALUES (0, 'the day’s first stock', 'receiveStock', '', '{"value": {}}', now()) RETURNING id`;

/** Fills an empty, migrated database: shops, SKUs, units by the one door to stock, and tokens. */
export async function fillDay(db: Db, size: Size): Promise<People> {
  await fillWorld(db);
  await db.rows(SHOPS, [size.shops]);
  await db.rows(SKUS, [size.skus]);
  const shelves = await db.rows<{ locationId: number; skuId: number }>(SHELVES);
  const [command] = await db.rows<{ id: number }>(COMMAND);
  for (let at = 0; at < shelves.length; at += SHELVES_AT_ONCE) {
    const moves = shelves.slice(at, at + SHELVES_AT_ONCE).map((shelf) => ({
      ...shelf,
      from: 'SUPPLIER' as const,
      to: 'AVAILABLE' as const,
      quantity: size.units,
      reason: 'RECEIVED' as const,
      commandId: command!.id,
    }));
    await inTransaction(db, async (tx) => post(tx, await lockShelves(tx, moves), new Date(), moves));
  }
  await db.rows('VACUUM ANALYZE');
  const staff: string[] = [];
  for (let i = 0; i < size.shops; i += 1)
    staff.push(await newToken(db, 'STAFF', `staff of ${shopCode(i)}`, [shopCode(i)]));
  return {
    web: await newToken(db, 'STOREFRONT', WEB),
    admin: await newToken(db, 'ADMIN', 'head office'),
    staff,
  };
}

/** A port that was free a moment ago, so that a program which is started again has the address it had. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The program as `npm start` runs it, with its jobs, on this database and port. */
export function startDay(
  databaseUrl: string,
  port: number,
  env: Record<string, string> = {},
): Promise<Program> {
  const settings = {
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    SECRET_KEY,
    LOG_LEVEL: 'error',
    ...UNLIMITED,
    ...env,
  };
  return startProgram({ env: settings }).ready();
}

/** The complaints of the program: errors in its log, and any output on stderr. Returns a sentence per error. */
export function complaints(program: Program): string[] {
  const errors = program.stdout().match(/^.*"level":(?:50|60).*$/gm) ?? [];
  const complaints = [...errors, program.stderr()].filter((text) => text !== '');
  return complaints.length === 0
    ? []
    : [`the program complained: ${complaints.length} × such as ${complaints[0]!.slice(0, 400)}`];
}
