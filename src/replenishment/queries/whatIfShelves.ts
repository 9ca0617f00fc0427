// The shelves that a dry run goes over, as they stand in this run, page by page.

import type { Tx } from '../../db/pool';
import { currentRuns } from '../../forecast/queries/forecasts';
import { refuse } from '../../refusals';
import { slicesOf } from '../../values/lists';
import type { AbcClass } from '../rules/policy';
import type { ShelfFacts } from '../rules/shelf';
import { type ReplenishmentRunContext, replenishmentRunContext, skuFacts } from './shelfFacts';
import { openLocations, skusById } from './skuPage';

/** Which shelves; null: all. */
export interface DryRunFilter {
  locationIds: readonly number[] | null;
  skuIds: readonly number[] | null;
  /** A category and all below it. */
  category: string | null;
  abc: AbcClass | null;
}

/** Shelves worked out together, about. */
const PAGE_SHELVES = 2_000;

const COUNT = `
  SELECT f.sku_id AS "skuId", count(*)::int AS shelves
  FROM unnest($1::int[], $2::date[]) AS n(location_id, cut_day)
  JOIN demand_forecast f ON f.location_id = n.location_id AND f.cut_day = n.cut_day
  JOIN sku s ON s.id = f.sku_id LEFT JOIN sku_class c ON c.sku_id = s.id
  WHERE s.active AND ($3::int[] IS NULL OR s.id = ANY($3::int[]))
    AND ($4::text IS NULL OR s.category = $4 OR starts_with(s.category, $4 || '/'))
    AND ($5::text IS NULL OR coalesce(c.class::text, 'C') = $5)
  GROUP BY 1 ORDER BY 1`;

/** SKUs that have a forecast in the newest run of the selected locations, and the cut days of these runs. */
async function extentOf(
  tx: Tx,
  { locationIds, skuIds, category, abc }: DryRunFilter,
): Promise<{ skuIds: number[]; shelves: number; cutDays: Map<number, string>; selected: Set<number> }> {
  const all = await openLocations(tx);
  const selected = new Set(
    all.flatMap(({ locationId }) => ((locationIds?.includes(locationId) ?? true) ? [locationId] : [])),
  );
  // A warehouse counts the needs of the locations it supplies in its own.
  const needed = all.some((p) => p.warehouse && selected.has(p.locationId))
    ? all.map((p) => p.locationId)
    : [...selected];
  const runs = await currentRuns(tx, needed);
  const own = runs.filter((n) => selected.has(n.locationId));
  const counts = await tx.rows<{ skuId: number; shelves: number }>(COUNT, [
    own.map((n) => n.locationId),
    own.map((n) => n.cutDay),
    skuIds,
    category,
    abc,
  ]);
  return {
    skuIds: counts.map((c) => c.skuId),
    shelves: counts.reduce((sum, c) => sum + c.shelves, 0),
    cutDays: new Map(runs.map((n) => [n.locationId, n.cutDay])),
    selected,
  };
}

/** A shelf of the dry run, as it stands in this run, with the locations that it supplies. */
export interface DryShelf {
  skuId: number;
  facts: ShelfFacts;
  supplied: readonly ShelfFacts[];
  priceMinor: number | null;
  priceCurrency: string | null;
}

/**
 * Calls `each` with the shelves of a filter that have a forecast, page by page of SKUs, in the order of SKU and location.
 * Reads only. @throws Refused InvalidInput past `most` shelves
 */
export async function eachDryShelf(
  tx: Tx,
  filter: DryRunFilter,
  at: Date,
  most: number,
  each: (shelf: DryShelf) => void,
): Promise<void> {
  const { skuIds, shelves, cutDays, selected } = await extentOf(tx, filter);
  if (shelves > most) {
    const message = `This would run over ${shelves} shelves; at most ${most} are run over at once. Name locations, SKUs, a category or a class.`;
    refuse('InvalidInput', message, { path: 'filter' });
  }
  if (shelves === 0) return;
  const context: ReplenishmentRunContext = await replenishmentRunContext(tx, at, cutDays, selected);
  const size = Math.max(1, Math.floor(PAGE_SHELVES / Math.max(1, context.openLocations.length)));
  for (const ids of slicesOf(skuIds, size)) {
    const skus = await skusById(tx, ids);
    for (const sku of await skuFacts(tx, context, skus)) {
      for (const facts of sku.shelves) {
        if (!selected.has(facts.locationId) || facts.forecast === null) continue;
        const supplied = sku.shelves.filter(
          (s) => s.regular?.locationId === facts.locationId && s.policy.active,
        );
        const { skuId, priceMinor, currency } = sku;
        each({ skuId, facts, supplied, priceMinor, priceCurrency: currency });
      }
    }
  }
}
