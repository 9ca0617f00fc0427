// npm run bench:replay -- [FOLDER]: the last 26 weeks under order-up-to policies, on the demonstration chain and on the M5 sample.

import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildChain } from '../../prisma/seed/chain';
import { dailySales, HISTORY_DAYS } from '../../prisma/seed/sales';
import { openSource } from '../../src/cli/forecastFile/source';
import type { Axis, Series } from '../../src/forecaster/series';
import { type LeadTime, learnLeadTime } from '../../src/replenishment/rules/leadTime';
import { PolicyTable, type ServiceMeasure } from '../../src/replenishment/rules/policy';
import type { ShelfFacts } from '../../src/replenishment/rules/shelf';
import {
  addSimulated,
  measuresOfSimulated,
  nothingSimulated,
  type Simulated,
} from '../../src/replenishment/rules/simulate';
import { ForecastsThen, learnThen, replay, WARM_UP_DAYS } from '../../src/replenishment/rules/simulateReplay';
import { dayNumber } from '../../src/values/time';
import { openFolder, setFile } from './forecast/folder';
import { printed, type Table } from './forecast/print';

const USAGE = `npm run bench:replay -- [FOLDER] [--weeks 26] [--shelves 300]

Plays the last weeks of the demonstration chain again, and of the M5 sample where FOLDER has it: weekly reviews, lost
sales, forecasts made at each review from what was known then. Prints days of supply and what was served.`;

/** Day on whose morning the demonstration chain is generated. */
const TODAY = '2026-11-20';
const REVIEW_DAYS = 7;
/** Lead time of the M5 sample, as in scenario S1 of protocol B. */
const M5_LEAD_DAYS = 2;
const LEARN_SERIES = 500;
const MINUTES_PER_DAY = 1440;
const ASKED: [ServiceMeasure, number][] = [
  ['CYCLE_SERVICE', 0.9],
  ['CYCLE_SERVICE', 0.95],
  ['CYCLE_SERVICE', 0.98],
  ['FILL_RATE', 0.95],
  ['FILL_RATE', 0.98],
];

/** Shelves with their whole history. */
interface ReplayedSet {
  title: string;
  axis: Axis;
  lastDay: number;
  shelves: { series: Series; leadTime: LeadTime }[];
}

/** Every n-th of the items, so that about `most` remain. */
function sampled<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most);
  return Array.from({ length: Math.min(items.length, most) }, (_, index) => items[Math.floor(index * step)]!);
}

function demonstration(most: number): ReplayedSet {
  const chain = buildChain(TODAY);
  const firstDay = dayNumber(TODAY) - HISTORY_DAYS;
  const skus = new Map(chain.skus.map((sku) => [sku.code, sku]));
  const locations = new Map(chain.places.map((location) => [location.code, location]));
  const shelves = new Map<string, { series: Series; leadTime: LeadTime }>();
  for (const { skuCode, locationCode, day, units, stockedOut } of dailySales(chain)) {
    const key = `${locationCode} ${skuCode}`;
    const location = locations.get(locationCode)!;
    const sku = skus.get(skuCode)!;
    const shelf = shelves.get(key) ?? {
      series: {
        key,
        groups: { category: sku.category, location: locationCode },
        start: firstDay,
        values: new Float64Array(HISTORY_DAYS),
        censored: new Uint8Array(HISTORY_DAYS),
      },
      // Shops are supplied by their warehouse, warehouses by the supplier of the SKU.
      leadTime: learnLeadTime(
        location.kind === 'SHOP'
          ? Math.ceil(location.transferLeadMinutes / MINUTES_PER_DAY)
          : sku.leadTimeDays,
        [],
      ),
    };
    shelves.set(key, shelf);
    const at = dayNumber(day) - firstDay;
    shelf.series.values[at]! += units;
    if (stockedOut) shelf.series.censored![at] = 1;
  }
  return {
    title: 'Demonstration chain',
    axis: { period: 'DAY', firstDay: '1970-01-01' },
    lastDay: dayNumber(TODAY) - 1,
    shelves: sampled([...shelves.values()], most),
  };
}

