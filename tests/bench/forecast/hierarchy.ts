// The whole hierarchy of M5: WRMSSE of all twelve levels, of forecasts that stand alone and of those scaled to their sums.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pricesOf } from '../../../src/cli/forecastFile/known';
import { openSource } from '../../../src/cli/forecastFile/source';
import { average, pricesIn, scaleOf } from './daily';
import { type Folder, setFile } from './folder';
import { elsewhere, type Table } from './print';
import { type Bench, m5Flags, submit } from './runs';

const ORIGINS = [1857, 1885, 1913];
const HORIZON = 28;
const RECONCILE = 'dept_id,store_id';
/** Days whose revenue is the weight of a series. */
const WEIGHT_DAYS = 28;
/** The twelve levels of the competition, by the groupings of each. */
const M5_LEVELS: [string, string[]][] = [
  ['all', []],
  ['state', ['state_id']],
  ['store', ['store_id']],
  ['category', ['cat_id']],
  ['department', ['dept_id']],
  ['state, category', ['state_id', 'cat_id']],
  ['state, department', ['state_id', 'dept_id']],
  ['store, category', ['store_id', 'cat_id']],
  ['store, department', ['store_id', 'dept_id']],
  ['item', ['item_id']],
  ['item, state', ['item_id', 'state_id']],
  ['item, store', ['item_id', 'store_id']],
];

/** Node of one level: the sums of its series. */
interface HierarchyNode {
  values: Float64Array;
  /** Revenue before each origin. */
  weights: number[];
  /** Expected units from each origin. */
  means: Float64Array[];
}

type NodesByKey = Map<string, HierarchyNode>;

/** Scores of one submission at one origin. */
interface OriginScore {
  wrmsse: number;
  byLevel: number[];
  /** Forecast over actual, less 1, by week. */
  bias: number[];
  /** RMSSE of each series, in the order of the file. */
  rmsse: number[];
}

/** Runs and scores the hierarchy: every series alone, and scaled to department × store. */
export async function hierarchy(bench: Bench): Promise<Table[] | null> {
  const full = setFile(bench.folder, 'm5_full', 'u8.br');
  if (!full) return null;
  const { flags } = m5Flags(bench.folder);
  const args = [full, '--origins', ORIGINS.join(','), '--horizon', String(HORIZON), ...flags.slice(0, -2)];
  const alone = await submit(bench, 'H-alone', args);
  const scaled = await submit(bench, 'H', [...args, '--reconcile', RECONCILE]);
  const scores: OriginScore[][] = [];
  for (const { files } of [alone, scaled]) scores.push(await scoresOf(bench.folder, full, files[0]!));
  const [before, after] = scores as [OriginScore[], OriginScore[]];
  return [totals(before, after), levels(before, after)];
}

function totals(before: readonly OriginScore[], after: readonly OriginScore[]): Table {
  const cells = (scores: readonly OriginScore[]): number[] => [
    ...scores.map(({ wrmsse }) => wrmsse),
    average(scores.map(({ wrmsse }) => wrmsse)),
    average(scores.map(({ rmsse }) => average(rmsse.filter(Number.isFinite)))),
    100 * average(scores.flatMap(({ bias }) => bias)),
  ];
  return {
    title: 'H. The whole hierarchy of M5',
    head: ['forecasts', ...ORIGINS.map(String), 'mean WRMSSE', 'RMSSE of series', 'bias, %'],
    decimals: [...ORIGINS.map(() => 3), 3, 4, 1],
    rows: [
      ...elsewhere([
        ['ES bottom-up, the best simple benchmark of the competition', null, null, null, 0.671],
        ['winner of the competition (all series)', null, null, null, 0.52],
        ['to beat', 0.57, 0.57, 0.57, 0.55],
      ]),
      { name: 'Comptoir, every series alone', cells: cells(before) },
      { name: `Comptoir, scaled to ${RECONCILE}`, cells: cells(after), ours: true },
    ],
    notes: [`RMSSE of series, scaled against alone, paired: ${paired(before, after)}.`],
  };
}

/** Mean difference and its standard error over all series and origins. */
function paired(before: readonly OriginScore[], after: readonly OriginScore[]): string {
  const differences = after.flatMap(({ rmsse }, o) => rmsse.map((each, i) => each - before[o]!.rmsse[i]!));
  const known = differences.filter(Number.isFinite);
  const mean = average(known);
  const sd = Math.sqrt(average(known.map((each) => (each - mean) ** 2)));
  return `${mean >= 0 ? '+' : ''}${mean.toFixed(5)} ± ${(sd / Math.sqrt(known.length)).toFixed(5)} (${known.length} pairs)`;
}

