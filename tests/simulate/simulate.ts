// npm run simulate -- --seed N --steps M [--seeds K]: the real acts on a real database, with faults at seeded points, against the model.

import { parseArgs } from 'node:util';
import globalSetup from '../support/globalSetup';
import globalTeardown from '../support/globalTeardown';
import { simulate } from './history';

const USAGE = 'npm run simulate -- [--seed 1] [--steps 60] [--seeds 1]';
const TELL_EVERY = 50;

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
    },
  });
  const first = count('seed', values.seed);
  const steps = count('steps', values.steps);
  const seeds = count('seeds', values.seeds);
  await globalSetup();
  try {
    let taken = 0;
    for (let seed = first; seed < first + seeds; seed += 1) {
      const outcome = await simulate({ seed, steps });
      taken += outcome.steps;
      if (outcome.failed) {
        say(`Seed ${seed} fails: ${outcome.error}`);
        say(`The shortest history found (${outcome.shortest.length} of ${outcome.steps} steps):`);
        for (const told of outcome.shortest) say(`  ${JSON.stringify(told)}`);
        say(`Again: npm run simulate -- --seed ${seed} --steps ${steps}`);
        process.exitCode = 1;
        return;
      }
      if ((seed - first + 1) % TELL_EVERY === 0) say(`${seed - first + 1} seeds, ${taken} steps`);
    }
    say(`${seeds} seeds from ${first}, ${taken} steps: as the model has it, and the books balance.`);
  } finally {
    await globalTeardown();
  }
}

void main();
