// The forecasts of a run: every series in worker threads, alone or scaled to the sums of its groups, written as tables.

import path from 'node:path';
import type { Writable } from 'node:stream';
import { csvCell } from '../../csv/rules/cells';
import type { Reconciled } from '../../forecaster/hierarchy';
import { LEVELS, type Series } from '../../forecaster/series';
import { threads } from '../../runtime/threads';
import { put } from './output';
import { Drafts, writeLevels } from './reconciled';
import type { ForecastRequest, WorkerInputs } from './request';
import type { SeriesRow, SeriesSource } from './rows';
import type { KeyedForecast, WrittenTables } from './tables';
import type { ForecastResult, ForecastTask, ReconcileTask, ScaleTask } from './worker';

/** Where the tables go; `levels` has one a target. */
export interface TableSinks {
  periods: Writable | null;
  sums: Writable | null;
  levels: Writable[];
  /** Forecasts of the sums that the series are scaled to, and of what these add up to. */
  hierarchy: Writable | null;
}

/** Forecasts that a thread makes between two messages. */
const CHUNK = 64;
export const WORKER = path.join(__dirname, 'worker.ts');
const quantileNames = LEVELS.map((level) => `q${level}`).join(',');

export interface TableWriter {
  sinks: TableSinks;
  size: number;
  total: number;
  progress: (text: string) => void;
}

type RunThreads = ReturnType<
  typeof threads<ForecastTask | ReconcileTask | ScaleTask, ForecastResult | Reconciled>
>;

/** Forecasts all series of the source and writes the requested tables. */
export async function forecastAll(
  source: SeriesSource,
  knowledge: WorkerInputs,
  toSeries: (row: SeriesRow) => Series,
  writer: TableWriter,
): Promise<void> {
  const { request } = knowledge;
  const { sinks, size } = writer;
  await put(sinks.periods, `key,origin,h,mean,${quantileNames}\n`);
  await put(sinks.sums, `key,origin,L,window,${quantileNames}\n`);
  for (const sink of sinks.levels) await put(sink, 'scenario,key,review,S\n');
  const chunk = Math.max(1, Math.floor(CHUNK / request.origins.length));
  const pool: RunThreads = threads(WORKER, { size, workerData: knowledge });
  const tasks = chunks(source, toSeries, chunk);
  try {
    if (request.reconcile) await forecastScaled(pool, tasks, request, writer);
    else await writeAll(pool, tasks, writer, 'Forecast');
  } finally {
    await pool.close();
  }
}

/** Writes the tables that these tasks give, in their order. */
async function writeAll(
  pool: RunThreads,
  tasks: AsyncIterable<ForecastTask | ScaleTask>,
  { sinks, total, progress }: TableWriter,
  verb: string,
): Promise<void> {
  const report = reporter(total, progress, verb);
  for await (const result of pool.inOrder(tasks)) {
    const written = result as WrittenTables;
    await put(sinks.periods, written.periods);
    await put(sinks.sums, written.sums);
    for (const [i, text] of written.levels.entries()) await put(sinks.levels[i] ?? null, text);
    report(written.count);
  }
}

/** Reports the number of series done, every two seconds and at the end. */
function reporter(total: number, progress: (text: string) => void, verb: string): (count: number) => void {
  let done = 0;
  let reportedAt = performance.now();
  return (count) => {
    done += count;
    if (performance.now() - reportedAt < 2000 && done < total) return;
    reportedAt = performance.now();
    progress(`${verb} ${done} of ${total} series`);
  };
}

/** Forecasts all series, then the cells of the request's groupings, and writes the series scaled to these. */
async function forecastScaled(
  pool: RunThreads,
  tasks: AsyncIterable<ForecastTask>,
  request: ForecastRequest,
  writer: TableWriter,
): Promise<void> {
  const by = request.reconcile!;
  const drafts = new Drafts(request);
  const waiting: Series[][] = [];
  async function* noted(): AsyncGenerator<ForecastTask, void, undefined> {
    for await (const task of tasks) {
      waiting.push(task.series);
      yield task;
    }
  }
  try {
    const report = reporter(writer.total, writer.progress, 'Forecast');
    for await (const result of pool.inOrder(noted())) {
      const series = waiting.shift()!;
      await drafts.add(series, result as KeyedForecast[]);
      report(series.length);
    }
    const scales: Reconciled['scales'][] = [];
    const { hierarchy } = writer.sinks;
    await put(hierarchy, `${by.map(csvCell).join(',')},origin,h,mean,${quantileNames}\n`);
    for await (const result of pool.inOrder(await drafts.reconcileTasks())) {
      const reconciled = result as Reconciled;
      await writeLevels(hierarchy, reconciled, by, request.origins[scales.length]!);
      scales.push(reconciled.scales);
      writer.progress(`Forecast the sums at ${scales.length} of ${request.origins.length} origins`);
    }
    await writeAll(pool, drafts.scaleTasks(scales), writer, 'Scaled');
  } finally {
    drafts.remove();
  }
}

async function* chunks(
  source: SeriesSource,
  toSeries: (row: SeriesRow) => Series,
  size: number,
): AsyncGenerator<ForecastTask, void, undefined> {
  let series: Series[] = [];
  for await (const row of source.rows()) {
    series.push(toSeries(row));
    if (series.length < size) continue;
    yield { series };
    series = [];
  }
  if (series.length > 0) yield { series };
}
