// Reconciles a run, once: forecasts what its shelves sum up to by category and location, and stores these forecasts and the scales.

import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import {
  type CellSums,
  type HierarchyLevel,
  type LevelForecast,
  nodeKey,
  reconcile,
} from '../../../forecaster/hierarchy';
import { slicesOf } from '../../../values/lists';
import { dayNumber } from '../../../values/time';
import { AXIS, type ForecastCalendar } from '../../queries/history';
import { LEVEL_HISTORY_DAYS } from '../../queries/levels';
import { CELL_GROUPINGS, type CellDraft, cellsOf, unpacked } from './drafts';
import { quantilesOf } from './publish';

/**
 * Cells of one run that are reconciled at most. They are in the memory of one thread, 15 kB each with five years of days, and
 * take some milliseconds each.
 */
const MAX_CELLS = 20_000;
const MAX_ERROR = 500;

const RUN = 'SELECT reconciled_at AS "reconciledAt" FROM forecast_run WHERE id = $1 FOR UPDATE';
// What an earlier release has forecast has no draft, so that the sums are not those of all shelves.
const UNKNOWN = `
  SELECT count(*) AS parts FROM forecast_part p WHERE p.run_id = $1 AND (p.done_at IS NULL OR p.forecasts > 0)
    AND NOT EXISTS (SELECT FROM forecast_draft d WHERE d.run_id = p.run_id AND d.number = p.number)`;
const CELLS = `
  SELECT p.location_id AS "locationId", l.code AS location, d.cells
  FROM forecast_draft d JOIN forecast_part p ON p.run_id = d.run_id AND p.number = d.number
  JOIN location l ON l.id = p.location_id WHERE d.run_id = $1 AND p.done_at IS NULL ORDER BY d.number`;
const SAVE = `
  INSERT INTO level_forecast (run_id, number, category, location_id, cut_day, method, mean, shelves, quantiles, spread,
    history, scale_means, scale_mean, scale_distribution)
  SELECT $1, r.number, r.category, r."locationId", $2::date, r.method, r.mean, r.shelves, r.quantiles, r.spread,
    r.history, r."scaleMeans", r."scaleMean", r."scaleDistribution"
  FROM json_to_recordset($3::json) AS r (number int, category text, "locationId" int, method text, mean float8[],
    shelves float8[], quantiles real[], spread float8[], history real[], "scaleMeans" float8[], "scaleMean" float8,
    "scaleDistribution" float8)`;
const RECONCILED = `
  UPDATE forecast_run SET reconciled_at = $2, level_error = $3 WHERE id = $1 AND reconciled_at IS NULL`;

/** Rows that one statement stores. */
const ROWS_AT_ONCE = 500;

interface LevelRow {
  number: number;
  category: string | null;
  locationId: number | null;
  method: string;
  mean: readonly number[];
  shelves: readonly number[];
  quantiles: readonly number[];
  spread: readonly number[];
  history: readonly (number | 'NaN')[];
  scaleMeans: readonly number[];
  scaleMean: number | null;
  scaleDistribution: number | null;
}

type RunCell = CellSums & { category: string; locationId: number };

/** Units sold on the last LEVEL_HISTORY_DAYS up to the cut by all these cells. */
function historyOf(cells: readonly RunCell[], cut: number): (number | 'NaN')[] {
  return Array.from({ length: LEVEL_HISTORY_DAYS }, (_, i) => {
    const day = cut - LEVEL_HISTORY_DAYS + 1 + i;
    const known = cells.map(({ start, values }) => values[day - start] ?? Number.NaN).filter(Number.isFinite);
    return known.length === 0 ? 'NaN' : known.reduce((sum, units) => sum + units, 0);
  });
}

const keyOf = (level: HierarchyLevel, groups: CellSums['groups']): string =>
  `${level.join()}\n${nodeKey(level, groups)}`;

