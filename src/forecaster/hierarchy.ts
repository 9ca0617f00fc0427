// A hierarchy of series: forecasts of the cells category × location, the shelves scaled to them, and the levels above, which add up.

import { LEVEL_METHOD, type LearnedSums, learnSums, sumForecast } from './levels';
import { type Axis, type Mark, type Series, totalOf } from './series';
import { spreadOf } from './spread/spread';
import { centred, type MeanAndSpread, type StoredScale } from './spread/stored';

/** What the shelves of one cell sum up to. */
export interface CellSums {
  key: string;
  /** Its value of each grouping of the hierarchy, and other groups that marks go by. */
  groups: Readonly<Record<string, string>>;
  /** Number of the period of values[0]. */
  start: number;
  /** Units sold by all shelves; NaN where nothing is known of any. */
  values: Float64Array;
  /** Sum of the shelves' forecasts, h = 1 … horizon. */
  expected: readonly number[];
  /** Sum of the means of the shelves' distributions (`distributionMean`): unbiased over past forecasts. */
  unbiased: readonly number[];
}

/** A level of the hierarchy: the groupings it goes by. [] is the chain. */
export type HierarchyLevel = readonly string[];

/** Forecast of a node of the hierarchy. */
export interface LevelForecast extends MeanAndSpread {
  level: HierarchyLevel;
  /** Its value of each grouping of the level. */
  groups: Readonly<Record<string, string>>;
  method: string;
}

/** Result of `reconcile`. */
export interface Reconciled {
  /** By key of a cell: how to scale its shelves' forecasts (`rescaled`). */
  scales: Map<string, StoredScale>;
  levels: LevelForecast[];
}

/** Weight of the cell's own forecast; the rest is what its shelves expect, an independent check of it. */
const OWN_WEIGHT = 2 / 3;
/** Limits of the ratio of a cell's own forecast to its shelves': beyond them it is not believed further. */
const LEAST_RATIO = 2 / 3;
const MOST_RATIO = 3 / 2;
/** Cells expect multiples of 1 / PRECISION units, so that sums of them are exact once they are rounded to as much. */
const PRECISION = 1e4;

/** The order of names in every environment. */
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The levels of a hierarchy of two groupings, finest first. */
const levelsOf = ([first, second]: readonly [string, string]): HierarchyLevel[] => [
  [first, second],
  [first],
  [second],
  [],
];

/** The values of a level's groupings, as one key. */
export const nodeKey = (level: HierarchyLevel, groups: Readonly<Record<string, string>>): string =>
  level.map((name) => groups[name] ?? '').join('\n');

/**
 * Forecasts every cell from its own past, as one series and with the same methods, combines that with what its shelves
 * expect, and gives the factors that scale the shelves so that they add up to it in each period. A sum of many series shows
 * season, days of the month and growth that each series alone is too noisy for; the shelves' own forecasts share out
 * what the cell expects (Athanasopoulos et al. 2009, IJF 25(1), forecast proportions; combined as in Hollyman et al.
 * 2021, EJOR 294(1)). The levels above are sums of cells, so that all levels add up, with distributions of their own.
 * Weighted least squares over all levels (Wickramasuriya et al. 2019, JASA 114(526)) was no better.
 * @param unordered one cell for each pair of values of the groupings, in any order
 * @param by the two groupings of the cells
 */
export function reconcile(
  unordered: readonly CellSums[],
  by: readonly [string, string],
  axis: Axis,
  marks: readonly Mark[],
  origin: number,
): Reconciled {
  // What is learned depends on the order of series, which must not change with that of a file.
  const cells = [...unordered].sort((a, b) => byName(nodeKey(by, a.groups), nodeKey(by, b.groups)));
  const horizon = cells[0]?.expected.length ?? 0;
  if (horizon === 0) return { scales: new Map(), levels: [] };
  const nodes = levelsOf(by).flatMap((level) => nodesOf(level, cells, origin));
  const learnt = learnSums({ axis, marks, series: nodes.map(({ series }) => series) }, origin, horizon);
  const targets = new Map(
    nodes
      .filter(({ level }) => level.length === 2)
      .map(({ series, cells }) => [
        nodeKey(by, series.groups),
        targetOf(series, cells, learnt, axis, marks, origin),
      ]),
  );
  const targetOfCell = (cell: CellSums): number[] => targets.get(nodeKey(by, cell.groups))!;
  return {
    scales: new Map(cells.map((cell) => [cell.key, scaleOf(cell, targetOfCell(cell))])),
    levels: nodes.map(({ level, series, cells }) => {
      const mean = added(cells.map(targetOfCell), horizon).map(toPrecision);
      const groups = Object.fromEntries(level.map((name) => [name, series.groups[name] ?? '']));
      return {
        level,
        groups,
        method: LEVEL_METHOD,
        ...centred({ mean, spread: spreadOf(series, origin, mean, learnt.spread) }),
      };
    }),
  };
}

