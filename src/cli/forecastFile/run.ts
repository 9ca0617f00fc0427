// One run over a file of series: learn from a bounded sample, then forecast every series in worker threads.

import type { LearnedModel } from '../../forecaster/forecaster';
import type { Axis, Panel, Series } from '../../forecaster/series';
import { OperatorError } from '../../refusals';
import { threads } from '../../runtime/threads';
import { forecastAll, type TableSinks, WORKER } from './forecasts';
import { type CalendarFile, marksOf, type PricesByKey, pricesOf } from './known';
import { type ForecastRequest, learningOrigins, type Origin, type WorkerInputs } from './request';
import { type CellOddities, noOddities, type SeriesRow, type SeriesSource } from './rows';
import type { LearnTask } from './worker';

/** What a run works on. */
export interface RunMaterial {
  source: SeriesSource;
  /** Where it is learned from when not from the series themselves; numbered like them. */
  learnFrom: SeriesSource | null;
  firstDay: string | null;
  calendar: CalendarFile | null;
  readPrices: (axis: Axis) => Promise<PricesByKey | null>;
}

export interface RunReport {
  series: number;
  learntFrom: number;
  learnings: number;
  oddities: CellOddities;
  /** By the clock. */
  seconds: PhaseTimes;
  /** Of processor time, all threads together. */
  cpuSeconds: PhaseTimes;
}

interface PhaseTimes {
  read: number;
  learn: number;
  forecast: number;
}

export interface ForecastFileOptions {
  threads: number;
  /** Called with progress messages from time to time. */
  progress: (text: string) => void;
}

/** Series of the sample that is learned from, in memory: 2,000 × 1,900 days are 30 MB a thread. */
const SAMPLE = 2000;
/** Values of a group that are distinguished for flags of a calendar. */
const MAX_GROUP_VALUES = 1000;

/**
 * Reads the source twice (to learn, to forecast). Without origins the last known period is the origin. Memory: the sample, the keys, the calendar and prices,
 * and a few series a thread; not the file. @throws OperatorError for what is wrong with a file
 */
export async function run(
  { source, learnFrom, firstDay, calendar, readPrices }: RunMaterial,
  wanted: ForecastRequest,
  sinks: TableSinks,
  { threads: size, progress }: ForecastFileOptions,
): Promise<RunReport> {
  const timer = newTimer();
  const axis: Axis = { period: source.period, firstDay };
  const oddities = noOddities();
  const scanned = await scan(source, oddities, progress);
  const request = { ...wanted, origins: wanted.origins.length > 0 ? wanted.origins : [scanned.latest] };
  for (const name of request.reconcile ?? [])
    if (!scanned.groupValues.has(name))
      throw new OperatorError(
        `--reconcile ${request.reconcile}: ${source.file} has no column ${name} that groups its series; it has ${[...scanned.groupValues.keys()].join(', ') || 'none'}.`,
      );
  const sample = learnFrom ? (await scan(learnFrom, noOddities(), progress)).sample : scanned.sample;
  const marks = calendar ? marksOf(calendar, axis, scanned.groupValues) : [];
  const prices = await readPrices(axis);
  const toSeries = seriesMaker(
    prices,
    Math.max(...request.origins.map(({ number }) => number)) + 1 + request.horizon,
  );
  const panel: Panel = { axis, marks, series: sample.map(toSeries) };
  timer.end('read');
  const learnts = await learnAll(panel, request, size, progress);
  timer.end('learn');
  const knowledge: WorkerInputs = { axis, marks, learnts, request };
  await forecastAll(source, knowledge, toSeries, { sinks, size, total: scanned.count, progress });
  timer.end('forecast');
  const { seconds, cpuSeconds } = timer;
  return {
    series: scanned.count,
    learntFrom: sample.length,
    learnings: learnts.length,
    oddities,
    seconds,
    cpuSeconds,
  };
}

/** Time by the clock and of the processors since the phase before ended. */
function newTimer() {
  let clock = performance.now();
  let cpu = process.cpuUsage();
  const phases = (): PhaseTimes => ({ read: 0, learn: 0, forecast: 0 });
  const timer = { seconds: phases(), cpuSeconds: phases() };
  const end = (phase: keyof PhaseTimes): void => {
    const { user, system } = process.cpuUsage(cpu);
    timer.cpuSeconds[phase] = (user + system) / 1e6;
    timer.seconds[phase] = (performance.now() - clock) / 1000;
    clock = performance.now();
    cpu = process.cpuUsage();
  };
  return { ...timer, end };
}

interface ScannedSource {
  count: number;
  /** The last period in which anything is known of any series. */
  latest: Origin;
  sample: SeriesRow[];
  groupValues: Map<string, Set<string>>;
}

/** FNV-1a: an order of keys that is the same in every run and has nothing to do with that of the file. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Counts, checks, and keeps the rows with the smallest hashes (bottom-k sampling): one pass, bounded, repeatable. */
async function scan(
  source: SeriesSource,
  oddities: CellOddities,
  progress: (text: string) => void,
): Promise<ScannedSource> {
  let kept: { hash: number; row: SeriesRow }[] = [];
  let limit = Infinity;
  let count = 0;
  let last = 0;
  const groupValues = new Map<string, Set<string>>();
  const cutDown = (): void => {
    kept.sort((a, b) => a.hash - b.hash);
    kept = kept.slice(0, SAMPLE);
    limit = kept.length < SAMPLE ? Infinity : kept.at(-1)!.hash;
  };
  for await (const row of source.rows(oddities)) {
    count++;
    last = Math.max(last, row.values.findLastIndex(Number.isFinite));
    for (const [name, value] of Object.entries(row.groups)) {
      const values = groupValues.get(name) ?? new Set();
      if (values.size < MAX_GROUP_VALUES) groupValues.set(name, values.add(value));
    }
    const hash = hashOf(row.key);
    if (hash < limit) kept.push({ hash, row });
    if (kept.length >= SAMPLE * 1.25) cutDown();
    if (count % 5000 === 0) progress(`${source.file}: ${count} series read`);
  }
  cutDown();
  return {
    count,
    latest: { label: String(last + 1), number: last },
    sample: kept.map(({ row }) => row),
    groupValues,
  };
}

function seriesMaker(prices: PricesByKey | null, periods: number): (row: SeriesRow) => Series {
  return ({ key, groups, values }) => {
    const series: Series = { key, groups, start: 0, values };
    const known = pricesOf(prices?.get(key), periods);
    return known ? { ...series, prices: known } : series;
  };
}

async function learnAll(
  panel: Panel,
  { origins, horizon }: ForecastRequest,
  size: number,
  progress: (text: string) => void,
): Promise<LearnedModel[]> {
  const tasks = learningOrigins(origins, panel.axis.period).map((origin): LearnTask => ({ origin, horizon }));
  progress(`Learning from ${panel.series.length} series at ${tasks.length} origin(s)`);
  const pool = threads<LearnTask, LearnedModel>(WORKER, {
    size: Math.min(size, tasks.length),
    workerData: panel,
  });
  try {
    const learnts: LearnedModel[] = [];
    for await (const learnt of pool.inOrder(tasks)) {
      learnts.push(learnt);
      if (tasks.length > 1) progress(`Learnt at ${learnts.length} of ${tasks.length} origins`);
    }
    return learnts;
  } finally {
    await pool.close();
  }
}
