/** Loads the demonstration chain into an empty database, once, in one transaction: all of it or nothing. */
import { v7 as uuid } from 'uuid';
import { hashToken } from '../../src/access/queries/callers';
import { DEMONSTRATION_ACTORS, DEMONSTRATION_PAGE_TOKEN } from '../../src/access/rules/demonstration';
import { normaliseGtin } from '../../src/catalog/rules/codes';
import type { Config } from '../../src/config/config';
import type { Db, Tx } from '../../src/db/pool';
import { inTransaction } from '../../src/db/transaction';
import { lockShelves, type Move, post } from '../../src/stock/ledger';
import { buildChain } from './chain';
import { buildDealings } from './dealings';
import { pastMoves, withIds } from './loadDealings';
import { loadPeople } from './loadPeople';
import { type Ids, idOf, loadReplenishment } from './loadReplenishment';
import { buildPeople } from './people';
import { dailySales } from './sales';
import type { DailySale, DayText, SeedChain } from './types';

const SALES_BATCH = 50_000;
const TRANSACTION_TIMEOUT_MS = 300_000;

const LOCATIONS = `
  INSERT INTO location (code, name, kind, street, postal_code, city, country, latitude, longitude, time_zone, weekly_hours,
    hours_exceptions, pickup_enabled, pickup_lead_minutes, pickup_cut_off, pickup_capacity_per_hour, pickup_keep_days,
    transfer_lead_minutes, groups)
  SELECT p->>'code', p->>'name', (p->>'kind')::location_kind, p->>'street', p->>'postalCode', p->>'city', p->>'country',
    (p->>'latitude')::float8, (p->>'longitude')::float8, p->>'timeZone', p->'weeklyHours', p->'hoursExceptions',
    (p->>'pickupEnabled')::boolean, (p->>'pickupLeadMinutes')::int, p->>'pickupCutOff', (p->>'pickupCapacityPerHour')::int,
    (p->>'pickupKeepDays')::int, (p->>'transferLeadMinutes')::int, ARRAY(SELECT jsonb_array_elements_text(p->'groupCodes'))
  FROM jsonb_array_elements($1::jsonb) AS p RETURNING id, code`;

const SKUS = `
  INSERT INTO sku (code, gtin, name, category, attributes, pack_size, price_minor, currency, return_window_days, pick_position)
  SELECT s->>'code', s->>'gtin', s->>'name', s->>'category', s->'attributes', (s->>'packSize')::int,
    (s->>'priceMinor')::int, s->>'currency', (s->>'returnWindowDays')::int, s->>'pickPosition'
  FROM jsonb_array_elements($1::jsonb) AS s RETURNING id, code`;

const SUPPLIERS = `
  INSERT INTO supplier (code, name, lead_time_days, order_cut_off)
  SELECT s->>'code', s->>'name', (s->>'leadTimeMeanDays')::int, s->>'orderCutOff'
  FROM jsonb_array_elements($1::jsonb) AS s RETURNING id, code`;

const SAFETY = `
  INSERT INTO safety_stock (sku_id, location_id, channel, quantity)
  SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::int[])`;

const PURCHASE = `
  WITH o AS (
    INSERT INTO purchase_order (id, number, supplier_id, location_id, status, note, created_at, ordered_at, expected_at)
    VALUES ($1, 'P-' || nextval('purchase_number'), $2, $3, 'ORDERED', $4, $5, $5, $6) RETURNING id)
  INSERT INTO purchase_line (purchase_id, sku_id, quantity)
  SELECT o.id, l.sku_id, l.quantity FROM o, unnest($7::int[], $8::int[]) AS l(sku_id, quantity)`;

const ACTOR = `
  WITH a AS (INSERT INTO actor (name, role, created_at, manager) VALUES ($1, $2::role, $5, $6) RETURNING id),
  t AS (INSERT INTO access_token (actor_id, token_hash, hint, created_at) SELECT id, $3, 'demo', $5 FROM a)
  INSERT INTO actor_location (actor_id, location_id) SELECT a.id, l.id FROM a, location l WHERE l.code = ANY($4::text[])`;

const PAGE_TOKEN = `
  INSERT INTO access_token (actor_id, token_hash, hint, created_at, page_origins)
  SELECT id, $2, 'page', $4, $3::text[] FROM actor WHERE name = $1`;

const COMMAND = `
  INSERT INTO command (actor_id, key, action, request_hash, outcome, created_at)
  VALUES (0, 'demo-chain', 'loadDemo', '', '{"value": {}}', $1) RETURNING id`;

const SALES = `
  INSERT INTO daily_sales (location_id, sku_id, channel, day, units, returned_units, revenue_minor, stocked_out)
  SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::date[], $5::int[], $6::int[], $7::bigint[], $8::boolean[])`;

async function insertCoded(tx: Tx, sql: string, rows: readonly object[]): Promise<Map<string, number>> {
  const made = await tx.rows<{ id: number; code: string }>(sql, [JSON.stringify(rows)]);
  return new Map(made.map((r) => [r.code, r.id]));
}

async function loadStock(tx: Tx, chain: SeedChain, ids: Ids, now: Date, commandId: number): Promise<void> {
  const moves = chain.startingStock.map<Move>((s) => ({
    locationId: idOf(ids.location, s.locationCode),
    skuId: idOf(ids.sku, s.skuCode),
    from: 'SUPPLIER',
    to: 'AVAILABLE',
    quantity: s.available,
    reason: 'RECEIVED',
    note: 'opening stock',
    commandId,
  }));
  await post(tx, await lockShelves(tx, moves), now, moves);
  await tx.rows(SAFETY, [
    chain.safetyStocks.map((s) => (s.skuCode === null ? null : idOf(ids.sku, s.skuCode))),
    chain.safetyStocks.map((s) => (s.locationCode === null ? null : idOf(ids.location, s.locationCode))),
    chain.safetyStocks.map((s) => s.channel),
    chain.safetyStocks.map((s) => s.quantity),
  ]);
}

