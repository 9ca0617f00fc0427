// npm run simulate:drill: plants one bug after the other in a copy of the program and lets the simulator find it. [--seeds 300] [--only words of one] [--from its number].

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { MUTANTS, type Mutant } from './mutants';

const ROOT = join(__dirname, '../..');
const COPIED = ['src', 'tests', 'prisma', 'package.json', 'tsconfig.json'];
const STEPS = '24';
const LANES = '2';
const SHORTEN_SECONDS = '20';
const MAX_OUTPUT = 10_000_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Plays seeds on the copy; answers what the simulator said, and whether it found anything. */
async function simulated(copy: string, seeds: string): Promise<{ found: boolean; said: string }> {
  const args = [
    '--require',
    './src/runtime/typescript.cjs',
    'tests/simulate/simulate.ts',
    '--steps',
    STEPS,
    '--lanes',
    LANES,
    '--seeds',
    seeds,
    '--shorten',
    SHORTEN_SECONDS,
  ];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: copy,
      maxBuffer: MAX_OUTPUT,
    });
    return { found: false, said: stdout };
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return { found: true, said: stdout?.includes('fails:') ? stdout : (stderr ?? String(error)) };
  }
}

async function drill(copy: string, { name, file, good, bad }: Mutant, seeds: string): Promise<boolean> {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(good).length !== 2) {
    say(`- ${name}: ${file} has not exactly one '${good}' any more; write the bug anew in mutants.ts.`);
    return false;
  }
  writeFileSync(
    path,
    text.replace(good, () => bad),
  );
  const { found, said } = await simulated(copy, seeds);
  writeFileSync(path, text);
  const lines = said.trim().split('\n');
  const from = lines.findIndex((l) => l.includes('fails:'));
  say(
    `${found ? '+' : '-'} ${name}: ${found ? (lines[from] ?? lines.at(-1)) : `not found in ${seeds} seeds`}`,
  );
  if (found)
    for (const line of lines.slice(from + 1).filter((l) => l.startsWith('  {'))) say(`    ${line.trim()}`);
  return found;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '300' },
      only: { type: 'string', default: '' },
      from: { type: 'string', default: '1' },
    },
  });
  const copy = mkdtempSync(join(tmpdir(), 'comptoir-drill-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const wanted = MUTANTS.slice(Number(values.from) - 1).filter((m) => m.name.includes(values.only));
    let found = 0;
    for (const mutant of wanted) found += Number(await drill(copy, mutant, values.seeds));
    say(`${found} of ${wanted.length} bugs found.`);
    if (found < wanted.length) process.exitCode = 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

void main();
