// The program behind `npm run forecast`: a command line into tables.

import { type ReturnsCommand, readFlags, type SeriesCommand } from './flags';
import { HELP } from './help';
import { materialOf, requestOf } from './material';
import { type Output, toFile, toStandardOutput } from './output';
import type { ForecastRequest } from './request';
import { runReturns } from './returns';
import type { CellOddities } from './rows';
import { type RunReport, run } from './run';

/** Receives progress messages and warnings. */
type PrintMessage = (text: string) => void;

/** Runs one command line. @throws OperatorError for what is wrong with it or with a file; no table is left then */
export async function program(args: string[], print: PrintMessage): Promise<void> {
  const command = readFlags(args);
  if (command.mode === 'help') process.stdout.write(HELP);
  else if (command.mode === 'returns') await runReturnsCommand(command, print);
  else await runSeries(command, print);
}

/** The first table without a file goes to standard output. */
function outputs(
  command: SeriesCommand,
  request: ForecastRequest,
  print: PrintMessage,
): { main: Output; sums: Output | null } {
  const out = (file: string | null): Output => (file === null ? standardOutput(print) : toFile(file));
  if (request.sums.length === 0) return { main: out(command.out), sums: null };
  const sums = out(command.sumsOut);
  return request.periods ? { main: out(command.out), sums } : { main: sums, sums };
}

function standardOutput(print: PrintMessage): Output {
  const output = toStandardOutput();
  if (output.banner) {
    print(
      "npm's own two lines stand before the table; --out FILE or 'npm run --silent forecast -- …' leaves them out.",
    );
  }
  return output;
}

async function runSeries(command: SeriesCommand, print: PrintMessage): Promise<void> {
  const material = await materialOf(command);
  const request = requestOf(command, material);
  const { main, sums } = outputs(command, request, print);
  const hierarchy = command.hierarchyOut === null ? null : toFile(command.hierarchyOut);
  const all = [...new Set([main, ...(sums ? [sums] : []), ...(hierarchy ? [hierarchy] : [])])];
  try {
    const sinks = {
      periods: request.periods ? main.stream : null,
      sums: sums?.stream ?? null,
      levels: request.levels ? [main.stream] : [],
      hierarchy: hierarchy?.stream ?? null,
    };
    const report = await run(material, request, sinks, { threads: command.threads, progress: print });
    for (const output of all) await output.close();
    print(reported(report, request));
  } catch (error) {
    for (const output of all) await output.discard();
    throw error;
  }
}

function reported(
  { series, learntFrom, learnings, oddities, seconds }: RunReport,
  request: ForecastRequest,
): string {
  const each = (value: number): string => value.toFixed(1);
  const made = series * Math.max(1, request.origins.length);
  return [
    ...oddLines(oddities),
    `${series} series, ${made} forecasts. Reading ${each(seconds.read)} s, learning ${each(seconds.learn)} s (${learnings} times, from ${learntFrom} series), forecasting ${each(seconds.forecast)} s: ${Math.round(made / Math.max(seconds.forecast, 0.001))} a second.`,
  ].join('\n');
}

function oddLines({ unknown, notNumbers, negative }: CellOddities): string[] {
  const lines: [CellOddities['unknown'], string][] = [
    [unknown, 'empty cells count as not known'],
    [notNumbers, 'cells that are no number count as not known'],
    [negative, 'negative cells count as nothing sold'],
  ];
  return lines.flatMap(([{ count, first }, what]) =>
    count > 0 ? [`${count} ${what} (first: ${first}).`] : [],
  );
}

async function runReturnsCommand(command: ReturnsCommand, print: PrintMessage): Promise<void> {
  const levels = command.out === null ? standardOutput(print) : toFile(command.out);
  const skus = command.skuOut === null ? null : toFile(command.skuOut);
  const all = [levels, ...(skus ? [skus] : [])];
  try {
    await runReturns(command, { levels: levels.stream, skus: skus?.stream ?? null }, print);
    for (const output of all) await output.close();
  } catch (error) {
    for (const output of all) await output.discard();
    throw error;
  }
}