async function loadPurchases(tx: Tx, chain: SeedChain, ids: Ids): Promise<void> {
  for (const order of chain.purchaseOrders) {
    await tx.rows(PURCHASE, [
      uuid(),
      idOf(ids.supplier, order.supplierCode),
      idOf(ids.location, order.locationCode),
      order.code,
      new Date(`${order.orderedOn}T08:00:00Z`),
      new Date(`${order.expectedOn}T08:00:00Z`),
      order.lines.map((l) => idOf(ids.sku, l.skuCode)),
      order.lines.map((l) => l.quantity),
    ]);
  }
}

async function insertSales(tx: Tx, ids: Ids, batch: DailySale[]): Promise<void> {
  await tx.rows(SALES, [
    batch.map((s) => idOf(ids.location, s.locationCode)),
    batch.map((s) => idOf(ids.sku, s.skuCode)),
    batch.map((s) => s.channel),
    batch.map((s) => s.day),
    batch.map((s) => s.units),
    batch.map((s) => s.returnedUnits),
    batch.map((s) => s.revenueMinor),
    batch.map((s) => s.stockedOut),
  ]);
}

async function loadSales(tx: Tx, chain: SeedChain, ids: Ids, tell: (line: string) => void): Promise<number> {
  let batch: DailySale[] = [];
  let rows = 0;
  for (const sale of dailySales(chain)) {
    batch.push(sale);
    if (batch.length === SALES_BATCH) {
      await insertSales(tx, ids, batch);
      rows += batch.length;
      batch = [];
      tell(`  ${rows.toLocaleString('en')} days of sales`);
    }
  }
  if (batch.length > 0) await insertSales(tx, ids, batch);
  return rows + batch.length;
}

const EMPTY = 'SELECT NOT EXISTS (SELECT FROM location) AND NOT EXISTS (SELECT FROM sku) AS empty';
// Two processes may find the same empty database: the second waits here, then finds it filled.
const ALONE = `SELECT pg_advisory_xact_lock(hashtext('comptoir demonstration chain')), set_config('statement_timeout', $1, true)`;

/** What the demonstration is loaded with. */
export interface DemoParts {
  db: Db;
  secretKey: Buffer;
  config: Pick<Config, 'identity' | 'contact'>;
}

const ACTOR_IDS = 'SELECT name, id FROM actor';

async function loadActors(tx: Tx, now: Date): Promise<Map<string, number>> {
  for (const { token, name, role, locations, manager = false } of DEMONSTRATION_ACTORS) {
    await tx.rows(ACTOR, [name, role, hashToken(token), locations, now, manager]);
  }
  const { actor, token: pageToken, pageOrigins } = DEMONSTRATION_PAGE_TOKEN;
  await tx.rows(PAGE_TOKEN, [actor, hashToken(pageToken), pageOrigins, now]);
  const rows = await tx.rows<{ name: string; id: number }>(ACTOR_IDS);
  return new Map(rows.map(({ name, id }) => [name, id]));
}

/** The id of the actor of a demonstration's token. */
function actorOf(actors: Map<string, number>, token: string): number {
  return idOf(actors, DEMONSTRATION_ACTORS.find((actor) => actor.token === token)!.name);
}

/**
 * Loads the chain and its customers as of `now` when the database has no location and no SKU; logs its progress line by line.
 * Answers whether it did.
 */
export function loadDemo(
  { db, secretKey, config }: DemoParts,
  now: Date,
  tell: (line: string) => void,
): Promise<boolean> {
  const today: DayText = now.toISOString().slice(0, 10);
  return inTransaction(db, async (tx) => {
    await tx.rows(ALONE, [String(TRANSACTION_TIMEOUT_MS)]);
    const [found] = await tx.rows<{ empty: boolean }>(EMPTY);
    if (!found?.empty) return false;
    tell('Loading the demonstration chain …');
    const chain = buildChain(today);
    const ids: Ids = {
      location: await insertCoded(tx, LOCATIONS, chain.places),
      sku: await insertCoded(
        tx,
        SKUS,
        chain.skus.map((sku) => ({ ...sku, gtin: normaliseGtin(sku.gtin) })),
      ),
      supplier: await insertCoded(tx, SUPPLIERS, chain.suppliers),
    };
    const [command] = await tx.rows<{ id: number }>(COMMAND, [now]);
    const commandId = command!.id;
    const actors = await loadActors(tx, now);
    const people = buildPeople(chain.places);
    const dealings = buildDealings(people, chain);
    const orders = withIds(dealings.orders);
    await loadReplenishment(tx, chain, ids, { now, commandId, moved: pastMoves(orders, { ids, commandId }) });
    await loadStock(tx, chain, ids, now, commandId);
    await loadPurchases(tx, chain, ids);
    const scope = { ids, now, commandId, secretKey, config, today };
    const customers = await loadPeople(
      tx,
      { people, orders, dealings },
      {
        ...scope,
        storefrontId: actorOf(actors, 'demo-storefront'),
        staffId: actorOf(actors, 'demo-staff-rivoli'),
        feedId: actorOf(actors, 'demo-feed'),
      },
    );
    tell(`  ${customers}`);
    const rows = await loadSales(tx, chain, ids, tell);
    tell(
      `  ${chain.places.length} locations, ${chain.skus.length} SKUs, ${chain.startingStock.length.toLocaleString('en')} shelves, ` +
        `${rows.toLocaleString('en')} days of sales`,
    );
    return true;
  });
}
