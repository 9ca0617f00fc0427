// Learns the returns model of a run, once, from all SKUs over all locations.

import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { seasonAhead } from '../../../forecaster/returns/aggregate';
import { MAX_LAG_WEEKS, type ReturnSeries } from '../../../forecaster/returns/cohorts';
import {
  type LearntReturns,
  learnLocationStrength,
  learnReturns,
  levelOfSku,
  windowWeeks,
} from '../../../forecaster/returns/learn';
import { learnResale } from '../../../forecaster/returns/resale';
import { shelfPage } from '../../../sales/queries/series';
import {
  HISTORY_WEEKS,
  inspectedReturns,
  type ShelfWeeks,
  shelfWeeks,
  WINDOW_GRACE_DAYS,
} from '../../queries/returns/history';

/** SKUs of a location that are read and written at once: few enough that a kill loses little work. */
export const PAGE_SKUS = 500;
/** Shelves that are kept to learn how much locations differ. */
const SAMPLE_SHELVES = 2_000;

/** What a run has learned, as stored in returns_run.learnt. */
export interface LearnedReturnsRun {
  returns: LearntReturns;
  /** Sales of the weeks ahead over those of the last weeks, as last year's season was. */
  season: number[];
}

/** Weeks in which a SKU may come back, the week of the sale included. */
export function weeksOf({ returnWindowDays }: Pick<ShelfWeeks, 'returnWindowDays'>): number {
  return windowWeeks(returnWindowDays + WINDOW_GRACE_DAYS);
}

/** Every page of history of a location, one after the other. */
export async function* pagesOf(
  tx: Tx,
  locationId: number,
  cutDay: string,
  afterSkuId: number,
): AsyncGenerator<{ through: number; last: boolean; skuIds: number[]; shelves: ShelfWeeks[] }> {
  for (let after = afterSkuId; ; ) {
    const skuIds = await shelfPage(tx, locationId, after, PAGE_SKUS);
    const through = skuIds.at(-1) ?? after;
    const last = skuIds.length < PAGE_SKUS;
    const shelves = skuIds.length > 0 ? await shelfWeeks(tx, locationId, skuIds, cutDay) : [];
    yield { through, last, skuIds, shelves };
    if (last) return;
    after = through;
  }
}

/** Sums over locations, SKU by SKU. Memory grows with the SKUs (about 2 KB each), not with the locations. */
class ReturnSumsBySku {
  readonly skus = new Map<number, ShelfWeeks>();
  readonly sample: ShelfWeeks[] = [];
  readonly matched = new Array<number>(MAX_LAG_WEEKS).fill(0);

  add(shelf: ShelfWeeks, sampled: boolean): void {
    if (sampled) this.sample.push(shelf);
    shelf.matchedByLag.forEach((units, lag) => {
      if (lag >= 0 && lag < MAX_LAG_WEEKS) this.matched[lag]! += units;
    });
    const sum = this.skus.get(shelf.skuId);
    if (sum === undefined) {
      const { sold, returned, matched } = shelf;
      const own = { sold: sold.slice(), returned: returned.slice(), matched: matched.slice() };
      this.skus.set(shelf.skuId, { ...shelf, ...own });
      return;
    }
    for (const what of ['sold', 'returned', 'matched'] as const)
      for (let w = 0; w < HISTORY_WEEKS; w += 1) sum[what][w]! += shelf[what][w]!;
  }
}

const seriesOf = (shelf: ShelfWeeks): ReturnSeries => ({ key: String(shelf.skuId), ...shelf });

const LOCATIONS = 'SELECT id FROM location ORDER BY id';

async function gather(db: Db, cutDay: string): Promise<ReturnSumsBySku> {
  const gathered = new ReturnSumsBySku();
  const locations = await db.rows<{ id: number }>(LOCATIONS);
  const share = Math.ceil(SAMPLE_SHELVES / Math.max(1, locations.length));
  for (const { id } of locations) {
    let taken = 0;
    for await (const { shelves } of pagesOf(db, id, cutDay, 0))
      for (const shelf of shelves) {
        gathered.add(shelf, taken < share);
        taken += 1;
      }
  }
  return gathered;
}

const KEEP = `
  UPDATE returns_run SET learnt = $2::jsonb, learnt_from = $3 WHERE id = $1 AND learnt IS NULL RETURNING 1 AS kept`;
const KEEP_SKUS = `
  INSERT INTO returns_run_sku (run_id, sku_id, category_factor, sku_factor, resaleable_share, resaleable_seen)
  SELECT $1, * FROM unnest($2::int[], $3::real[], $4::real[], $5::real[], $6::int[])`;

/** Learns for a run and keeps it there; a run that has learned is not changed. */
export async function learnReturnsRun(
  db: Db,
  run: { id: number; cutDay: string; horizonWeeks: number },
): Promise<void> {
  const { skus, sample, matched } = await gather(db, run.cutDay);
  const shelves = [...skus.values()];
  const longest = shelves.reduce((most, shelf) => Math.max(most, weeksOf(shelf)), 1);
  const learnt = learnReturns(shelves.map(seriesOf), matched.slice(0, longest), longest);
  const resale = learnResale(await inspectedReturns(db, run.cutDay));
  const total = new Float64Array(HISTORY_WEEKS);
  for (const { sold } of shelves) for (let w = 0; w < HISTORY_WEEKS; w += 1) total[w]! += sold[w]!;
  const levels = new Map(
    shelves.map((shelf) => [shelf.skuId, levelOfSku(seriesOf(shelf), learnt, weeksOf(shelf))]),
  );
  learnt.strengths.place = learnLocationStrength(
    sample.map((shelf) => ({
      series: seriesOf(shelf),
      weeks: weeksOf(shelf),
      sku: levels.get(shelf.skuId)!.sku,
    })),
    learnt,
  );
  const kept: LearnedReturnsRun = { returns: learnt, season: seasonAhead(total, run.horizonWeeks) };
  const shares = shelves.map((shelf) => resale(shelf.skuId, shelf.category));
  await inTransaction(db, async (tx) => {
    const first = await tx.rows(KEEP, [run.id, JSON.stringify(kept), shelves.length]);
    if (first.length === 0) return;
    await tx.rows(KEEP_SKUS, [
      run.id,
      shelves.map((shelf) => shelf.skuId),
      shelves.map((shelf) => levels.get(shelf.skuId)!.category),
      shelves.map((shelf) => levels.get(shelf.skuId)!.sku),
      shares.map(({ share }) => share),
      shares.map(({ seen }) => seen),
    ]);
  });
}
