// The flags of `npm run forecast`, read and checked as far as they can be without looking into a file.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { NumberForm } from '../../csv/rules/numbers';
import type { Period } from '../../forecaster/series';
import { OperatorError } from '../../refusals';
import type { ServiceTarget } from '../../replenishment/rules/orderUpTo/level';
import { dayNumber } from './periods';
import type { LevelsRequest } from './request';

interface CommonFlags {
  /** As typed; null: not given. */
  origins: string[] | null;
  horizon: number | null;
  out: string | null;
  /** How files write numbers; null: detected from each file. */
  form: NumberForm | null;
}

export interface SeriesCommand extends CommonFlags {
  mode: 'series';
  file: string;
  sums: number[];
  sumsOut: string | null;
  /** Review days come as `origins`; reviewEvery null: by the period's length. */
  levels: (Omit<LevelsRequest, 'reviewDays'> & { reviewEvery: number | null }) | null;
  period: Period | undefined;
  firstDay: string | null;
  calendar: string | null;
  prices: string | null;
  learnFrom: string | null;
  reconcile: [string, string] | null;
  hierarchyOut: string | null;
  key: string | undefined;
  threads: number;
}

export interface ReturnsCommand extends CommonFlags {
  mode: 'returns';
  sales: string;
  events: string;
  count: 'lines' | 'units';
  skuOut: string | null;
}

export type ForecastCommand = SeriesCommand | ReturnsCommand | { mode: 'help' };

export const MAX_HORIZON = 400;
export const MAX_ORIGINS = 400;
const MAX_LENGTHS = 20;
const MAX_SCENARIOS = 20;
const MAX_LEAD_TIMES = 200;
const MAX_THREADS = 64;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  origins: { type: 'string' },
  horizon: { type: 'string' },
  out: { type: 'string' },
  sums: { type: 'string' },
  'sums-out': { type: 'string' },
  period: { type: 'string' },
  'first-day': { type: 'string' },
  calendar: { type: 'string' },
  prices: { type: 'string' },
  'learn-from': { type: 'string' },
  reconcile: { type: 'string' },
  'hierarchy-out': { type: 'string' },
  key: { type: 'string' },
  threads: { type: 'string' },
  'order-up-to': { type: 'boolean' },
  reviews: { type: 'string' },
  'review-every': { type: 'string' },
  'lead-times': { type: 'string', multiple: true },
  'cycle-service': { type: 'string' },
  'fill-rate': { type: 'string' },
  returns: { type: 'boolean' },
  count: { type: 'string' },
  'sku-out': { type: 'string' },
  'decimal-comma': { type: 'boolean' },
  'decimal-point': { type: 'boolean' },
} as const;

type ForecastFlagValues = ReturnType<typeof parse>['values'];

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // The rest of its message is about arguments that begin with a dash.
    throw new OperatorError(`${(error as Error).message.split('. ')[0]}. All flags: --help`);
  }
}

/** Reads the command line. @throws OperatorError */
export function readFlags(args: string[]): ForecastCommand {
  const { values, positionals } = parse(args);
  if (values.help) return { mode: 'help' };
  const common: CommonFlags = {
    origins: values.origins === undefined ? null : list(values.origins, '--origins', MAX_ORIGINS),
    horizon: values.horizon === undefined ? null : whole(values.horizon, '--horizon', 1, MAX_HORIZON),
    out: values.out ?? null,
    form: formOf(values),
  };
  if (values.returns) return returnsCommand(values, positionals, common);
  belongs(values, ['count', 'sku-out'], '--returns');
  const [file, ...more] = positionals;
  if (file === undefined) throw new OperatorError('Which file? npm run forecast -- sales.csv (more: --help)');
  if (more.length > 0) {
    throw new OperatorError(`One file at a time, not also ${more.join(', ')}. All flags: --help`);
  }
  return seriesCommand(values, file, common);
}

function formOf(values: ForecastFlagValues): NumberForm | null {
  const { 'decimal-comma': comma, 'decimal-point': point } = values;
  if (comma && point) throw new OperatorError('Give --decimal-comma or --decimal-point, not both.');
  return comma || point ? { decimal: comma ? 'COMMA' : 'POINT', certain: true } : null;
}

function returnsCommand(
  values: ForecastFlagValues,
  positionals: string[],
  common: CommonFlags,
): ReturnsCommand {
  const [sales, events, ...more] = positionals;
  if (sales === undefined || events === undefined || more.length > 0) {
    throw new OperatorError('--returns needs two files: --returns sales.csv events.csv (see --help)');
  }
  const others = Object.keys(values).filter(
    (name) =>
      ![
        'returns',
        'origins',
        'horizon',
        'out',
        'sku-out',
        'count',
        'decimal-comma',
        'decimal-point',
      ].includes(name),
  );
  if (others.length > 0) throw new OperatorError(`--${others[0]} has no meaning with --returns.`);
  const count = values.count ?? 'lines';
  if (count !== 'lines' && count !== 'units') {
    throw new OperatorError(`--count is '${count}'; it must be lines or units.`);
  }
  return { ...common, mode: 'returns', sales, events, count, skuOut: values['sku-out'] ?? null };
}