async function m5Sample(dir: string, most: number): Promise<ReplayedSet | null> {
  const file = setFile(openFolder(dir), 'm5_sample', 'csv');
  if (file === null) return null;
  const source = await openSource(file, {});
  const shelves: ReplayedSet['shelves'] = [];
  for await (const { key, groups, values } of source.rows())
    shelves.push({ series: { key, groups, start: 0, values }, leadTime: learnLeadTime(M5_LEAD_DAYS, []) });
  return {
    title: 'M5 sample',
    axis: { period: 'DAY', firstDay: '2011-01-29' },
    lastDay: source.periods - 1,
    shelves: sampled(shelves, most),
  };
}

function factsOf(number: number, leadTime: LeadTime, [measure, level]: (typeof ASKED)[number]): ShelfFacts {
  const usual = new PolicyTable([]).at({ skuId: number, category: '', locationId: 1, groups: [] });
  return {
    ...{ locationId: 1, code: '', warehouse: false, abc: 'B', forecast: null, offer: null },
    policy: { ...usual, measure, serviceB: level, review: { days: REVIEW_DAYS, weekdays: [] } },
    onHand: { available: 0, reserved: 0, staged: 0, quarantine: 0 },
    incoming: [],
    returnsPerDay: [],
    regular: { locationId: 2, code: '', leadTime },
    review: { due: true, reviewDays: REVIEW_DAYS },
  };
}

function replayed({ title, axis, lastDay, shelves }: ReplayedSet, weeks: number): Table {
  const firstDay = lastDay - 7 * weeks - WARM_UP_DAYS + 1;
  const series = shelves.map((shelf) => shelf.series);
  const model = learnThen(axis, series, [], firstDay, LEARN_SERIES);
  const sums = ASKED.map((): Simulated => nothingSimulated());
  for (const [number, { series: one, leadTime }] of shelves.entries()) {
    const shelf = { series: one, firstDay, lastDay, stored: new Map() };
    const then = new ForecastsThen(shelf, model);
    for (const [index, asked] of ASKED.entries()) {
      const facts = factsOf(number, leadTime, asked);
      addSimulated(sums[index]!, replay({ ...shelf, facts }, facts, then));
    }
    if ((number + 1) % 50 === 0)
      process.stderr.write(`${title}: ${number + 1} of ${shelves.length} shelves\n`);
  }
  return {
    title: `${title}: ${shelves.length} shelves, ${weeks} weeks`,
    head: ['asked', 'days of supply', 'units served', 'cycles served', 'orders a week and shelf'],
    decimals: [2, 4, 4, 2],
    rows: sums.map((sum, index) => {
      const [measure, level] = ASKED[index]!;
      const { daysOfSupply, fillRate, cycleService, ordersPerWeek } = measuresOfSimulated(sum);
      return {
        name: `${measure === 'FILL_RATE' ? 'fill rate' : 'cycle service'} ${level}`,
        cells: [daysOfSupply, fillRate, cycleService, ordersPerWeek],
        ours: true as const,
      };
    }),
    notes: [`Demand ${sums[0]!.demand} units; served and lost units add up to it in every row.`],
  };
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { weeks: { type: 'string', default: '26' }, shelves: { type: 'string', default: '300' } },
  });
  const [weeks, most] = [Number(values.weeks), Number(values.shelves)];
  if (!(Number.isInteger(weeks) && weeks > 0 && Number.isInteger(most) && most > 0))
    throw new Error(`--weeks and --shelves are whole numbers above 0.\n\n${USAGE}`);
  const sets = [demonstration(most)];
  const m5 = positionals[0] === undefined ? null : await m5Sample(path.resolve(positionals[0]), most);
  if (m5) sets.push(m5);
  for (const set of sets) process.stdout.write(`${printed(replayed(set, weeks))}\n`);
}

void main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
