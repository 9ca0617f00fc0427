// Protocol D: slow movers, judged by bias and by the stock they cost and the sales they lose, not by RMSSE alone.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openSource } from '../../../src/cli/forecastFile/source';
import type { ServiceTarget } from '../../../src/replenishment/rules/orderUpTo/level';
import { average } from './daily';
import { loadScorer, type Scorer, score, setFile } from './folder';
import { type Cell, elsewhere, type Table } from './print';
import { type Bench, submit } from './runs';
import { interpolated } from './stock';

interface SlowSet {
  name: 'carparts' | 'raf';
  title: string;
  origins: string;
  horizon: number;
  /** Months; reviews follow each other month by month until the last but one. */
  firstReview: number;
  references: [string, ...Cell[]][];
}

const SETS: SlowSet[] = [
  {
    name: 'carparts',
    title: 'car parts',
    origins: '33,39,45',
    horizon: 6,
    firstReview: 33,
    references: [
      ['naive', 0.681],
      ['Croston', 0.641],
      ['SES', 0.56],
      ['TSB', 0.563],
      ['12-month mean', 0.548],
      ['R thetaf', 0.544],
      ['always zero', 0.543],
    ],
  },
  { name: 'raf', title: 'RAF spares', origins: '60,72', horizon: 12, firstReview: 60, references: [] },
];

/** Ordered at the close of a month, on the shelf when the month after the next begins. */
const LEAD_TIME = 1;
/** Months at the start of the simulation that are not counted: the first stock is a gift. */
const SKIP = 3;
const TARGETS = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995];
/** Series that are simulated at most. */
const MOST_SIMULATED = 600;
/** Fill rates at which stock is compared. */
const AT = [0.8, 0.9, 0.95];
const FACTORS = [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 7];

interface PanelScore {
  mean: { RMSSE: number; MASE: number };
  [origin: string]: { bias: number } | { RMSSE: number; MASE: number };
}

/** Runs and scores protocol D on each set that is there: a table each. */
export async function protocolD(bench: Bench): Promise<Table[]> {
  const tables: Table[] = [];
  for (const set of SETS) {
    const file = setFile(bench.folder, set.name, 'csv');
    if (file) tables.push(...(await slowTables(bench, set, file)));
  }
  return tables;
}

async function slowTables(bench: Bench, set: SlowSet, file: string): Promise<Table[]> {
  const args = [file, '--origins', set.origins, '--horizon', String(set.horizon)];
  const { files } = await submit(bench, set.name, args);
  const { mean, ...each } = await score<PanelScore>(bench.folder, set.name, files[0]!);
  const bias = average(Object.values(each).map((one) => (one as { bias: number }).bias));
  return [
    {
      title: `D. Slow movers, ${set.title}`,
      head: ['method', 'RMSSE', 'MASE', 'bias'],
      decimals: [4, 4, 3],
      rows: [
        ...elsewhere(set.references),
        { name: 'Comptoir', cells: [mean.RMSSE, mean.MASE, bias], ours: true },
      ],
    },
    await stockTable(bench, set, file),
  ];
}

