// Sums of service figures from their facts: by channel, and over all channels from the same observations, never a mean of means.

import type { Tx } from '../../db/pool';
import {
  IS_LINE_PICKED,
  IS_PROMISE_DUE,
  IS_PROMISE_KEPT,
  WAIT_SECONDS,
} from '../../order/queries/pickupDays';
import { DAY_MS } from '../../values/time';
import type { ServiceChannel } from '../rules/contact';
import { FIGURES, type FigureSums, type FigureValue, figureOf } from '../rules/figures';
import { quantileRanks } from '../rules/intervals';

export interface FigurePeriod {
  from: Date;
  to: Date;
  now: Date;
  reopenDays: number;
  /** Only these channels; null: all. */
  channels: ServiceChannel[] | null;
}

const MOMENTS = `
  count(*)::int AS n, coalesce(sum(x), 0)::float8 AS sum, coalesce(sum(x * x), 0)::float8 AS squares`;
const ANSWERS = `
  WITH answers AS (
    SELECT coalesce(n.channel, c.channel)::text AS channel, s.csat, s.nps, s.ces
    FROM survey s LEFT JOIN contact n ON n.id = s.contact_id LEFT JOIN service_case c ON c.id = s.case_id
    WHERE s.answered_at >= $1 AND s.answered_at < $2
      AND ($3::text[] IS NULL OR coalesce(n.channel, c.channel)::text = ANY($3))),
  observations AS (
    SELECT 'CSAT' AS name, channel, (csat >= 4)::int::float8 AS x FROM answers WHERE csat IS NOT NULL
    UNION ALL SELECT 'NPS', channel, CASE WHEN nps >= 9 THEN 100 WHEN nps <= 6 THEN -100 ELSE 0 END FROM answers WHERE nps IS NOT NULL
    UNION ALL SELECT 'CES', channel, ces FROM answers WHERE ces IS NOT NULL)
  SELECT name, channel, grouping(channel) = 1 AS "isWhole", ${MOMENTS}
  FROM observations GROUP BY name, GROUPING SETS ((channel), ())`;
const CASES = `
  WITH solved AS (
    SELECT channel::text AS channel, inbound_count AS inbound, channel_inbound_count AS own, reopened_count AS reopened
    FROM service_case
    WHERE opened_at >= $1 AND opened_at < $2 AND first_resolved_at < $4 AND inbound_count > 0
      AND ($3::text[] IS NULL OR channel::text = ANY($3))),
  observations AS (
    SELECT 'FCR_ON_CHANNEL' AS name, channel, (own = 1 AND reopened = 0)::int::float8 AS x FROM solved
    UNION ALL SELECT 'ONCE_AND_DONE', channel, (inbound = 1 AND reopened = 0)::int FROM solved
    UNION ALL SELECT 'REOPEN_RATE', channel, (reopened > 0)::int FROM solved)
  SELECT name, channel, grouping(channel) = 1 AS "isWhole", ${MOMENTS}
  FROM observations GROUP BY name, GROUPING SETS ((channel), ())`;
const HANDLING = `
  WITH observations AS (
    SELECT channel::text AS channel, (handled_seconds + coalesce(wrap_up_seconds, 0))::float8 AS x
    FROM contact
    WHERE at >= $1 AND at < $2 AND handled_seconds IS NOT NULL AND ($3::text[] IS NULL OR channel::text = ANY($3)))
  SELECT 'AHT' AS name, channel, grouping(channel) = 1 AS "isWhole", ${MOMENTS}
  FROM observations GROUP BY GROUPING SETS ((channel), ())`;
// A loop over locations, so that the index by location and time is used.
const PLACED = `
  placed AS (
    SELECT o.* FROM location p
    CROSS JOIN LATERAL (
      SELECT id, status, placed_at, promised_at, ready_at, arrived_at, closed_at FROM customer_order
      WHERE location_id = p.id AND placed_at >= $1 AND placed_at < $2) o)`;
const PICKUP = `
  WITH ${PLACED},
  observations AS (
    SELECT 'KEPT_PROMISES' AS name, (${IS_PROMISE_KEPT})::int::float8 AS x FROM placed WHERE ${IS_PROMISE_DUE}
    UNION ALL SELECT 'NO_SHOW_RATE', (status = 'NO_SHOW')::int FROM placed WHERE status IN ('COLLECTED', 'NO_SHOW')
    UNION ALL SELECT 'SHORT_PICK_RATE', (l.short > 0)::int
      FROM placed o JOIN order_line l ON l.order_id = o.id WHERE ${IS_LINE_PICKED})
  SELECT name, ${MOMENTS} FROM observations GROUP BY name`;
