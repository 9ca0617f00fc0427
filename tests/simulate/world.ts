// The world of one history on a database that many histories share: its own locations, SKUs and people, and what is read back of it.

import type { Caller } from '../../src/access/rules/roles';
import type { Tx } from '../../src/db/pool';
import { proofOf } from '../../src/reservation/queries/proof';
import { reservationsWithLines } from '../../src/reservation/queries/reservations';
import type { Names } from './callTools';
import { type CallAnswer, type CountOpened, Mismatch, type Op, same } from './ops';
import { available, isPast, reserved, type SimulatedState } from './state';
import { OWNERS, PLACES, SKUS } from './steps';

/** When every history begins: a Wednesday, 10:00 in Paris, shops open. */
export const START = Date.parse('2026-11-25T09:00:00.000Z');
const DAY_MS = 86_400_000;
const RETURN_WINDOW_DAYS = 3_650;

const HOURS = [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, opensAt: '09:00', closesAt: '19:00' }));
const MAKE = `
  WITH p AS (
    INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone, weekly_hours)
    SELECT $1 || '-p' || i, 'P', CASE WHEN i = 2 THEN 'WAREHOUSE' ELSE 'SHOP' END::location_kind, 'FR', 45 + i, 2 + i,
           'Europe/Paris', $2
    FROM generate_series(0, $3::int - 1) i ORDER BY i RETURNING id, code),
  s AS (
    INSERT INTO sku (code, name, price_minor, currency, return_window_days)
    SELECT $1 || '-s' || i, 'S', 100, 'EUR', $5 FROM generate_series(0, $4::int - 1) i ORDER BY i RETURNING id, code),
  a AS (
    INSERT INTO actor (name, role)
    SELECT $1 || '-' || n, r::role FROM unnest($6::text[], $7::text[]) WITH ORDINALITY AS w(n, r, i) ORDER BY i
    RETURNING id, name AS code),
  v AS (INSERT INTO supplier (code, name, lead_time_days) VALUES ($1, 'V', 5))
  SELECT 'p' AS what, id, code FROM p UNION ALL SELECT 's', id, code FROM s UNION ALL SELECT 'a', id, code FROM a
  ORDER BY id`;

/** Makes the locations, SKUs and people of one history. */
export async function makeNames(tx: Tx, tag: string): Promise<Names> {
  const owners = Array.from({ length: OWNERS }, (_, i) => `web${i}`);
  const people = [...owners, 'staff', 'planner'];
  const roles = [...owners.map(() => 'STOREFRONT'), 'STAFF', 'PLANNER'];
  const values = [tag, JSON.stringify(HOURS), PLACES, SKUS, RETURN_WINDOW_DAYS, people, roles];
  const rows = await tx.rows<{ what: string; id: number; code: string }>(MAKE, values);
  const of = (what: string) => rows.filter((r) => r.what === what);
  const places = of('p');
  const callers = of('a').map(
    ({ id, code }, i): Caller => ({
      actorId: id,
      name: code,
      role: roles[i] as Caller['role'],
      locationIds: new Set(places.map((p) => p.id)),
    }),
  );
  const [staff, planner] = callers.slice(OWNERS);
  return {
    tag,
    places,
    skus: of('s'),
    owners: callers.slice(0, OWNERS),
    staff: staff!,
    planner: planner!,
    supplier: tag,
    soldAt: new Date(START - DAY_MS),
  };
}

const OPENED = `
  SELECT t.id, t.from_location_id AS "from", l.sku_id AS sku, l.quantity AS units
  FROM transfer t JOIN transfer_line l ON l.transfer_id = t.id
  WHERE t.order_id = $1 AND t.id <> ALL($2::uuid[]) ORDER BY t.id, l.sku_id`;
const LINES = `
  SELECT sku_id AS sku, reserved, awaiting FROM order_line WHERE order_id = $1 ORDER BY sku_id`;
const COLLECT_BY = 'SELECT collect_by AS "collectBy" FROM customer_order WHERE id = $1';

/** The order whose transfers a command may have opened. */
function orderOf(state: SimulatedState, op: Op, answer: CallAnswer): string | null {
  if (op.act === 'order') return answer.id ?? null;
  if (op.act === 'short' || op.act === 'broken') return state.orders[op.doc]!.id;
  if (op.act === 'arrive' || op.act === 'callOff' || op.act === 'recall')
    return state.transfers[op.doc]!.order;
  return null;
}