/** The file, or an even sample of it: every review of every series is a forecast. */
function thinned(file: string, scratch: string): string {
  const [header, ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  if (rows.length <= MOST_SIMULATED) return file;
  const kept = Array.from(
    { length: MOST_SIMULATED },
    (_, i) => rows[Math.floor((i * rows.length) / MOST_SIMULATED)],
  );
  const target = path.join(scratch, `thinned-${path.basename(file)}`);
  writeFileSync(target, `${[header, ...kept].join('\n')}\n`);
  return target;
}

async function stockTable(bench: Bench, set: SlowSet, whole: string): Promise<Table> {
  const file = thinned(whole, bench.scratch);
  const demands = await demandsOf(file);
  const months = [...demands.values()][0]!.length;
  const reviews = Array.from({ length: months - set.firstReview }, (_, i) => set.firstReview + i);
  const args = [file, '--order-up-to', '--reviews', reviews.join(','), '--lead-times', String(LEAD_TIME)];
  const measures = ['FILL_RATE', 'CYCLE_SERVICE'] as const;
  const targets = measures.flatMap((measure) => TARGETS.map((level): ServiceTarget => ({ measure, level })));
  const { files } = await submit(bench, `${set.name}-stock`, [...args, '--cycle-service', '0.95'], targets);
  const scorer = await loadScorer(bench.folder);
  const points = files.map((each) => simulated(scorer, demands, levelsOf(each), set.firstReview));
  const ours = (name: string, from: number) => ({
    name,
    cells: cellsAt(points.slice(from, from + TARGETS.length)),
    ours: true as const,
  });
  const simple = (name: string, level: (past: Float64Array, k: number) => number) => ({
    name,
    cells: cellsAt(
      FACTORS.map((k) =>
        simulated(
          scorer,
          demands,
          simpleLevels(demands, reviews, (past) => level(past, k)),
          set.firstReview,
        ),
      ),
    ),
  });
  const protection = LEAD_TIME + 1;
  return {
    title: `D. Months of supply at a unit fill rate, ${set.title}`,
    head: [
      'policy',
      ...AT.map((fill) => `${fill * 100} % (${Math.round((1 - fill) * 100)} % of sales lost)`),
    ],
    decimals: AT.map(() => 2),
    rows: [
      simple('k × 12-month mean', (past, k) => k * protection * moments(past).mean),
      simple('normal, 12-month mean and sd', (past, k) => {
        const { mean, sd } = moments(past);
        return protection * mean + k * Math.sqrt(protection) * sd;
      }),
      ours('Comptoir, asked for fill rate', 0),
      ours('Comptoir, asked for cycle service', TARGETS.length),
    ],
    notes: [
      `${demands.size} series. Monthly review from month ${set.firstReview}, lead time ${LEAD_TIME} month, lost sales, by the scorer's simulation, first ${SKIP} months not counted. Forecasting zero holds no stock and loses 100 % of sales. All rows measured here.`,
    ],
  };
}

interface Point {
  fill: number;
  stock: number;
}

function cellsAt(points: Point[]): Cell[] {
  return AT.map((fill) => interpolated(points, fill));
}

async function demandsOf(file: string): Promise<Map<string, Float64Array>> {
  const demands = new Map<string, Float64Array>();
  for await (const { key, values } of (await openSource(file, {})).rows()) demands.set(key, values);
  return demands;
}

function levelsOf(file: string): Map<string, Float64Array> {
  const levels = new Map<string, number[]>();
  for (const line of readFileSync(file, 'utf8').trim().split('\n').slice(1)) {
    const [, key, review, level] = line.split(',') as [string, string, string, string];
    const list = levels.get(key) ?? [];
    list[Number(review) - 1] = Number(level);
    levels.set(key, list);
  }
  return new Map([...levels].map(([key, list]) => [key, Float64Array.from(list)]));
}

function simpleLevels(
  demands: Map<string, Float64Array>,
  reviews: number[],
  level: (past: Float64Array) => number,
): Map<string, Float64Array> {
  const of = (values: Float64Array): Float64Array =>
    Float64Array.from(reviews, (origin) => Math.round(level(values.subarray(origin - 12, origin))));
  return new Map([...demands].map(([key, values]) => [key, of(values)]));
}

function moments(values: Float64Array): { mean: number; sd: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (values.length - 1)) };
}

function simulated(
  { simRS }: Scorer,
  demands: Map<string, Float64Array>,
  levels: Map<string, Float64Array>,
  first: number,
): Point {
  const total = { demand: 0, served: 0, stock: 0 };
  for (const [key, values] of demands) {
    const demand = values.slice(first);
    const leadTimes = Array.from(demand, () => LEAD_TIME);
    const { dem, ser, sto } = simRS(demand, levels.get(key)!, leadTimes, 1, SKIP);
    total.demand += dem;
    total.served += ser;
    total.stock += sto;
  }
  return { fill: total.served / total.demand, stock: total.stock / total.demand };
}