interface HierarchyNode {
  level: HierarchyLevel;
  series: Series;
  cells: CellSums[];
}

/** The nodes of a level, in the order of their first cells. */
function nodesOf(level: HierarchyLevel, cells: readonly CellSums[], origin: number): HierarchyNode[] {
  const byKey = new Map<string, CellSums[]>();
  for (const cell of cells) {
    const key = nodeKey(level, cell.groups);
    const of = byKey.get(key);
    if (of) of.push(cell);
    else byKey.set(key, [cell]);
  }
  return [...byKey.values()].map((of) => ({ level, cells: of, series: summed(level, of, origin) }));
}

/** The series of a node up to the origin. A group is its own where all its cells share it, so that marks of a part don't concern the whole. */
function summed(level: HierarchyLevel, cells: readonly CellSums[], origin: number): Series {
  const start = Math.min(...cells.map((cell) => cell.start));
  const end = Math.max(...cells.map((cell) => cell.start + cell.values.length));
  const values = new Float64Array(Math.max(0, Math.min(end, origin + 1) - start)).fill(Number.NaN);
  for (const cell of cells) addUnits(values, cell.values, cell.start - start);
  const groups = cells.map((cell) => cell.groups).reduce(sharedGroups);
  return { key: nodeKey(level, groups), groups, start, values };
}

/** Adds known units, not below 0, to a sum from index `at` on; what is beyond its end is left out. */
export function addUnits(sum: Float64Array, units: Float64Array, at: number): void {
  for (let i = 0; i < units.length && at + i < sum.length; i++)
    if (Number.isFinite(units[i]))
      sum[at + i] = (Number.isFinite(sum[at + i]) ? sum[at + i]! : 0) + Math.max(0, units[i]!);
}

/** The groups that both have in common. */
export function sharedGroups(one: Series['groups'], other: Series['groups']): Series['groups'] {
  return Object.fromEntries(Object.entries(one).filter(([name, value]) => other[name] === value));
}

function added(rows: readonly (readonly number[])[], horizon: number): number[] {
  return Array.from({ length: horizon }, (_, h) => rows.reduce((sum, row) => sum + row[h]!, 0));
}

const toPrecision = (units: number): number => Math.round(units * PRECISION) / PRECISION;

/**
 * Expected units of a cell: its own forecast, as far as it is believed, with its shelves'; nothing where its shelves expect
 * nothing, as on days when it is closed.
 */
function targetOf(
  series: Series,
  cells: readonly CellSums[],
  learnt: LearnedSums,
  axis: Axis,
  marks: readonly Mark[],
  origin: number,
): number[] {
  const horizon = cells[0]!.expected.length;
  const own = sumForecast(series, axis, marks, learnt.mean, origin, horizon);
  const shelves = added(
    cells.map(({ unbiased }) => unbiased),
    horizon,
  );
  const ratio = totalOf(own) / totalOf(shelves);
  const believed = Math.min(MOST_RATIO, Math.max(LEAST_RATIO, ratio)) / ratio;
  const isSound = believed > 0 && Number.isFinite(believed);
  const expected = added(
    cells.map((cell) => cell.expected),
    horizon,
  );
  return shelves.map((units, h) => {
    if (!(expected[h]! > 0)) return 0;
    return toPrecision(isSound ? OWN_WEIGHT * own[h]! * believed + (1 - OWN_WEIGHT) * units : units);
  });
}

/** How the shelves of a cell are scaled: their means by period, and their distributions over the horizon. */
function scaleOf({ expected, unbiased }: CellSums, target: readonly number[]): StoredScale {
  const ratio = (a: number, b: number): number => (b > 0 ? a / b : 1);
  return {
    means: target.map((units, h) => ratio(units, expected[h]!)),
    mean: ratio(totalOf(target), totalOf(expected)),
    distribution: ratio(totalOf(target), totalOf(unbiased)),
  };
}