function levels(before: readonly OriginScore[], after: readonly OriginScore[]): Table {
  const row = (scores: readonly OriginScore[], level: number): number[] =>
    scores.map(({ byLevel }) => byLevel[level]!);
  return {
    title: 'H. By level: alone → scaled',
    head: [
      'level',
      ...ORIGINS.map((origin) => `${origin} alone`),
      ...ORIGINS.map((origin) => `${origin} scaled`),
    ],
    decimals: [...ORIGINS, ...ORIGINS].map(() => 3),
    rows: M5_LEVELS.map(([name], level) => ({ name, cells: [...row(before, level), ...row(after, level)] })),
    notes: ORIGINS.map(
      (origin, o) =>
        `Bias at ${origin} by week, %: alone ${percent(before[o]!.bias)}; scaled ${percent(after[o]!.bias)}.`,
    ),
  };
}

const percent = (values: readonly number[]): string =>
  values.map((value) => (100 * value).toFixed(1)).join(' ');

async function scoresOf(folder: Folder, full: string, submission: string): Promise<OriginScore[]> {
  const nodes: NodesByKey[] = M5_LEVELS.map(() => new Map());
  const ofSeries = new Map<string, HierarchyNode[]>();
  const prices = await pricesIn(folder);
  for await (const { key, groups, values } of (await openSource(full, {})).rows()) {
    const price = pricesOf(prices?.get(key), values.length);
    const revenue = ORIGINS.map((origin) => revenueOf(values, price, origin));
    const own = M5_LEVELS.map(([, by], level) =>
      nodeAt(nodes[level]!, by.map((name) => groups[name]).join('|'), values.length),
    );
    for (const node of own) {
      for (let t = 0; t < values.length; t++) node.values[t]! += values[t]!;
      for (const [o, each] of revenue.entries()) node.weights[o]! += each;
    }
    ofSeries.set(key, own);
  }
  for await (const line of createInterface({ input: createReadStream(submission) })) {
    const [key, origin, h, mean] = line.split(',', 4) as [string, string, string, string];
    const o = ORIGINS.indexOf(Number(origin));
    for (const node of ofSeries.get(key) ?? []) node.means[o]![Number(h) - 1]! += Number(mean);
  }
  return ORIGINS.map((origin, o) => scoreAt(nodes, origin, o));
}

function nodeAt(nodes: NodesByKey, key: string, days: number): HierarchyNode {
  const node = nodes.get(key) ?? {
    values: new Float64Array(days),
    weights: ORIGINS.map(() => 0),
    means: ORIGINS.map(() => new Float64Array(HORIZON)),
  };
  nodes.set(key, node);
  return node;
}

/** Units × price over the days before an origin; units alone where no price is known. */
function revenueOf(values: Float64Array, prices: Float64Array | undefined, origin: number): number {
  let revenue = 0;
  for (let t = origin - WEIGHT_DAYS; t < origin; t++) revenue += values[t]! * (prices ? prices[t] || 0 : 1);
  return revenue;
}

function scoreAt(nodes: readonly NodesByKey[], origin: number, o: number): OriginScore {
  const errors = nodes.map((level) => [...level.values()].map((node) => rmsseOf(node, origin, o)));
  const byLevel = nodes.map((level, index) => {
    let sum = 0;
    let weights = 0;
    [...level.values()].forEach(({ weights: of }, i) => {
      const rmsse = errors[index]![i]!;
      if (!Number.isFinite(rmsse)) return;
      sum += of[o]! * rmsse;
      weights += of[o]!;
    });
    return sum / weights;
  });
  const all = [...nodes[0]!.values()][0]!;
  const weeks = Array.from({ length: HORIZON / 7 }, (_, week) => week * 7);
  const sumOf = (of: Float64Array, from: number): number =>
    of.subarray(from, from + 7).reduce((sum, each) => sum + each, 0);
  return {
    wrmsse: average(byLevel),
    byLevel,
    bias: weeks.map((from) => sumOf(all.means[o]!, from) / sumOf(all.values, origin + from) - 1),
    rmsse: errors.at(-1)!,
  };
}

/** Root mean squared error over that of the naive forecast since the first sale; NaN where that is 0. */
function rmsseOf({ values, means }: HierarchyNode, origin: number, o: number): number {
  const first = values.findIndex((units) => units > 0);
  const scale = scaleOf(values, origin);
  if (first >= origin - 7 || !(scale > 0)) return Number.NaN;
  let squares = 0;
  for (let h = 0; h < HORIZON; h++) squares += (values[origin + h]! - means[o]![h]!) ** 2;
  return Math.sqrt(squares / HORIZON / scale);
}
