// Protocol A: daily demand of the M5 sample, its quantiles and those of sums; and weekly wholesale demand.

import { readFileSync } from 'node:fs';
import {
  firstDayOf,
  type PricesByKey,
  pricesOf,
  readCalendar,
  readPrices,
} from '../../../src/cli/forecastFile/known';
import { openSource } from '../../../src/cli/forecastFile/source';
import type { Axis } from '../../../src/forecaster/series';
import { type Folder, score, setFile, sharedFile } from './folder';
import { elsewhere, type Table } from './print';
import { type Bench, m5Flags, submit } from './runs';

const ORIGINS = [1857, 1885, 1913];
const HORIZON = 28;
/**
 * Weights are the revenue of d_1886 … d_1913 at all three origins: the last 28 training days of the set, and
 * with them the README's naive and seasonal naive rows come out as they stand there (1.154, 1.101).
 */
const REVENUE_FROM = 1885;
const REVENUE_TO = 1913;

interface PanelScore {
  mean: { RMSSE: number; MASE: number; SPL5: number; cover95: number };
  [origin: string]: Record<string, number>;
}
type SumScore = Record<string, { wQL: number; cover95: number }>;

/** Runs and scores protocol A. */
export async function protocolA(bench: Bench): Promise<Table | null> {
  const { folder } = bench;
  const sample = setFile(folder, 'm5_sample', 'csv');
  if (!sample) return null;
  const { flags, learntFrom } = m5Flags(folder);
  const { files, sums, report } = await submit(bench, 'A', [
    ...[
      sample,
      '--origins',
      ORIGINS.join(','),
      '--horizon',
      String(HORIZON),
      '--sums',
      '7,14',
      '--sums-out',
      '-',
    ],
    ...flags,
  ]);
  const { mean, ...each } = await score<PanelScore>(folder, 'm5', files[0]!);
  const cumulated = await score<SumScore>(folder, 'm5cum', sums!);
  const wql = (length: number): number =>
    average(ORIGINS.map((origin) => cumulated[`${origin}|L${length}`]!.wQL));
  const cover = (length: number): number =>
    average(ORIGINS.map((origin) => cumulated[`${origin}|L${length}`]!.cover95));
  const weighted = await weightedRmsse(folder, sample, files[0]!);
  const byOrigin = ORIGINS.map(
    (o) => `${o}: RMSSE ${each[o]!.RMSSE!.toFixed(4)}, bias ${each[o]!.bias!.toFixed(3)}`,
  );
  return {
    title: 'A. Daily demand, M5 sample',
    head: ['method', 'RMSSE', 'wRMSSE', 'SPL5', 'cover95', 'wQL L7', 'wQL L14'],
    decimals: [4, 4, 4, 3, 4, 4],
    rows: [
      ...elsewhere([
        ['seasonal naive (7)', 0.992, 1.101, null, null, null, null],
        ['SES (normal quantiles)', 0.765, 0.871, 0.457, 0.917, 0.264, 0.233],
        ['R forecast::ets (7)', 0.764, 0.853, 0.476, 0.921, 0.253, 0.22],
        ['R forecast::thetaf', 0.757, 0.854, 0.458, 0.925, 0.252, 0.219],
        ['mean of four × profile, negative binomial', 0.75, 0.841, 0.397, 0.96, 0.254, 0.214],
        ['empirical quantiles of past sums', null, null, null, null, 0.251, 0.212],
        ['XGBoost over all series (R)', 0.747, null, null, null, null, null],
        ['to beat', 0.747, 0.838, 0.39, '0.94–0.96', 0.248, 0.209],
      ]),
      {
        name: 'Comptoir',
        cells: [mean.RMSSE, weighted, mean.SPL5, mean.cover95, wql(7), wql(14)],
        ours: true,
      },
    ],
    notes: [
      `By origin: ${byOrigin.join('; ')}. Sums at or under their .95 quantile: ${cover(7).toFixed(3)} (7 days), ${cover(14).toFixed(3)} (14).`,
      `Learnt from ${learntFrom} (${report.learntFrom} series, ${report.learnings} times, ${report.seconds.learn.toFixed(1)} s); forecasting ${report.seconds.forecast.toFixed(1)} s.`,
    ],
  };
}

