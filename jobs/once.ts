// npm run job -- <name> [--due <ISO time>]: runs one job by hand, also beside a running server. Without a name it lists the jobs.

import { parseArgs } from 'node:util';
import { OperatorError } from '../src/refusals';
import { boot, run } from '../src/server/boot';
import { JobRunner, queueOf } from './runner';
import { type Job, TIMETABLE } from './timetable';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function list(): void {
  print('Jobs (due times are UTC); run one with npm run job -- <name> [--due <ISO time>]:');
  for (const { name, cron, what } of TIMETABLE) print(`  ${name.padEnd(20)} ${cron.padEnd(16)} ${what}`);
}

/** Attempts allowed by hand: more than MAX_RUN_ATTEMPTS, after which runners stop trying. */
const MOST_BY_HAND = 1_000;

interface JobRequest {
  job: Job;
  /** Null: now. */
  dueAt: Date | null;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

function dueOf(text: string): Date {
  const dueAt = new Date(text);
  if (!ISO_TIME.test(text) || Number.isNaN(dueAt.getTime())) {
    throw new OperatorError(
      `--due is '${text}'; it must be an ISO time with its zone, like 2026-11-25T02:15:00Z.`,
    );
  }
  if (dueAt.getTime() > Date.now()) throw new OperatorError(`--due is '${text}', which is in the future.`);
  return dueAt;
}

/** Parses the arguments; null: list the jobs. @throws OperatorError */
function wanted(words: string[]): JobRequest | null {
  let parsed: { values: { due?: string }; positionals: string[] };
  try {
    parsed = parseArgs({ args: words, options: { due: { type: 'string' } }, allowPositionals: true });
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}; write npm run job -- <name> [--due <ISO time>].`);
  }
  const [name, ...more] = parsed.positionals;
  if (name === undefined && parsed.values.due === undefined) return null;
  const job = TIMETABLE.find((j) => j.name === name);
  if (job === undefined || more.length > 0) {
    const names = TIMETABLE.map((j) => j.name).join(', ');
    throw new OperatorError(`There is no job '${parsed.positionals.join(' ')}'; there are ${names}.`);
  }
  return { job, dueAt: parsed.values.due === undefined ? null : dueOf(parsed.values.due) };
}

async function main(): Promise<void> {
  const request = wanted(process.argv.slice(2));
  if (request === null) return list();
  const { job } = request;
  const { parts, close } = await boot(print);
  const queue = queueOf(parts);
  try {
    const dueAt = request.dueAt ?? parts.clock();
    const takeoverSeconds = parts.config.jobTakeoverSeconds;
    const runner = new JobRunner(parts, [job], undefined, { queue, takeoverSeconds });
    const outcome = await runner.runDue(job, dueAt, MOST_BY_HAND);
    const which = `${job.name} due ${dueAt.toISOString()}`;
    if (!outcome.ran) print(`${which} was run before, or is being run: nothing to do.`);
    else if ('error' in outcome) throw outcome.error;
    else print(`${which}: ${JSON.stringify(outcome.figures)}`);
  } finally {
    await queue.close(parts.config.drainSeconds);
    await close();
  }
}

void run(main);