const SORTED_WAITS = `
  SELECT channel::text AS channel, array_agg(waiting_seconds ORDER BY waiting_seconds) AS sorted
  FROM contact
  WHERE at >= $1 AND at < $2 AND direction = 'INBOUND' AND waiting_seconds IS NOT NULL
    AND ($3::text[] IS NULL OR channel::text = ANY($3))
  GROUP BY channel`;
const SORTED_PICKUP = `
  WITH ${PLACED}
  SELECT array_agg(ready ORDER BY ready) FILTER (WHERE ready IS NOT NULL) AS ready,
         array_agg(wait ORDER BY wait) FILTER (WHERE wait IS NOT NULL) AS wait
  FROM (
    SELECT extract(epoch FROM ready_at - placed_at)::int AS ready,
           ${WAIT_SECONDS} AS wait
    FROM placed) t`;

const QUANTILES = { P50: 0.5, P90: 0.9 } as const;

/** Both quantiles of sorted seconds, with the order statistics that bound them. */
function quantiles(name: string, channel: string | null, sorted: readonly number[]): FigureSums[] {
  const n = sorted.length;
  return Object.entries(QUANTILES).map(([suffix, q]) => {
    const ranks = quantileRanks(q, n);
    const at = (rank: number): number | null => sorted[rank - 1] ?? null;
    return {
      ...{ name: `${name}_${suffix}`, channel, n, sum: 0, squares: 0 },
      ...{ value: at(ranks.at), low: at(ranks.low), high: at(ranks.high) },
    };
  });
}

interface SumsRow {
  name: string;
  channel: string | null;
  isWhole: boolean;
  n: number;
  sum: number;
  squares: number;
}
type PickupSums = Omit<SumsRow, 'channel' | 'isWhole'>;

const UNBOUNDED = { value: null, low: null, high: null };

/** All figures over all channels, and by channel where there are observations. */
export async function serviceFigures(tx: Tx, period: FigurePeriod): Promise<FigureValue[]> {
  const { from, to, now, reopenDays, channels } = period;
  const solvedBefore = new Date(now.getTime() - reopenDays * DAY_MS);
  const [answers, cases, handling, pickup, waits, sortedPickup] = await Promise.all([
    tx.rows<SumsRow>(ANSWERS, [from, to, channels]),
    tx.rows<SumsRow>(CASES, [from, to, channels, solvedBefore]),
    tx.rows<SumsRow>(HANDLING, [from, to, channels]),
    tx.rows<PickupSums>(PICKUP, [from, to, now]),
    tx.rows<{ channel: string; sorted: number[] }>(SORTED_WAITS, [from, to, channels]),
    tx.rows<{ ready: number[] | null; wait: number[] | null }>(SORTED_PICKUP, [from, to]),
  ]);
  const [sorted] = sortedPickup;
  const all: FigureSums[] = [
    // An answer about a collection belongs to no channel: it counts in the whole only.
    ...[...answers, ...cases, ...handling].flatMap(({ isWhole, ...row }) =>
      isWhole || row.channel !== null ? [{ ...row, ...UNBOUNDED }] : [],
    ),
    ...pickup.map((row) => ({ ...row, channel: null, ...UNBOUNDED })),
    ...waits.flatMap((row) => quantiles('FIRST_RESPONSE', row.channel, row.sorted)),
    ...quantiles(
      'FIRST_RESPONSE',
      null,
      waits.flatMap((row) => row.sorted).sort((a, b) => a - b),
    ),
    ...quantiles('ORDER_TO_READY', null, sorted?.ready ?? []),
    ...quantiles('WAIT_AT_PICKUP', null, sorted?.wait ?? []),
  ];
  const found = all.map(figureOf);
  const order = new Map(FIGURES.map(({ name }, i) => [name, i]));
  const missing = FIGURES.filter((one) => !found.some((f) => f.definition === one && f.channel === null)).map(
    (definition): FigureValue => ({ definition, channel: null, n: 0, value: null, interval: null }),
  );
  return [...found, ...missing].sort(
    (a, b) =>
      order.get(a.definition.name)! - order.get(b.definition.name)! ||
      (a.channel ?? '').localeCompare(b.channel ?? ''),
  );
}
