// npm run simulate -- --seed N --steps M [--seeds K]: the real commands on a real database, with faults at seeded points, against the model.

import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import globalSetup from '../support/globalSetup';
import globalTeardown from '../support/globalTeardown';
import { simulateAll } from './history';

const USAGE = 'npm run simulate -- [--seed 1] [--steps 60] [--seeds 1] [--lanes 4] [--shorten 60] [--free]';
const PROGRESS_EVERY = 100;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function count(name: string, text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) {
    process.stderr.write(`--${name} is '${text}', not a whole number from 1. Usage: ${USAGE}\n`);
    process.exit(2);
  }
  return n;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      steps: { type: 'string', default: '60' },
      seeds: { type: 'string', default: '1' },
      lanes: { type: 'string', default: '4' },
      shorten: { type: 'string', default: '60' },
      free: { type: 'boolean', default: false },
    },
  });
  const first = count('seed', values.seed);
  const steps = count('steps', values.steps);
  const seeds = count('seeds', values.seeds);
  const lanes = Math.min(count('lanes', values.lanes), seeds);
  const shrinkSeconds = count('shorten', values.shorten);
  const began = performance.now();
  // Only who gets to the end has passed.
  process.exitCode = 1;
  await globalSetup();
  try {
    const {
      failed,
      steps: taken,
      digests,
    } = await simulateAll({ first, seeds, steps, lanes, shrinkSeconds, free: values.free }, (done, so) => {
      if (done % PROGRESS_EVERY === 0) say(`${done} seeds, ${so} steps`);
    });
    if (failed !== null) {
      say(`Seed ${failed.seed} fails: ${failed.error}`);
      say(`The shortest history found (${failed.shortest.length} of ${failed.steps} steps):`);
      for (const told of failed.shortest) say(`  ${JSON.stringify(told)}`);
      say(`Again: npm run simulate -- --seed ${failed.seed} --steps ${steps}`);
      return;
    }
    const digest = createHash('sha256').update(digests.join()).digest('hex').slice(0, 16);
    const seconds = ((performance.now() - began) / 1_000).toFixed(0);
    say(
      `${seeds} seeds from ${first}, ${taken} steps in ${seconds} s: as the model has it, and the books balance.`,
    );
    if (!values.free) say(`What happened has the digest ${digest}: the same every time.`);
    process.exitCode = 0;
  } finally {
    await globalTeardown();
  }
}

void main();
