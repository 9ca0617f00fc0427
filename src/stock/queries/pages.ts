// Pages of levels and of the ledger, by keys rather than offsets, each filter answered by an index.

import type { Tx } from '../../db/pool';
import type { KeysetPage } from '../../values/keys';
import type { Bucket, MoveReason, Shelf } from '../ledger';
import type { StockLevelRow } from './levels';

/** Collects the values of a statement whose text depends only on which filters are given. */
class PageParameters {
  readonly list: unknown[] = [];
  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }
}

const MAX_INT4 = 2_147_483_647;
const MAX_MOVE_ID = Number.MAX_SAFE_INTEGER;

export interface LevelFilter {
  skuIds: readonly number[] | null;
  locationIds: readonly number[] | null;
  /** Only locations of this group. */
  group: string | null;
  /** Only shelves with less AVAILABLE than the safety stock of this channel. */
  belowSafetyOf: string | null;
}

// SKU before location before channel; the third value shows whether the rule is for every channel.
const FINENESS = [
  ['k.sku_id', 'k.location_id', false],
  ['k.sku_id', 'k.location_id', true],
  ['k.sku_id', '0', false],
  ['k.sku_id', '0', true],
  ['0', 'k.location_id', false],
  ['0', 'k.location_id', true],
  ['0', '0', false],
  ['0', '0', true],
] as const;

/**
 * The parts of a statement that keep shelves below the safety stock of a channel: one join for each fineness of rule,
 * finest first, so that the planner can remember what it looked up for a SKU or a location. Over a whole chain this is
 * 26 times faster than looking up each shelf's rule (225,000 shelves, 31,500 rules: half a second).
 */
function belowSafety(channel: string, values: PageParameters): { joins: string; where: string } {
  const own = values.add(channel, 'text');
  const keys = FINENESS.map(([sku, location, everyChannel]) => [sku, location, everyChannel ? "''" : own]);
  const joins = keys.map(
    ([sku, location, on], i) => `LEFT JOIN safety_stock s${i} ON coalesce(s${i}.sku_id, 0) = ${sku}
      AND coalesce(s${i}.location_id, 0) = ${location} AND coalesce(s${i}.channel, '') = ${on}`,
  );
  const finest = keys.map((_key, i) => `s${i}.quantity`).join(', ');
  return {
    joins: joins.join('\n    '),
    where: `k.available < (SELECT max(quantity) FROM safety_stock) AND k.available < coalesce(${finest}, 0)`,
  };
}

/**
 * A page of opened shelves: by location and SKU, or, when SKUs are given, by SKU and location, so that an index has
 * either order ready.
 */
export function levelPage(tx: Tx, filter: LevelFilter, page: KeysetPage<Shelf>): Promise<StockLevelRow[]> {
  const values = new PageParameters();
  const last = page.backwards ? MAX_INT4 : 0;
  const location = values.add(page.beyond?.locationId ?? last, 'int');
  const sku = values.add(page.beyond?.skuId ?? last, 'int');
  const [compare, direction] = page.backwards ? ['<', 'DESC'] : ['>', 'ASC'];
  const bySku = filter.skuIds !== null;
  const where = [
    bySku
      ? `(k.sku_id, k.location_id) ${compare} (${sku}, ${location})`
      : `(k.location_id, k.sku_id) ${compare} (${location}, ${sku})`,
  ];
  if (bySku) where.push(`k.sku_id = ANY(${values.add(filter.skuIds, 'int[]')})`);
  if (filter.locationIds) where.push(`k.location_id = ANY(${values.add(filter.locationIds, 'int[]')})`);
  if (filter.group !== null) {
    const group = `SELECT id FROM location WHERE groups @> ARRAY[${values.add(filter.group, 'text')}]`;
    where.push(`k.location_id = ANY(ARRAY(${group}))`);
  }
  const below = filter.belowSafetyOf === null ? null : belowSafety(filter.belowSafetyOf, values);
  if (below !== null) where.push(below.where);
  const sql = `
    SELECT k.location_id AS "locationId", k.sku_id AS "skuId", k.available, k.reserved, k.staged, k.quarantine,
           k.in_transit AS "inTransit", k.position, k.counted_at AS "countedAt", k.updated_at AS "updatedAt"
    FROM stock_level k ${below?.joins ?? ''}
    WHERE ${where.join(' AND ')}
    ORDER BY ${bySku ? `k.sku_id ${direction}, k.location_id` : `k.location_id ${direction}, k.sku_id`} ${direction}
    LIMIT ${values.add(page.limit, 'int')}`;
  return tx.rows<StockLevelRow>(sql, values.list);
}

