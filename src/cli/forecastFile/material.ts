// A command line and the files it names, made into what a run needs.

import type { Axis } from '../../forecaster/series';
import { OperatorError } from '../../refusals';
import { MAX_ORIGINS, type SeriesCommand } from './flags';
import { firstDayOf, readCalendar, readPrices } from './known';
import { periodNamed } from './periodNames';
import type { ForecastRequest, Origin } from './request';
import type { SeriesSource } from './rows';
import type { RunMaterial } from './run';
import { openSource } from './source';

const HORIZONS = { DAY: 28, WEEK: 8, MONTH: 6 };
const REVIEW_EVERY = { DAY: 7, WEEK: 1, MONTH: 1 };

/** Opens what the command names. @throws OperatorError where two of the files don't fit together */
export async function materialOf(command: SeriesCommand): Promise<RunMaterial> {
  const { file, period, key, form } = command;
  const source = await openSource(file, { key, period, form });
  const learnFrom = command.learnFrom === null ? null : await openSource(command.learnFrom, { period, form });
  if (learnFrom && learnFrom.period !== source.period) {
    throw new OperatorError(
      `${learnFrom.file} is by ${learnFrom.period.toLowerCase()} and ${file} by ${source.period.toLowerCase()}; learning needs the same.`,
    );
  }
  const calendar = command.calendar === null ? null : await readCalendar(command.calendar);
  const firstDays = [
    ['--first-day', command.firstDay],
    [`the columns of ${file}`, source.firstDay],
    [`the calendar ${command.calendar}`, calendar && source.period === 'DAY' ? firstDayOf(calendar) : null],
  ].filter(([, day]) => day !== null) as [string, string][];
  const other = firstDays.find(([, day]) => day !== firstDays[0]![1]);
  if (other) {
    throw new OperatorError(
      `The first column is ${firstDays[0]![1]} by ${firstDays[0]![0]}, but ${other[1]} by ${other[0]}.`,
    );
  }
  return {
    source,
    learnFrom,
    firstDay: firstDays[0]?.[1] ?? null,
    calendar,
    readPrices: async (axis) =>
      command.prices === null ? null : readPrices(command.prices, axis, calendar, form ?? undefined),
  };
}

function originsOf(texts: string[], flag: string, axis: Axis, source: SeriesSource, every: number): Origin[] {
  const last = source.periods;
  const within = (text: string): number => {
    const number = periodNamed(text, flag, axis);
    if (number < 0) throw new OperatorError(`${flag} ${text} is before the data; the first period is 1.`);
    if (number < last) return number;
    throw new OperatorError(
      `${flag} ${text} is beyond the data: the last column is ${source.nameOf(last - 1)}, so the latest origin is ${last}.`,
    );
  };
  const origins = texts.flatMap((text): Origin[] => {
    const [from, to] = text.split('..');
    if (to === undefined) return [{ label: text, number: within(text) }];
    const [first, end] = [within(from!), within(to)];
    const count = Math.min(Math.floor((end - first) / every) + 1, MAX_ORIGINS + 1);
    return Array.from({ length: Math.max(0, count) }, (_, i) => ({
      label: String(first + i * every + 1),
      number: first + i * every,
    }));
  });
  if (origins.length === 0) throw new OperatorError(`${flag} ${texts.join(',')} has no period in it.`);
  if (origins.length > MAX_ORIGINS) throw new OperatorError(`${flag} has more than ${MAX_ORIGINS} periods.`);
  return origins;
}

/** The request of a command, with its origins looked up in the file. @throws OperatorError */
export function requestOf(command: SeriesCommand, { source, firstDay }: RunMaterial): ForecastRequest {
  const axis: Axis = { period: source.period, firstDay };
  const { levels, sums, origins } = command;
  const reviewDays = levels?.reviewEvery ?? REVIEW_EVERY[axis.period];
  const longest = levels?.scenarios.flatMap(({ leadTimes }) => leadTimes.map(({ days }) => days)) ?? [];
  const horizon = levels
    ? Math.max(...longest) + reviewDays
    : (command.horizon ?? Math.max(HORIZONS[axis.period], ...sums));
  const tooLong = sums.find((length) => length > horizon);
  if (tooLong) throw new OperatorError(`--sums ${tooLong} is more than the horizon of ${horizon} periods.`);
  return {
    origins: origins ? originsOf(origins, levels ? '--reviews' : '--origins', axis, source, reviewDays) : [],
    horizon,
    periods: !levels && (command.out !== null || sums.length === 0 || command.sumsOut !== null),
    sums,
    levels: levels && { scenarios: levels.scenarios, targets: levels.targets, reviewDays },
    reconcile: command.reconcile,
  };
}