/** Adds to an answer what the model takes over from the database: what was fetched from where, and until when goods wait. */
export async function witness(
  tx: Tx,
  names: Names,
  state: SimulatedState,
  op: Op,
  answer: CallAnswer,
): Promise<void> {
  if (answer.kind !== 'ok') return;
  const skuOf = (id: number): number => names.skus.findIndex((s) => s.id === id);
  if (op.act === 'ready') {
    const [row] = await tx.rows<{ collectBy: Date }>(COLLECT_BY, [answer.id]);
    answer.collectBy = row!.collectBy.getTime();
  }
  const order = orderOf(state, op, answer);
  if (order === null) return;
  if (op.act === 'order') {
    const lines = await tx.rows<{ sku: number; reserved: number; awaiting: number }>(LINES, [order]);
    answer.lines = lines.map((l) => ({ ...l, sku: skuOf(l.sku) }));
    if (!op.transfer) return;
  }
  const known = state.transfers.map((t) => t.id);
  const rows = await tx.rows<{ id: string; from: number; sku: number; units: number }>(OPENED, [
    order,
    known,
  ]);
  const opened = new Map<string, CountOpened>();
  for (const { id, from, sku, units } of rows) {
    const place = names.places.findIndex((p) => p.id === from);
    const transfer = opened.get(id) ?? { id, from: place, lines: [] };
    transfer.lines.push({ sku: skuOf(sku), units });
    opened.set(id, transfer);
  }
  answer.opened = [...opened.values()];
}

const REAL = `
  SELECT 'shelf' AS what, concat_ws(' ', location_id, sku_id) AS id,
         concat_ws(' ', available, reserved, staged, quarantine, in_transit) AS is, 0 AS at
  FROM stock_level WHERE sku_id = ANY($2::int[])
  UNION ALL
  SELECT 'hold', id::text, status::text, (extract(epoch FROM expires_at) * 1000)::bigint
  FROM reservation WHERE location_id = ANY($1::int[])
  UNION ALL
  SELECT 'order', o.id::text, concat_ws(' ', o.status, l.sku_id, l.reserved, l.awaiting, l.staged, l.collected, l.cancelled, l.short,
           l.returned), 0
  FROM customer_order o JOIN order_line l ON l.order_id = o.id WHERE o.location_id = ANY($1::int[])
  UNION ALL
  SELECT 'transfer', id::text, status::text, 0 FROM transfer WHERE to_location_id = ANY($1::int[])
  UNION ALL
  SELECT 'purchase', id::text, status::text, 0 FROM purchase_order WHERE location_id = ANY($1::int[])
  UNION ALL
  SELECT 'safety', concat_ws(':', coalesce(sku_id::text, ''), coalesce(location_id::text, ''), coalesce(channel, '')),
         quantity::text, 0
  FROM safety_stock WHERE sku_id = ANY($2::int[]) OR location_id = ANY($1::int[])`;

export interface RealRow {
  what: string;
  id: string;
  is: string;
  at: number;
}

/** Everything of this history as it stands in the database. */
export function readReal(tx: Tx, names: Names): Promise<RealRow[]> {
  return tx.rows<RealRow>(REAL, [names.places.map((p) => p.id), names.skus.map((s) => s.id)]);
}

/** The same as the model has it. */
function asModelled(names: Names, state: SimulatedState): string[] {
  const shelves = state.shelves.flatMap((bySku, place) =>
    bySku.map((s, sku) => {
      const buckets = [
        available(state, place, sku),
        reserved(state, place, sku),
        s.staged,
        s.quarantine,
        s.inTransit,
      ];
      return `shelf ${names.places[place]!.id} ${names.skus[sku]!.id} = ${buckets.join(' ')}`;
    }),
  );
  const orders = state.orders.flatMap((o) =>
    o.lines.map((l) => {
      const units = [l.reserved, l.awaiting, l.staged, l.collected, l.cancelled, l.short, l.returned];
      return `order ${o.id} = ${[o.status, names.skus[l.sku]!.id, ...units].join(' ')}`;
    }),
  );
  // Without the rules of safety stock, two orders of commands that differ only in which rule stays would both explain the answers.
  const rules = Object.entries(state.safety).map(([key, units]) => {
    const [sku, place, channel] = key.split(':');
    const skuId = sku === '' ? '' : names.skus[Number(sku)]!.id;
    const placeId = place === '' ? '' : names.places[Number(place)]!.id;
    return `safety ${skuId}:${placeId}:${channel} = ${units}`;
  });
  return [
    ...rules,
    ...shelves.filter((line) => !line.endsWith('= 0 0 0 0 0')),
    ...state.holds.map((h) => `hold ${h.id} = ${h.status} until ${new Date(h.until).toISOString()}`),
    ...orders,
    ...state.transfers.map((t) => `transfer ${t.id} = ${t.status}`),
    ...state.purchases.map((p) => `purchase ${p.id} = ${p.status}`),
  ];
}

/**
 * Holds the model against the database. Reservations past their time may have been swept by anyone at any time: there the model
 * follows. @throws Mismatch naming the rows that differ
 */
