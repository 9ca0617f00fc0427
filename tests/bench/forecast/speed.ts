// Series a second: the whole half of M5, 1,941 days each, with backtest, quantiles and sums; and a yardstick.

import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { openSource } from '../../../src/cli/forecastFile/source';
import { setFile, sharedFile } from './folder';
import type { Table } from './print';
import { type Bench, submit } from './runs';

/** Series the yardstick is measured on; it is slow. */
const YARDSTICK_SERIES = 40;
/** What the aim is measured on: 500 series a second on two cores. */
const CORES = 2;

/** @param augurs a folder in which `npm install @bsull/augurs` was done, as the yardstick */
export async function speed(bench: Bench, augurs: string | null): Promise<Table | null> {
  const file = setFile(bench.folder, 'm5_full', 'u8.br') ?? setFile(bench.folder, 'm5_sample', 'csv');
  if (!file) return null;
  const calendar = sharedFile(bench.folder, 'm5_calendar.csv');
  const { report } = await submit(bench, 'speed', [
    ...[file, '--origins', '1941', '--horizon', '28', '--sums', '7,14', '--sums-out', '-'],
    ...(calendar ? ['--calendar', calendar] : []),
  ]);
  const { series, seconds, cpuSeconds, learntFrom } = report;
  const rate = (count: number, of: number): number | null => (of > 0 ? count / of : null);
  const total = (phases: typeof seconds): number => phases.read + phases.learn + phases.forecast;
  const ratio = augurs === null ? null : await augursRate(augurs, file);
  const perCore = series / cpuSeconds.forecast;
  const yardstick =
    ratio === null
      ? 'Ratio to augurs’ or R’s ETS: not available in this run (--augurs FOLDER, where `npm install @bsull/augurs` was done). R forecast::ets, measured elsewhere: 2.2 series a second and core.'
      : `augurs AutoETS (ZZZ, period 7, point forecasts only), measured in this run: ${ratio.toFixed(1)} series a second of one core; Comptoir with backtest and quantiles ${(perCore / ratio).toFixed(1)} times as many.`;
  const row = (name: string, count: number | null, clock: number, cpu: number, ours?: true) => ({
    name,
    cells: [
      clock,
      count === null ? null : rate(count, clock),
      cpu,
      count === null ? null : rate(count, cpu),
      count === null ? null : rate(count, cpu / CORES),
    ],
    ours,
  });
  return {
    title: 'Speed',
    head: ['part', 'seconds', 'series a second', 'CPU seconds', 'a CPU second', `on ${CORES} cores`],
    decimals: [1, 0, 1, 0, 0],
    rows: [
      row('reading, first pass', series, seconds.read, cpuSeconds.read),
      row(`learning from ${learntFrom} series`, null, seconds.learn, cpuSeconds.learn),
      row(
        `forecasting ${series} series, second reading and writing included`,
        series,
        seconds.forecast,
        cpuSeconds.forecast,
        true,
      ),
      row('all', series, total(seconds), total(cpuSeconds)),
    ],
    notes: [
      `${path.basename(file)}; ${bench.threads} worker threads on ${cpus().length} × ${cpus()[0]?.model ?? 'processor'}; the last column is from CPU time, as other programs may have shared the processors; at most ${Math.round(process.resourceUsage().maxRSS / 1e3)} MB of memory.`,
      yardstick,
    ],
  };
}

interface Augurs {
  initSync(options: { module: BufferSource }): unknown;
  AutoETS: new (
    seasonLength: number,
    spec: string,
  ) => { fit(y: Float64Array): void; predict(horizon: number): unknown };
}

/** Series a second of one core that augurs' AutoETS fits and forecasts; null where it is not to be had. */
async function augursRate(folder: string, file: string): Promise<number | null> {
  const at = path.resolve(folder, 'node_modules', '@bsull', 'augurs');
  if (!existsSync(at)) return null;
  const { AutoETS, initSync } = (await import(path.join(at, 'ets.js'))) as Augurs;
  initSync({ module: readFileSync(path.join(at, 'ets_bg.wasm')) });
  let count = 0;
  let spent = 0;
  for await (const { values } of (await openSource(file, {})).rows()) {
    const started = performance.now();
    const model = new AutoETS(7, 'ZZZ');
    model.fit(values.subarray(values.findIndex((value) => value > 0)));
    model.predict(28);
    spent += performance.now() - started;
    if (++count === YARDSTICK_SERIES) break;
  }
  return count / (spent / 1000);
}
