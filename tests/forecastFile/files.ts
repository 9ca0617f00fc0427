// Small made-up files, and the program run on them as it is run by people.

import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TYPESCRIPT } from '../support/typescript';

export const ROOT = path.join(__dirname, '..', '..');

/** A folder of its own; the system's temporary folder is cleaned by the system. */
export const folder = mkdtempSync(path.join(tmpdir(), 'comptoir-forecast-test-'));

/** Writes a file into the folder; its path. */
export function write(name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

export interface Said {
  code: number;
  out: string;
  err: string;
}

/** `npm run forecast -- args`, without npm. */
export function forecastCli(...args: string[]): Promise<Said> {
  const words = [...TYPESCRIPT, path.join(ROOT, 'src', 'cli', 'forecast.ts'), ...args];
  const env = { ...process.env, npm_lifecycle_event: undefined };
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd: ROOT, env, maxBuffer: 1 << 26 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, out, err });
    });
  });
}

/** As above, of a run that must succeed: its standard output. */
export async function forecastOf(...args: string[]): Promise<string> {
  const { code, out, err } = await forecastCli(...args, '--threads', '1');
  if (code !== 0) throw new Error(err);
  return out;
}

export interface Line {
  [column: string]: string;
}

/** Rows of a CSV without quotes, by the names of its header. */
export function table(text: string): Line[] {
  const [header, ...lines] = text.trimEnd().split('\n');
  const names = header!.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

/** Always the same numbers from 0 to 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Units of a shop's day: more on two days of the week, the rate drawn once a series. */
export function made(count: number, periods: number, seed = 1): { key: string; values: number[] }[] {
  const draw = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const rate = 0.3 + 6 * draw() ** 2;
    const values = Array.from({ length: periods }, (_, t) =>
      Math.round(rate * (t % 7 < 2 ? 1.8 : 0.7) * 2 * draw()),
    );
    return { key: `SKU-${i}`, values };
  });
}

const DEPARTMENTS = ['FOODS', 'HOBBIES'];
const STATES = ['CA', 'TX'];

/** The series as a wide file with two groups. */
export function wide(
  series: { key: string; values: (number | string)[] }[],
  names: (t: number) => string = (t) => `d_${t + 1}`,
): string {
  const periods = Math.max(...series.map(({ values }) => values.length));
  const header = ['key', 'dept', 'state', ...Array.from({ length: periods }, (_, t) => names(t))];
  const rows = series.map(({ key, values }, i) => [key, DEPARTMENTS[i % 2], STATES[(i >> 1) % 2], ...values]);
  return `${[header, ...rows].map((row) => row.join(',')).join('\n')}\n`;
}
