// The folder a benchmark of forecasts runs on: which half lies there, its files, and its scorer.

import { execFile } from 'node:child_process';
import { copyFileSync, createReadStream, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** A folder with the sets of one half. */
export interface Folder {
  dir: string;
  /** The suffix of its files: m5_sample_<half>.csv. */
  half: string;
  /** The folder that has score.mjs. */
  scorerDir: string;
}

const HALVES = /^(?:m5_sample|or2_sales_weekly|or2_demand_weekly|carparts|raf)_(.+)\.csv$/;

/** Finds the sets and the scorer. @throws Error that names what is missing */
export function openFolder(dir: string): Folder {
  if (!existsSync(dir)) throw new Error(`There is no folder ${dir}.`);
  const halves = new Set(readdirSync(dir).flatMap((name) => HALVES.exec(name)?.[1] ?? []));
  const [half, ...more] = halves;
  if (half === undefined)
    throw new Error(`${dir} has none of the sets (m5_sample_<half>.csv, carparts_<half>.csv …).`);
  if (more.length > 0)
    throw new Error(`${dir} has files of several halves (${[...halves].join(', ')}); one at a time.`);
  if (!existsSync(path.join(dir, 'score.mjs'))) throw new Error(`${dir} has no score.mjs to score with.`);
  return { dir, half, scorerDir: dir };
}

/** The path of a set, for example `file(folder, 'm5_sample', 'csv')`; null where it is not in the folder. */
export function setFile({ dir, half }: Folder, name: string, end: string): string | null {
  const file = path.join(dir, `${name}_${half}.${end}`);
  return existsSync(file) ? file : null;
}

/** A file that both halves share. */
export function sharedFile({ dir }: Folder, name: string): string | null {
  const file = path.join(dir, name);
  return existsSync(file) ? file : null;
}

/** The result of `node score.mjs` for a submission. */
export async function score<Result>(folder: Folder, task: string, file: string): Promise<Result> {
  const args = [path.join(folder.scorerDir, 'score.mjs'), task, folder.half, file, folder.dir];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as Result;
}

/** The scorer's own functions that a benchmark needs beside its scores: one simulation for all policies. */
export interface Scorer {
  simRS(
    demand: Float64Array,
    levels: Float64Array,
    leadTimes: number[],
    reviewEvery: number,
    skip: number,
  ): { dem: number; ser: number; sto: number; days: number; cyc: number; ok: number; ord: number };
}

export async function loadScorer({ scorerDir }: Folder): Promise<Scorer> {
  return (await import(path.join(scorerDir, 'score.mjs'))) as Scorer;
}

const SMOKE_ROWS = 24;
const SMOKE_SETS = [
  ...['m5_sample', 'or2_demand_weekly', 'carparts', 'raf'].map((name) => [name, SMOKE_ROWS] as const),
  ...(['or2_sales_weekly', 'or2_return_events'] as const).map((name) => [name, Infinity] as const),
];

/** A small copy of the folder: a few series of each set, the same protocols. */
export async function smokeFolder(folder: Folder, into: string): Promise<Folder> {
  mkdirSync(into, { recursive: true });
  for (const [name, rows] of SMOKE_SETS) {
    const file = setFile(folder, name, 'csv');
    if (!file) continue;
    const target = path.join(into, path.basename(file));
    if (rows === Infinity) copyFileSync(file, target);
    else writeFileSync(target, await firstLines(file, rows + 1));
  }
  for (const name of ['m5_calendar.csv', `m5_price_changes_${folder.half}.csv.gz`]) {
    const file = sharedFile(folder, name);
    if (file) copyFileSync(file, path.join(into, name));
  }
  return { ...folder, dir: into };
}

async function firstLines(file: string, count: number): Promise<string> {
  const lines: string[] = [];
  const reader = createInterface({ input: createReadStream(file) });
  for await (const line of reader) {
    lines.push(line);
    if (lines.length === count) break;
  }
  reader.close();
  return `${lines.join('\n')}\n`;
}
