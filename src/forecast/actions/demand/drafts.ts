// Drafts of a partition: the forecasts of its shelves before they are scaled, and what they sum up to by category; as stored.

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { addUnits, type CellSums, sharedGroups } from '../../../forecaster/hierarchy';
import type { Forecast, Series, Trial } from '../../../forecaster/series';
import { distributionMean } from '../../../forecaster/spread/stored';

/** The forecast of one shelf before it is scaled. */
export interface ShelfDraft {
  skuId: number;
  /** Its topmost category: with the location, the cell that it is a part of. */
  category: string;
  method: string;
  why: string;
  trials: Trial[];
  mean: number[];
  spread: number[];
  recentMean: number;
}

/** Sums over the shelves of one category in one partition. */
export interface CellDraft {
  category: string;
  /** Groups that all its shelves share. */
  groups: Readonly<Record<string, string>>;
  /** Number of the day of values[0]. */
  start: number;
  /** Units sold a day; null where nothing is known. */
  values: (number | null)[];
  expected: number[];
  unbiased: number[];
}

/** The groupings of the cells: the topmost category and the location. */
export const CELL_GROUPINGS = ['category1', 'location'] as const;

/** The topmost category of a category. */
export const topCategory = (category: string): string => category.split('/', 1)[0]!;

// The fastest level: what is left to gain is a tenth, for twice the time.
const COMPRESSION = { level: 1 };

/** As it is stored. */
export function packed(drafts: readonly ShelfDraft[] | readonly CellDraft[]): Buffer {
  return deflateRawSync(JSON.stringify(drafts), COMPRESSION);
}

/** What was stored. */
export function unpacked<Draft extends ShelfDraft | CellDraft>(stored: Buffer): Draft[] {
  return JSON.parse(inflateRawSync(stored).toString()) as Draft[];
}

/** Adds up the cells of a partition. */
export class CellCollector {
  readonly #cells = new Map<string, CellSums & { expected: number[]; unbiased: number[] }>();

  /** Adds a shelf that is forecast; on days without any expectation of it (closed) it adds nothing. */
  add(category: string, series: Series, forecast: Pick<Forecast, 'mean' | 'spread'>): void {
    const cell = this.#cells.get(category);
    const means = distributionMean(forecast).map((units, h) => (forecast.mean[h] === 0 ? 0 : units));
    if (cell === undefined) {
      const values = new Float64Array(series.values.length).fill(Number.NaN);
      addUnits(values, series.values, 0);
      this.#cells.set(category, {
        ...{ key: category, groups: series.groups, start: series.start, values },
        ...{ expected: [...forecast.mean], unbiased: means },
      });
      return;
    }
    this.#cells.set(category, joined(cell, { ...cell, ...series, expected: forecast.mean, unbiased: means }));
  }

  drafts(): CellDraft[] {
    return [...this.#cells].map(([category, { groups, start, values, expected, unbiased }]) => ({
      ...{ category, groups, start, expected: [...expected], unbiased: [...unbiased] },
      values: Array.from(values, (units) => (Number.isNaN(units) ? null : units)),
    }));
  }
}

/** Two sums of the same cell as one. */
function joined(
  one: CellSums,
  other: Omit<CellSums, 'key'>,
): CellSums & { expected: number[]; unbiased: number[] } {
  const start = Math.min(one.start, other.start);
  const end = Math.max(one.start + one.values.length, other.start + other.values.length);
  const values = new Float64Array(Math.max(0, end - start)).fill(Number.NaN);
  addUnits(values, one.values, one.start - start);
  addUnits(values, other.values, other.start - start);
  const added = (a: readonly number[], b: readonly number[]): number[] => a.map((units, h) => units + b[h]!);
  return {
    ...{ key: one.key, groups: sharedGroups(one.groups, other.groups), start, values },
    ...{ expected: added(one.expected, other.expected), unbiased: added(one.unbiased, other.unbiased) },
  };
}

/** The cells of a run: those of its partitions, in the order of their numbers, joined by category and location. */
export function cellsOf(
  partitions: readonly { locationId: number; location: string; cells: readonly CellDraft[] }[],
): (CellSums & { category: string; locationId: number })[] {
  const cells = new Map<string, CellSums & { category: string; locationId: number }>();
  for (const { locationId, location, cells: drafts } of partitions) {
    for (const { category, values, ...draft } of drafts) {
      const key = `${locationId} ${category}`;
      const groups = { ...draft.groups, category1: category, location };
      const known = Float64Array.from(values, (units) => units ?? Number.NaN);
      const one = { ...draft, key, groups, values: known, category, locationId };
      const before = cells.get(key);
      cells.set(key, before === undefined ? one : { ...one, ...joined(before, one) });
    }
  }
  return [...cells.values()];
}
