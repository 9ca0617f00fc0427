// Protocol B: replenishment by simulation, a sweep of service levels, stock compared at the same fill rate.

import type { ServiceTarget } from '../../../src/replenishment/rules/orderUpTo/level';
import { score, setFile } from './folder';
import { elsewhere, type Table } from './print';
import { type Bench, m5Flags, submit } from './runs';

const CYCLE = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.98, 0.99, 0.995];
const FILL = [0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.98, 0.99, 0.995];
const SMOKE = [0.7, 0.9, 0.98];
/** Unit fill rates at which days of supply are compared. */
const AT = [0.9, 0.95, 0.98];
/** Levels whose promise is set against what came of it. */
const ASKED = [0.8, 0.9, 0.95, 0.98];

interface Outcome {
  fill_units: number;
  fill_mean: number;
  csl: number;
  days_of_stock: number;
  orders_per_week: number;
}
type Outcomes = Record<'S1' | 'S2', Outcome>;

/** A measured quantity at a fill rate, on the straight line between the two nearest of a sweep; null outside. */
export function interpolated(points: { fill: number; stock: number }[], fill: number): number | null {
  const sorted = [...points].sort((a, b) => a.fill - b.fill);
  const above = sorted.findIndex((point) => point.fill >= fill);
  if (above < 1) return null;
  const [low, high] = [sorted[above - 1]!, sorted[above]!];
  const share = (fill - low.fill) / (high.fill - low.fill);
  return low.stock + share * (high.stock - low.stock);
}

/** Runs and scores protocol B: two tables. */
export async function protocolB(bench: Bench, smoke: boolean): Promise<Table[] | null> {
  const sample = setFile(bench.folder, 'm5_sample', 'csv');
  if (!sample) return null;
  const { flags, learntFrom } = m5Flags(bench.folder);
  const targets: ServiceTarget[] = [
    ...(smoke ? SMOKE : CYCLE).map((level) => ({ measure: 'CYCLE_SERVICE' as const, level })),
    ...(smoke ? SMOKE : FILL).map((level) => ({ measure: 'FILL_RATE' as const, level })),
  ];
  const args = [
    ...[sample, '--order-up-to', '--reviews', '1773..1934', '--review-every', '7', '--cycle-service', '0.95'],
    ...['--lead-times', 'S1=2', '--lead-times', 'S2=3,7,7,14'],
    ...flags,
  ];
  const { files, report } = await submit(bench, 'B', args, targets);
  const outcomes: { target: ServiceTarget; outcome: Outcomes }[] = [];
  for (const [i, file] of files.entries()) {
    outcomes.push({ target: targets[i]!, outcome: await score<Outcomes>(bench.folder, 'replen', file) });
  }
  const notes = [
    `Learnt from ${learntFrom} ${report.learnings} times (${report.seconds.learn.toFixed(1)} s).`,
  ];
  return [supplyTable(outcomes, notes), promiseTable(outcomes)];
}

function supplyTable(outcomes: { target: ServiceTarget; outcome: Outcomes }[], notes: string[]): Table {
  const cells = (measure: ServiceTarget['measure']): (number | null)[] =>
    (['S1', 'S2'] as const).flatMap((scenario) => {
      const points = outcomes
        .filter(({ target }) => target.measure === measure)
        .map(({ outcome }) => ({
          fill: outcome[scenario].fill_units,
          stock: outcome[scenario].days_of_stock,
        }));
      return AT.map((fill) => interpolated(points, fill));
    });
  return {
    title: 'B. Days of supply at a unit fill rate, M5 sample',
    head: ['policy', 'S1 90 %', '95 %', '98 %', 'S2 90 %', '95 %', '98 %'],
    decimals: [2, 2, 2, 2, 2, 2],
    rows: [
      ...elsewhere([
        ['k × 28-day mean (cover)', 6.9, 9.02, 15.94, 12.04, 17.95, 32.32],
        ['normal, 28-day mean and sd', 6.19, 8.52, 12.17, 11.43, 16.05, null],
        ['normal on SES residuals', 6.51, 8.5, 11.33, 11.95, 15.97, 21.93],
        ['empirical lead-time demand', 6.37, 8.55, 11.93, 11.65, 16.71, null],
        ['negative binomial on the mean of three', 6.09, 8.45, 11.72, 11.14, 15.49, 23.0],
        ['to beat', null, 8.2, 11.0, null, 15.0, 21.5],
      ]),
      { name: 'Comptoir, asked for cycle service', cells: cells('CYCLE_SERVICE'), ours: true },
      { name: 'Comptoir, asked for fill rate', cells: cells('FILL_RATE'), ours: true },
    ],
    notes,
  };
}

function promiseTable(outcomes: { target: ServiceTarget; outcome: Outcomes }[]): Table {
  const rows = outcomes
    .filter(({ target }) => ASKED.includes(target.level))
    .map(({ target, outcome }) => ({
      name: `${target.measure === 'FILL_RATE' ? 'fill rate' : 'cycle service'} ${target.level}`,
      cells: (['S1', 'S2'] as const).flatMap((scenario) => {
        const { csl, fill_units: fill, days_of_stock: days, orders_per_week: orders } = outcome[scenario];
        return [csl, fill, days, orders];
      }),
      ours: true as const,
    }));
  const of = (name: string): string[] =>
    ['cycle service', 'unit fill', 'days', 'orders/week'].map((w) => `${name} ${w}`);
  return {
    title: 'B. What was asked for and what came of it',
    head: ['asked', ...of('S1'), ...of('S2')],
    decimals: [3, 3, 2, 2, 3, 3, 2, 2],
    rows,
  };
}