function seriesCommand(values: ForecastFlagValues, file: string, common: CommonFlags): SeriesCommand {
  const firstDay = values['first-day'] ?? null;
  if (firstDay !== null && dayNumber(firstDay) === null) {
    throw new OperatorError(`--first-day is '${firstDay}'; it must be a date such as 2011-01-29.`);
  }
  const sums = values.sums === undefined ? [] : list(values.sums, '--sums', MAX_LENGTHS);
  if (values['sums-out'] !== undefined && sums.length === 0) {
    throw new OperatorError('--sums-out needs --sums: which lengths, for example --sums 7,14.');
  }
  const levels = levelsOf(values);
  if (levels && (common.origins || sums.length > 0 || common.horizon !== null)) {
    throw new OperatorError(
      '--order-up-to looks ahead from --reviews over lead time and review; leave out --origins, --horizon and --sums.',
    );
  }
  return {
    ...common,
    ...(levels && { origins: reviewsOf(values.reviews) }),
    mode: 'series',
    file,
    sums: sums.map((length) => whole(length, '--sums', 1, MAX_HORIZON)),
    sumsOut: values['sums-out'] ?? null,
    levels,
    period: periodOf(values.period),
    firstDay,
    calendar: values.calendar ?? null,
    prices: values.prices ?? null,
    learnFrom: values['learn-from'] ?? null,
    reconcile: groupingsOf(values),
    hierarchyOut: values['hierarchy-out'] ?? null,
    key: values.key,
    threads:
      values.threads === undefined
        ? availableParallelism()
        : whole(values.threads, '--threads', 1, MAX_THREADS),
  };
}

function groupingsOf(values: ForecastFlagValues): [string, string] | null {
  if (values.reconcile === undefined) {
    belongs(values, ['hierarchy-out'], '--reconcile');
    return null;
  }
  const [first, second, ...more] = values.reconcile.split(',').map((name) => name.trim());
  if (first && second && first !== second && more.length === 0) return [first, second];
  throw new OperatorError(
    `--reconcile is '${values.reconcile}'; it must be two columns that group the series, for example category,shop.`,
  );
}

function levelsOf(values: ForecastFlagValues): SeriesCommand['levels'] {
  if (!values['order-up-to']) {
    belongs(values, ['reviews', 'review-every', 'lead-times', 'cycle-service', 'fill-rate'], '--order-up-to');
    return null;
  }
  const given = values['lead-times'];
  if (!given) throw new OperatorError('--order-up-to needs --lead-times, for example --lead-times 3,7,7,14.');
  if (given.length > MAX_SCENARIOS) throw new OperatorError(`At most ${MAX_SCENARIOS} --lead-times.`);
  const scenarios = given.map(scenarioOf);
  const names = scenarios.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    throw new OperatorError('Two --lead-times have the same name; name them: --lead-times NAME=3,7.');
  }
  const every = values['review-every'];
  const reviewEvery = every === undefined ? null : whole(every, '--review-every', 1, MAX_HORIZON);
  return { scenarios, targets: [targetOf(values)], reviewEvery };
}

function scenarioOf(text: string, index: number): LevelsRequest['scenarios'][number] {
  const [, name, days] = /^(?:([^=]*)=)?(.*)$/.exec(text)!;
  const seen = list(days!, '--lead-times', MAX_LEAD_TIMES).map((each) =>
    whole(each, '--lead-times', 0, MAX_HORIZON),
  );
  const leadTimes = [...new Set(seen)].map((each) => ({
    days: each,
    probability: seen.filter((other) => other === each).length / seen.length,
  }));
  return { name: name || `S${index + 1}`, leadTimes };
}

function targetOf(values: ForecastFlagValues): ServiceTarget {
  const { 'cycle-service': cycle, 'fill-rate': fill } = values;
  if ((cycle === undefined) === (fill === undefined)) {
    throw new OperatorError('--order-up-to needs either --cycle-service or --fill-rate, for example 0.95.');
  }
  const [flag, text, measure] =
    cycle !== undefined
      ? (['--cycle-service', cycle, 'CYCLE_SERVICE'] as const)
      : (['--fill-rate', fill!, 'FILL_RATE'] as const);
  const level = Number(text);
  if (!(level > 0 && level < 1)) {
    throw new OperatorError(`${flag} is '${text}'; it must lie between 0 and 1, for example 0.95.`);
  }
  return { measure, level };
}

/** '1773..1934' is left as it is: how far apart reviews are may depend on the file. */
function reviewsOf(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  return text.includes('..') ? [text] : list(text, '--reviews', MAX_ORIGINS);
}

function periodOf(text: string | undefined): Period | undefined {
  if (text === undefined) return undefined;
  const period = text.toUpperCase();
  if (period === 'DAY' || period === 'WEEK' || period === 'MONTH') return period;
  throw new OperatorError(`--period is '${text}'; it must be day, week or month.`);
}

function list(text: string, flag: string, most: number): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => part === '')) {
    throw new OperatorError(`${flag} is '${text}'; it must be numbers with commas between.`);
  }
  if (parts.length > most) throw new OperatorError(`${flag} has ${parts.length} entries; at most ${most}.`);
  return parts;
}

function whole(text: string, flag: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new OperatorError(`${flag} is '${text}'; it must be a whole number from ${min} to ${max}.`);
}

function belongs(values: ForecastFlagValues, names: (keyof ForecastFlagValues)[], to: string): void {
  const stray = names.find((name) => values[name] !== undefined);
  if (stray) throw new OperatorError(`--${stray} has a meaning only with ${to}.`);
}
