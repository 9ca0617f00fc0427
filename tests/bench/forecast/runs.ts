// The same code as `npm run forecast`, with the same flags, its tables in a temporary folder.

import path from 'node:path';
import { readFlags, type SeriesCommand } from '../../../src/cli/forecastFile/flags';
import { materialOf, requestOf } from '../../../src/cli/forecastFile/material';
import { type Output, toFile } from '../../../src/cli/forecastFile/output';
import { runReturns } from '../../../src/cli/forecastFile/returns';
import { type RunReport, run } from '../../../src/cli/forecastFile/run';
import type { ServiceTarget } from '../../../src/replenishment/rules/orderUpTo/level';
import { type Folder, setFile, sharedFile } from './folder';

/** Where a benchmark writes its tables, and its progress callback. */
export interface Bench {
  folder: Folder;
  scratch: string;
  threads: number;
  progress: (text: string) => void;
}

export interface Submission {
  /** The forecasts of periods; with levels one file a target. */
  files: string[];
  sums: string | null;
  report: RunReport;
}

/**
 * Runs `npm run forecast -- <args>` in this process.
 * @param targets replaces the one target of the flags: a table of levels for each
 */
export async function submit(
  { scratch, threads, progress }: Bench,
  name: string,
  args: string[],
  targets?: ServiceTarget[],
): Promise<Submission> {
  const command = readFlags([...args, '--threads', String(threads)]) as SeriesCommand;
  if (targets) command.levels!.targets = targets;
  const material = await materialOf(command);
  const request = { ...requestOf(command, material), periods: !targets };
  const tables = (targets ?? ['']).map((_, i) => path.join(scratch, `${name}${targets ? `-${i}` : ''}.csv`));
  const outputs: Output[] = tables.map(toFile);
  const sumsFile = request.sums.length > 0 ? path.join(scratch, `${name}-sums.csv`) : null;
  const sums = sumsFile === null ? null : toFile(sumsFile);
  const report = await run(
    material,
    request,
    {
      periods: targets ? null : outputs[0]!.stream,
      sums: sums?.stream ?? null,
      levels: targets ? outputs.map(({ stream }) => stream) : [],
      hierarchy: null,
    },
    { threads, progress: (text) => progress(`${name}: ${text}`) },
  );
  for (const output of [...outputs, ...(sums ? [sums] : [])]) await output.close();
  return { files: tables, sums: sumsFile, report };
}

/** Runs `npm run forecast -- --returns <args>` in this process. */
export async function submitReturns({ scratch, progress }: Bench, args: string[]) {
  const command = readFlags(['--returns', ...args]);
  if (command.mode !== 'returns') throw new Error('not a command of returns');
  const files = { levels: path.join(scratch, 'returns.csv'), skus: path.join(scratch, 'returns-sku.csv') };
  const [levels, skus] = [toFile(files.levels), toFile(files.skus)];
  await runReturns(command, { levels: levels.stream, skus: skus.stream }, (text) => progress(`C: ${text}`));
  await levels.close();
  await skus.close();
  return files;
}

/** Flags for daily M5 forecasts: calendar, prices, and the whole half to learn from where it is there. */
export function m5Flags(folder: Folder): { flags: string[]; learntFrom: string } {
  const flags: string[] = [];
  const calendar = sharedFile(folder, 'm5_calendar.csv');
  const prices = setFile(folder, 'm5_price_changes', 'csv.gz');
  if (calendar) flags.push('--calendar', calendar);
  if (calendar && prices) flags.push('--prices', prices);
  const full = setFile(folder, 'm5_full', 'u8.br');
  if (full) flags.push('--learn-from', full);
  return { flags, learntFrom: full ? path.basename(full) : `m5_sample_${folder.half}.csv` };
}
