// Series a second: the whole half of M5, 1,941 days each, with backtest, quantiles and sums; and a yardstick.

import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import path from 'node:path';
import { openSource } from '../../../src/forecastFile/source';
import { setFile, sharedFile } from './folder';
import type { Table } from './print';
import { type Bench, submit } from './runs';

/** Series the yardstick is measured on; it is slow. */
const YARDSTICK_SERIES = 40;

/** @param augurs a folder in which `npm install @bsull/augurs` was done, as the yardstick */
export async function speed(bench: Bench, augurs: string | null): Promise<Table | null> {
  const file = setFile(bench.folder, 'm5_full', 'u8.br') ?? setFile(bench.folder, 'm5_sample', 'csv');
  if (!file) return null;
  const calendar = sharedFile(bench.folder, 'm5_calendar.csv');
  const cpu = process.cpuUsage();
  const started = performance.now();
  const { report } = await submit(bench, 'speed', [
    ...[file, '--origins', '1941', '--horizon', '28', '--sums', '7,14', '--sums-out', '-'],
    ...(calendar ? ['--calendar', calendar] : []),
  ]);
  const wall = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  const ratio = augurs === null ? null : await augursRate(augurs, file);
  const perCore = report.series / cpuSeconds;
  const yardstick =
    ratio === null
      ? 'Ratio to augurs’ or R’s ETS: not available in this run (--augurs FOLDER, where `npm install @bsull/augurs` was done). R forecast::ets, measured elsewhere: 2.2 series a second and core.'
      : `augurs AutoETS (period 7, level only, point forecasts), measured in this run: ${ratio.toFixed(1)} series a second of one core; Comptoir with learning, backtest and quantiles: ${perCore.toFixed(1)} a second of CPU time, ${(perCore / ratio).toFixed(1)} times as many.`;
  return {
    title: 'Speed',
    head: ['part', 'seconds', 'series a second'],
    decimals: [1, 0],
    rows: [
      { name: 'reading, first pass', cells: [report.seconds.read, report.series / report.seconds.read] },
      { name: `learning from ${report.learntFrom} series`, cells: [report.seconds.learn, null] },
      {
        name: `forecasting ${report.series} series of 1,941 days, second reading and writing included`,
        cells: [report.seconds.forecast, report.series / report.seconds.forecast],
        ours: true,
      },
      { name: 'all, by the clock', cells: [wall, report.series / wall], ours: true },
      { name: 'all, CPU time', cells: [cpuSeconds, perCore] },
    ],
    notes: [
      `${path.basename(file)}; ${bench.threads} worker threads on ${cpus().length} × ${cpus()[0]?.model ?? 'processor'}; memory at the end ${Math.round(process.memoryUsage.rss() / 1e6)} MB.`,
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

/** Series a second of one core that augurs' AutoETS fits and forecasts. */
async function augursRate(folder: string, file: string): Promise<number | null> {
  const require = createRequire(path.join(path.resolve(folder), 'here.js'));
  try {
    const { AutoETS, initSync } = require('@bsull/augurs') as Augurs;
    initSync?.({ module: new Uint8Array() });
    const source = await openSource(file, {});
    let count = 0;
    let spent = 0;
    for await (const { values } of source.rows()) {
      const started = performance.now();
      const model = new AutoETS(7, 'ZZN');
      model.fit(values.subarray(values.findIndex((value) => value > 0)));
      model.predict(28);
      spent += performance.now() - started;
      if (++count === YARDSTICK_SERIES) break;
    }
    return count / (spent / 1000);
  } catch {
    return null;
  }
}
