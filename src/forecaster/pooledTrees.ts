// One model over all series: boosted trees that predict by which factor a series' level will differ from its usual level.

import { boost, seeded } from './boost';
import { AHEAD_SIZE, type LevelState, STATE_SIZE, statesAt, writeAhead } from './features';
import { LENGTHS_OF } from './lengths';
import { groupingsOf } from './marks';
import type { Axis } from './series';
import { answer, type Tree } from './tree';
import type { View } from './view';

/** The trees and the codes of their categorical columns. Plain JSON. */
export interface LearnedTrees {
  trees: Tree[];
  /** Number for each value of a grouping: the weighted mean outcome of its rows. */
  codes: Record<string, Record<string, number>>;
}

/** Largest number of training rows; a row is one block of periods ahead of one cut of one series. */
const ROWS = 100_000;
/** With fewer rows no model is learned, as it would not generalise. */
const FEWEST_ROWS = 1_500;
/** Past years that cuts are drawn from. */
const YEARS = 4;
/** Share of the long-run noise of a series, against its recent noise, in the weight of an error. */
const LONG_RUN = 0.25;

/** Lower limit of the noise of a series, in units: few sales show too little of it. */
const LEAST_NOISE = 0.1;

/** Lower limit of the scale at a cut, as a share of the whole past's scale. */
const LEAST_SCALE = 0.1;

/** Index of the first cut that has a whole usual window behind it. */
const seasoned = (windows: readonly number[]) => windows[3]! - 1;

/**
 * Learns from many series at one origin how the periods after past cuts turned out. Target: units of a block / (base
 * × factors) − 1.
 * @param views series at `origin`; no value after it is read
 * @returns null when there are fewer than FEWEST_ROWS rows
 */
export function learnTrees(
  views: readonly View[],
  axis: Axis,
  origin: number,
  horizon: number,
): LearnedTrees | null {
  const lengths = LENGTHS_OF[axis.period];
  const blocks = Math.ceil(horizon / lengths.block);
  const drawn = views.map((view, index) => cutsOf(view, axis, horizon, views.length * blocks, index));
  const count = drawn.reduce((sum, cuts) => sum + cuts.length * blocks, 0);
  if (count < FEWEST_ROWS) return null;
  const names = groupingsOf(views.map((view) => view.series));
  const size = STATE_SIZE + AHEAD_SIZE;
  const columns = Array.from({ length: size + names.length }, () => new Float32Array(count));
  const target = new Float64Array(count);
  const weight = new Float64Array(count);
  const owner = new Int32Array(count);
  const row = new Float32Array(size);
  let r = 0;
  views.forEach((view, index) => {
    const states = statesAt(view.past, view.clear, drawn[index]!, lengths);
    for (const state of states) {
      row.set(state.values);
      for (let block = 0; block < blocks; block++, r++) {
        const from = block * lengths.block + 1;
        const to = Math.min(horizon, from + lengths.block - 1);
        writeAhead(row, STATE_SIZE, state, view.clear, view.past, view.series, axis, (from + to + 1) >> 1);
        for (let f = 0; f < size; f++) columns[f]![r] = row[f]!;
        owner[r] = index;
        outcome(view, state, from, to, axis.period === 'DAY', r, target, weight);
      }
    }
  });
  const codes = encode(names, views, owner, target, weight, columns.slice(size));
  const trees = boost(
    { columns, target, weight },
    {
      trees: 80,
      leaves: 24,
      rate: 0.06,
      fewest: Math.max(20, Math.round(count / 500)),
      ridge: 0.3,
      rows: 0.6,
      columns: 0.6,
      seed: origin + 1,
    },
  );
  return { trees, codes };
}

