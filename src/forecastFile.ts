// npm run forecast: forecasts, sums, order-up-to levels and returns from anybody's CSV, without a database.

import type { Axis } from './forecast/rules/series';
import type { Asked, Origin } from './forecastFile/asked';
import { MAX_ORIGINS, type ReturnsCommand, readFlags, type SeriesCommand } from './forecastFile/flags';
import { HELP } from './forecastFile/help';
import { firstDayOf, readCalendar, readPrices } from './forecastFile/known';
import { type Output, toFile, toStandardOutput } from './forecastFile/output';
import { periodNamed } from './forecastFile/periods';
import { InputProblem } from './forecastFile/problem';
import { runReturns } from './forecastFile/returns';
import type { Oddities, Source } from './forecastFile/rows';
import { type Material, type RunReport, run } from './forecastFile/run';
import { openSource } from './forecastFile/source';

const HORIZONS = { DAY: 28, WEEK: 8, MONTH: 6 };
const REVIEW_EVERY = { DAY: 7, WEEK: 1, MONTH: 1 };

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Opens what the command names. @throws InputProblem where two of the files don't fit together */
async function materialOf(command: SeriesCommand): Promise<Material> {
  const { file, period, key } = command;
  const source = await openSource(file, { key, period });
  const learnFrom = command.learnFrom === null ? null : await openSource(command.learnFrom, { period });
  if (learnFrom && learnFrom.period !== source.period) {
    throw new InputProblem(
      `${learnFrom.file} is by ${learnFrom.period.toLowerCase()} and ${file} by ${source.period.toLowerCase()}; learning needs the same.`,
    );
  }
  const calendar = command.calendar === null ? null : await readCalendar(command.calendar);
  const told = [
    ['--first-day', command.firstDay],
    [`the columns of ${file}`, source.firstDay],
    [`the calendar ${command.calendar}`, calendar && source.period === 'DAY' ? firstDayOf(calendar) : null],
  ].filter(([, day]) => day !== null) as [string, string][];
  const other = told.find(([, day]) => day !== told[0]![1]);
  if (other) {
    throw new InputProblem(
      `The first column is ${told[0]![1]} by ${told[0]![0]}, but ${other[1]} by ${other[0]}.`,
    );
  }
  return {
    source,
    learnFrom,
    firstDay: told[0]?.[1] ?? null,
    calendar,
    readPrices: async (axis) => (command.prices === null ? null : readPrices(command.prices, axis, calendar)),
  };
}

function originsOf(texts: string[], flag: string, axis: Axis, source: Source, every: number): Origin[] {
  const last = source.periods;
  const within = (text: string): number => {
    const number = periodNamed(text, flag, axis);
    if (number < 0) throw new InputProblem(`${flag} ${text} is before the data; the first period is 1.`);
    if (number < last) return number;
    throw new InputProblem(
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
  if (origins.length === 0) throw new InputProblem(`${flag} ${texts.join(',')} has no period in it.`);
  if (origins.length > MAX_ORIGINS) throw new InputProblem(`${flag} has more than ${MAX_ORIGINS} periods.`);
  return origins;
}

function askedOf(command: SeriesCommand, { source, firstDay }: Material): Asked {
  const axis: Axis = { period: source.period, firstDay };
  const { levels, sums, origins } = command;
  const reviewDays = levels?.reviewEvery ?? REVIEW_EVERY[axis.period];
  const longest = levels?.scenarios.flatMap(({ leadTimes }) => leadTimes.map(({ days }) => days)) ?? [];
  const horizon = levels
    ? Math.max(...longest) + reviewDays
    : (command.horizon ?? Math.max(HORIZONS[axis.period], ...sums));
  const tooLong = sums.find((length) => length > horizon);
  if (tooLong) throw new InputProblem(`--sums ${tooLong} is more than the horizon of ${horizon} periods.`);
  return {
    origins: origins ? originsOf(origins, levels ? '--reviews' : '--origins', axis, source, reviewDays) : [],
    horizon,
    periods: !levels && (command.out !== null || sums.length === 0 || command.sumsOut !== null),
    sums,
    levels: levels && { scenarios: levels.scenarios, targets: levels.targets, reviewDays },
  };
}

/** The first table without a file goes to standard output. */
function outputs(command: SeriesCommand, asked: Asked): { main: Output; sums: Output | null } {
  const out = (file: string | null): Output => (file === null ? standardOutput() : toFile(file));
  if (asked.sums.length === 0) return { main: out(command.out), sums: null };
  const sums = out(command.sumsOut);
  return asked.periods ? { main: out(command.out), sums } : { main: sums, sums };
}

function standardOutput(): Output {
  const output = toStandardOutput();
  if (output.banner) {
    say(
      "npm's own two lines stand before the table; --out FILE or 'npm run --silent forecast -- …' leaves them out.",
    );
  }
  return output;
}

async function runSeries(command: SeriesCommand): Promise<void> {
  const material = await materialOf(command);
  const asked = askedOf(command, material);
  const { main, sums } = outputs(command, asked);
  const all = [...new Set([main, ...(sums ? [sums] : [])])];
  try {
    const sinks = {
      periods: asked.periods ? main.stream : null,
      sums: sums?.stream ?? null,
      levels: asked.levels ? [main.stream] : [],
    };
    const report = await run(material, asked, sinks, { threads: command.threads, progress: say });
    for (const output of all) await output.close();
    say(reported(report, asked));
  } catch (error) {
    for (const output of all) await output.discard();
    throw error;
  }
}

function reported({ series, learntFrom, learnings, oddities, seconds }: RunReport, asked: Asked): string {
  const each = (value: number): string => value.toFixed(1);
  const made = series * Math.max(1, asked.origins.length);
  return [
    ...oddLines(oddities),
    `${series} series, ${made} forecasts. Reading ${each(seconds.read)} s, learning ${each(seconds.learn)} s (${learnings} times, from ${learntFrom} series), forecasting ${each(seconds.forecast)} s: ${Math.round(made / Math.max(seconds.forecast, 0.001))} a second.`,
  ].join('\n');
}

function oddLines({ unknown, notNumbers, negative }: Oddities): string[] {
  const lines: [Oddities['unknown'], string][] = [
    [unknown, 'empty cells count as not known'],
    [notNumbers, 'cells that are no number count as not known'],
    [negative, 'negative cells count as nothing sold'],
  ];
  return lines.flatMap(([{ count, first }, what]) =>
    count > 0 ? [`${count} ${what} (first: ${first}).`] : [],
  );
}

async function runReturnsCommand(command: ReturnsCommand): Promise<void> {
  const levels = command.out === null ? standardOutput() : toFile(command.out);
  const skus = command.skuOut === null ? null : toFile(command.skuOut);
  const all = [levels, ...(skus ? [skus] : [])];
  try {
    await runReturns(command, { levels: levels.stream, skus: skus?.stream ?? null }, say);
    for (const output of all) await output.close();
  } catch (error) {
    for (const output of all) await output.discard();
    throw error;
  }
}

async function main(args: string[]): Promise<void> {
  // A reader that has seen enough (`| head`) ends the program without ado.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    const command = readFlags(args);
    if (command.mode === 'help') process.stdout.write(HELP);
    else if (command.mode === 'returns') await runReturnsCommand(command);
    else await runSeries(command);
  } catch (error) {
    if (!(error instanceof InputProblem)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

void main(process.argv.slice(2));