/** One row of the ledger, with the command that caused it. */
export interface StockMoveRow {
  id: number;
  skuId: number;
  fromLocationId: number;
  fromBucket: Bucket;
  toLocationId: number;
  toBucket: Bucket;
  quantity: number;
  reason: MoveReason;
  note: string | null;
  documentId: string | null;
  at: Date;
  occurredAt: Date | null;
  commandId: number;
  action: string;
  key: string;
  actorId: number;
}

export interface MoveFilter {
  skuId: number | null;
  locationId: number | null;
  /** Only moves from, to and inside these locations; null: all. */
  within: readonly number[] | null;
  commandId: number | null;
  /** From this instant … */
  from: Date | null;
  /** … to before this one. */
  to: Date | null;
}

const MOVE = (source: string): string => `
  SELECT m.id, m.sku_id AS "skuId", m.from_location_id AS "fromLocationId", m.from_bucket AS "fromBucket",
    m.to_location_id AS "toLocationId", m.to_bucket AS "toBucket", m.quantity, m.reason, m.note,
    m.document_id AS "documentId", m.created_at AS at, c.occurred_at AS "occurredAt",
    m.command_id AS "commandId", c.action, c.key, c.actor_id AS "actorId"
  FROM ${source} m JOIN command c ON c.id = m.command_id`;

/** The sub-selects of a page of moves; each is one scan of an index that has them in order. */
function legsOf(filter: MoveFilter, values: PageParameters, common: string[], tail: string): string[] {
  const leg = (what: string, ...own: string[]) =>
    `(SELECT ${what} FROM stock_move WHERE ${[...own, ...common].join(' AND ')} ${tail})`;
  if (filter.locationId !== null) {
    const location = values.add(filter.locationId, 'int');
    const sku = filter.skuId === null ? [] : [`sku_id = ${values.add(filter.skuId, 'int')}`];
    return [
      leg('*', `from_location_id = ${location}`, ...sku),
      leg('*', `to_location_id = ${location}`, 'to_location_id <> from_location_id', ...sku),
    ];
  }
  if (filter.within !== null) {
    // An index has the newest moves of each location; a move between two of them is read at its source.
    const own = values.add(filter.within, 'int[]');
    const sku = filter.skuId === null ? [] : [`sku_id = ${values.add(filter.skuId, 'int')}`];
    const each = (...conditions: string[]) =>
      `(SELECT m.* FROM unnest(${own}) AS l(id) CROSS JOIN LATERAL ${leg('*', ...conditions, ...sku)} m)`;
    return [
      each('from_location_id = l.id'),
      each('to_location_id = l.id', `from_location_id <> ALL(${own})`),
    ];
  }
  if (filter.skuId !== null && filter.commandId === null) {
    // No index has a SKU's moves in order over all locations; the ids of the few newest of each location are cheap to find.
    const each = leg('id', 'from_location_id = l.id', `sku_id = ${values.add(filter.skuId, 'int')}`);
    const ids = `SELECT i.id FROM location l CROSS JOIN LATERAL ${each} i ${tail}`;
    return [`(SELECT m.* FROM (${ids}) p JOIN stock_move m ON m.id = p.id)`];
  }
  return [leg('*', ...(filter.skuId === null ? [] : [`sku_id = ${values.add(filter.skuId, 'int')}`]))];
}

/** A page of the ledger, newest first. */
export function movePage(tx: Tx, filter: MoveFilter, page: KeysetPage<number>): Promise<StockMoveRow[]> {
  const values = new PageParameters();
  const beyond = values.add(page.beyond ?? (page.backwards ? 0 : MAX_MOVE_ID), 'bigint');
  const common = [`id ${page.backwards ? '>' : '<'} ${beyond}`];
  if (filter.commandId !== null) common.push(`command_id = ${values.add(filter.commandId, 'bigint')}`);
  if (filter.from !== null) common.push(`created_at >= ${values.add(filter.from, 'timestamptz')}`);
  if (filter.to !== null) common.push(`created_at < ${values.add(filter.to, 'timestamptz')}`);
  const tail = `ORDER BY id ${page.backwards ? 'ASC' : 'DESC'} LIMIT ${values.add(page.limit, 'int')}`;
  const legs = legsOf(filter, values, common, tail);
  const sql = `${MOVE(`(SELECT * FROM (${legs.join(' UNION ALL ')}) i ${tail})`)}
    ORDER BY m.id ${page.backwards ? 'ASC' : 'DESC'}`;
  return tx.rows<StockMoveRow>(sql, values.list);
}

const BY_ID = `${MOVE('stock_move')} WHERE m.id = ANY($1::bigint[])`;

/** Rows of the ledger by id, in no order. */
export function movesById(tx: Tx, ids: readonly number[]): Promise<StockMoveRow[]> {
  return tx.rows<StockMoveRow>(BY_ID, [ids]);
}