export function compare(names: Names, state: SimulatedState, real: readonly RealRow[]): void {
  const swept = new Set(real.filter((r) => r.what === 'hold' && r.is === 'EXPIRED').map((r) => r.id));
  for (const hold of state.holds)
    if (hold.status === 'ACTIVE' && isPast(state, hold) && swept.has(hold.id)) hold.status = 'EXPIRED';
  const come = real.map(({ what, id, is, at }) =>
    what === 'hold' ? `hold ${id} = ${is} until ${new Date(at).toISOString()}` : `${what} ${id} = ${is}`,
  );
  const there = new Set(come.filter((line) => !/^shelf .*= 0 0 0 0 0$/.test(line)));
  const expected = new Set(asModelled(names, state));
  const odd = [
    ...[...there].filter((line) => !expected.has(line)).map((line) => `the program has ${line}`),
    ...[...expected].filter((line) => !there.has(line)).map((line) => `the model has ${line}`),
  ];
  if (odd.length > 0) throw new Mismatch(odd.slice(0, 6).join('; '));
}

// Each bucket is the sum of the moves.
const BOOKS = `
  SELECT count(*) AS n FROM (
    SELECT location_id, sku_id, bucket, sum(units) AS units FROM (
      SELECT from_location_id AS location_id, sku_id, from_bucket AS bucket, -quantity AS units
      FROM stock_move WHERE sku_id = ANY($1::int[])
      UNION ALL SELECT to_location_id, sku_id, to_bucket, quantity FROM stock_move WHERE sku_id = ANY($1::int[])
      UNION ALL
      SELECT l.location_id, l.sku_id, v.bucket, -v.units FROM stock_level l
      CROSS JOIN LATERAL (VALUES ('AVAILABLE'::bucket, l.available), ('RESERVED', l.reserved), ('STAGED', l.staged),
                                 ('QUARANTINE', l.quarantine), ('IN_TRANSIT', l.in_transit)) AS v(bucket, units)
      WHERE l.sku_id = ANY($1::int[])) m
    WHERE bucket NOT IN ('SUPPLIER', 'CUSTOMER', 'SHRINKAGE')
    GROUP BY 1, 2, 3 HAVING sum(units) <> 0) drift`;
// A shelf's position is its last move.
const POSITIONS = `
  SELECT count(*) AS n FROM stock_level l
  WHERE l.sku_id = ANY($1::int[]) AND l.position <> (
    SELECT coalesce(max(m.id), 0) FROM stock_move m
    WHERE m.sku_id = l.sku_id AND (m.from_location_id = l.location_id OR m.to_location_id = l.location_id))`;
// Said once only, whatever happened: no customer is notified twice that one code is ready.
const NOTICES = `
  SELECT count(*) AS n FROM customer_order o
  WHERE o.location_id = ANY($1::int[]) AND o.code_generation <>
    (SELECT count(*) FROM outbox m WHERE m.order_id = o.id AND m.topic = 'notice.order_ready')`;
const COMMANDS = 'SELECT actor_id AS who, key, outcome FROM command WHERE actor_id = ANY($1::int[])';

/** @throws Mismatch when the answer that one of these reservations was given is not right by the ledger */
export async function proveCertificates(tx: Tx, ids: readonly string[]): Promise<void> {
  for (const hold of await reservationsWithLines(tx, ids)) {
    const lines = await proofOf(tx, hold);
    same(
      'what is wrong with a certificate',
      lines?.flatMap((line) => line.wrong),
      [],
    );
  }
}

/** What a client was answered under each of its keys. */
export type AnswersById = ReadonlyMap<string, CallAnswer>;

/** Everything that must hold when a history is over. @throws Mismatch */
export async function proveAll(
  tx: Tx,
  names: Names,
  state: SimulatedState,
  heard: AnswersById,
): Promise<void> {
  const skus = names.skus.map((s) => s.id);
  const none = async (what: string, sql: string, ids: number[]): Promise<void> => {
    const [row] = await tx.rows<{ n: number }>(sql, [ids]);
    same(what, row!.n, 0);
  };
  await none('buckets that are not the sum of their moves', BOOKS, skus);
  await none('shelves that do not know their last move', POSITIONS, skus);
  await none(
    'orders whose customers were not told once for each code',
    NOTICES,
    names.places.map((p) => p.id),
  );
  await proveCertificates(
    tx,
    state.holds.map((h) => h.id),
  );
  const actors = [...names.owners, names.staff, names.planner].map((a) => a.actorId);
  const commands = await tx.rows<{ key: string; outcome: unknown }>(COMMANDS, [actors]);
  same('keys that were used', commands.length, heard.size);
  for (const { key, outcome } of commands) {
    const { kind, raw } = heard.get(key)!;
    const told = kind === 'ok' ? { value: raw } : { refusal: raw };
    same(`what is remembered under a key`, sorted(outcome), sorted(told));
  }
}

/** The same value with its keys in order: what comes back from the database has lost it. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}