/** Cuts of a view drawn from its last YEARS years, whole cycles apart, each at least a horizon before the origin. */
function cutsOf({ past }: View, axis: Axis, horizon: number, rowsPerCut: number, index: number): number[] {
  const { windows, year, cycle } = LENGTHS_OF[axis.period];
  const last = past.y.length - 1 - horizon;
  const first = Math.max(seasoned(windows), last - YEARS * year);
  if (last < first || !(past.scale > 0)) return [];
  const possible = Math.floor((last - first) / cycle) + 1;
  const wanted = Math.min(possible, Math.max(1, Math.round(ROWS / rowsPerCut)));
  const random = seeded(index + 1);
  const cuts = new Set<number>();
  // One cut from each of equal ranges of the years, so that no season is missed.
  for (let k = 0; k < wanted; k++) {
    const step = Math.floor(((k + random()) * possible) / wanted);
    cuts.add(last - step * cycle);
  }
  return [...cuts].sort((a, b) => a - b);
}

/** Writes target (units of a block over base × factors, less 1) and weight of one row. */
function outcome(
  { past, factors }: View,
  state: LevelState,
  from: number,
  to: number,
  long: boolean,
  r: number,
  target: Float64Array,
  weight: Float64Array,
): void {
  let sold = 0;
  let expected = 0;
  let squares = 0;
  for (let h = from; h <= to; h++) {
    const day = state.base * factors[state.at + h]! + 0.001;
    sold += past.y[state.at + h]!;
    expected += day;
    squares += day * day;
  }
  target[r] = sold / expected - 1;
  // Errors are weighted by the scale of RMSSE. Dividing by the recent noise as well weights them by its root, as RMSSE
  // does. The scale is taken at the cut; otherwise large outcomes would raise the scale and lower their own weight. A few
  // weeks or months estimate it too poorly, so there the scale of the whole past is used.
  const noise = Math.max(state.sd, LEAST_NOISE);
  const scale = long ? Math.max(state.scale, LEAST_SCALE * past.scale) : past.scale;
  weight[r] = squares / Math.sqrt(scale * (LONG_RUN * scale + (1 - LONG_RUN) * noise * noise));
}

/** Gives every value of a grouping the weighted mean outcome of its rows, and writes it into the grouping's column. */
function encode(
  names: readonly string[],
  views: readonly View[],
  owner: Int32Array,
  target: Float64Array,
  weight: Float64Array,
  columns: readonly Float32Array[],
): LearnedTrees['codes'] {
  const codes: LearnedTrees['codes'] = {};
  names.forEach((name, column) => {
    const sums = new Map<string, { sum: number; weight: number }>();
    for (let r = 0; r < target.length; r++) {
      const value = views[owner[r]!]!.series.groups[name] ?? '';
      const of = sums.get(value) ?? { sum: 0, weight: 0 };
      of.sum += weight[r]! * target[r]!;
      of.weight += weight[r]!;
      sums.set(value, of);
    }
    const own = Object.fromEntries([...sums].map(([value, of]) => [value, of.sum / (of.weight || 1)]));
    codes[name] = own;
    for (let r = 0; r < target.length; r++)
      columns[column]![r] = own[views[owner[r]!]!.series.groups[name] ?? '']!;
  });
  return codes;
}

/** Expected units per period, h = 1 … horizon after the end of the view; null when its past is too short. */
export function treesForecast(
  view: View,
  axis: Axis,
  learnt: LearnedTrees,
  horizon: number,
): number[] | null {
  const lengths = LENGTHS_OF[axis.period];
  const { past, clear, factors, series } = view;
  const n = past.y.length;
  if (n <= seasoned(lengths.windows)) return null;
  const state = statesAt(past, clear, [n - 1], lengths)[0]!;
  const names = Object.keys(learnt.codes);
  const row = new Float64Array(STATE_SIZE + AHEAD_SIZE + names.length);
  row.set(state.values);
  names.forEach((name, k) => {
    row[STATE_SIZE + AHEAD_SIZE + k] = learnt.codes[name]![series.groups[name] ?? ''] ?? 0;
  });
  const mean = new Array<number>(horizon).fill(0);
  for (let from = 1; from <= horizon; from += lengths.block) {
    const to = Math.min(horizon, from + lengths.block - 1);
    writeAhead(row, STATE_SIZE, state, clear, past, series, axis, (from + to + 1) >> 1);
    const level = state.base * Math.max(0, 1 + answer(learnt.trees, row));
    for (let h = from; h <= to; h++) mean[h - 1] = level * factors[n - 1 + h]!;
  }
  return mean;
}