/** Weekly wholesale demand of Online Retail II, scored as A is. */
export async function weekly(bench: Bench): Promise<Table | null> {
  const file = setFile(bench.folder, 'or2_demand_weekly', 'csv');
  if (!file) return null;
  const args = [file, '--origins', '80,88,96', '--horizon', '8', '--first-day', '2009-12-07'];
  const { files } = await submit(bench, 'or2', args);
  const { mean, ...each } = await score<PanelScore>(bench.folder, 'or2', files[0]!);
  return {
    title: 'Weekly wholesale demand, Online Retail II',
    head: ['method', 'RMSSE', 'SPL5', 'cover95', 'bias'],
    decimals: [4, 4, 3, 3],
    rows: [
      ...elsewhere([
        ['TSB', 0.624, null, null, null],
        ['SES', 0.627, null, null, null],
        ['iMAPA', 0.63, null, null, null],
        ['Theta', 0.638, 0.397, null, null],
        ['R ets', 0.647, 0.405, null, null],
        ['negative binomial', null, 0.361, null, null],
      ]),
      {
        name: 'Comptoir',
        cells: [mean.RMSSE, mean.SPL5, mean.cover95, average(Object.values(each).map(({ bias }) => bias!))],
        ours: true,
      },
    ],
  };
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** RMSSE weighted by each series' revenue, mean of the origins; null without prices. */
async function weightedRmsse(folder: Folder, sample: string, submission: string): Promise<number | null> {
  const prices = await pricesIn(folder);
  if (!prices) return null;
  const means = meansOf(submission);
  const sums = ORIGINS.map(() => ({ errors: 0, weights: 0 }));
  const source = await openSource(sample, {});
  for await (const { key, values } of source.rows()) {
    const revenue = revenueOf(values, pricesOf(prices.get(key), values.length));
    ORIGINS.forEach((origin, i) => {
      const scale = scaleOf(values, origin);
      const mean = means.get(`${key},${origin}`);
      if (!mean || !(scale > 0)) return;
      let squares = 0;
      for (let h = 0; h < HORIZON; h++) squares += (values[origin + h]! - mean[h]!) ** 2;
      sums[i]!.errors += revenue * Math.sqrt(squares / HORIZON / scale);
      sums[i]!.weights += revenue;
    });
  }
  return average(sums.map(({ errors, weights }) => errors / weights));
}

/** Prices of the folder by series; null where they, or the calendar that dates them, are not there. */
export async function pricesIn(folder: Folder): Promise<PricesByKey | null> {
  const calendarFile = sharedFile(folder, 'm5_calendar.csv');
  const priceFile = setFile(folder, 'm5_price_changes', 'csv.gz');
  if (!calendarFile || !priceFile) return null;
  const calendar = await readCalendar(calendarFile);
  const axis: Axis = { period: 'DAY', firstDay: firstDayOf(calendar) };
  return readPrices(priceFile, axis, calendar);
}

function revenueOf(values: Float64Array, prices: Float64Array | undefined): number {
  let revenue = 0;
  for (let t = REVENUE_FROM; t < REVENUE_TO; t++) {
    if (values[t]! > 0) revenue += values[t]! * (prices?.[t] || 0);
  }
  return revenue;
}

function meansOf(submission: string): Map<string, number[]> {
  const means = new Map<string, number[]>();
  for (const line of readFileSync(submission, 'utf8').trim().split('\n').slice(1)) {
    const [key, origin, h, mean] = line.split(',') as [string, string, string, string];
    const list = means.get(`${key},${origin}`) ?? [];
    list[Number(h) - 1] = Number(mean);
    means.set(`${key},${origin}`, list);
  }
  return means;
}

/** Mean squared first difference from the first sale to the origin. */
export function scaleOf(values: Float64Array, origin: number): number {
  const first = values.findIndex((value) => value > 0);
  if (first < 0 || first >= origin - 1) return 0;
  let squares = 0;
  for (let t = first + 1; t < origin; t++) squares += (values[t]! - values[t - 1]!) ** 2;
  return squares / (origin - 1 - first);
}