/** The cells of every node of these levels. */
function cellsByNode(levels: readonly LevelForecast[], cells: readonly RunCell[]): Map<string, RunCell[]> {
  const byNode = new Map<string, RunCell[]>();
  for (const level of new Map(levels.map((one) => [one.level.join(), one.level])).values())
    for (const cell of cells) {
      const key = keyOf(level, cell.groups);
      const of = byNode.get(key);
      if (of) of.push(cell);
      else byNode.set(key, [cell]);
    }
  return byNode;
}

/** The forecasts of all levels as they are stored. @throws Error where one is not finite */
function levelRows(cells: readonly RunCell[], calendar: ForecastCalendar, cut: number): LevelRow[] {
  const { levels, scales } = reconcile(cells, CELL_GROUPINGS, AXIS, calendar.marks, cut);
  const locationIds = new Map(cells.map(({ groups, locationId }) => [groups.location, locationId]));
  const byNode = cellsByNode(levels, cells);
  return levels.map(({ level, groups, method, mean, spread }, number) => {
    if (![...mean, ...spread].every(Number.isFinite)) throw new Error('the forecast of a sum is not finite');
    const below = byNode.get(keyOf(level, groups))!;
    const scale = level.length === CELL_GROUPINGS.length ? scales.get(below[0]!.key)! : null;
    return {
      ...{ number, method, mean, spread, category: groups.category1 ?? null },
      locationId: groups.location === undefined ? null : locationIds.get(groups.location)!,
      shelves: mean.map((_, h) => below.reduce((sum, { unbiased }) => sum + unbiased[h]!, 0)),
      quantiles: quantilesOf({ mean, spread }),
      history: historyOf(below, cut),
      ...{ scaleMeans: scale?.means ?? [], scaleMean: scale?.mean ?? null },
      scaleDistribution: scale?.distribution ?? null,
    };
  });
}

/** The cells of a run; a text: why they cannot be scaled to. */
async function cellsOfRun(tx: Tx, runId: number): Promise<RunCell[] | string> {
  const [unknown] = await tx.rows<{ parts: number }>(UNKNOWN, [runId]);
  if (unknown!.parts > 0) return `${unknown!.parts} parts were forecast by an earlier release`;
  const rows = await tx.rows<{ locationId: number; location: string; cells: Buffer }>(CELLS, [runId]);
  const cells = cellsOf(rows.map(({ cells, ...of }) => ({ ...of, cells: unpacked<CellDraft>(cells) })));
  if (cells.length <= MAX_CELLS) return cells;
  return `${cells.length} pairs of category and location are more than the ${MAX_CELLS} that are scaled`;
}

/** Records that the shelves of a run are published as they are on their own, and why; not once it is reconciled. */
export async function skipReconciling(tx: Tx, runId: number, why: string, now: Date): Promise<void> {
  await tx.rows(RECONCILED, [runId, now, why.slice(0, MAX_ERROR)]);
}

function levelRowsOrError(...of: Parameters<typeof levelRows>): LevelRow[] | string {
  try {
    return levelRows(...of);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Reconciles a run whose partitions are all forecast; a run that is reconciled is not changed. When its sums cannot be
 * forecast the reason is kept and its shelves are not scaled: they are as good as they are on their own.
 * @returns milliseconds; null: it was reconciled before
 */
export async function reconcileRun(
  db: Db,
  { runId, cutDay, calendar }: { runId: number; cutDay: string; calendar: ForecastCalendar },
  now: Date,
): Promise<{ reconcile: number } | null> {
  const begun = performance.now();
  const cells = await cellsOfRun(db, runId);
  const rows = typeof cells === 'string' ? cells : levelRowsOrError(cells, calendar, dayNumber(cutDay));
  return inTransaction(db, async (tx) => {
    const [run] = await tx.rows<{ reconciledAt: Date | null }>(RUN, [runId]);
    if (run === undefined || run.reconciledAt !== null) return null;
    if (typeof rows === 'string') await skipReconciling(tx, runId, rows, now);
    else {
      for (const some of slicesOf(rows, ROWS_AT_ONCE))
        await tx.rows(SAVE, [runId, cutDay, JSON.stringify(some)]);
      await tx.rows(RECONCILED, [runId, now, null]);
    }
    return { reconcile: performance.now() - begun };
  });
}
