// Measuring several things in turns, so that a machine that is slower for a while is slower for all of them.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Measured, measure } from './load';
import { spentMs } from './spent';

/** The CPU time of one request. Null: it cannot be measured on this system. */
export interface Sample {
  perSecond: number;
  medianMs: number | null;
  p99Ms: number | null;
  /** Processor time of the serving process, in milliseconds a request. */
  serverMs: number | null;
  /** Processor time of PostgreSQL, all its processes, in milliseconds a request. */
  databaseMs: number | null;
}

/** The processes with measured CPU time. */
export interface MeasuredProcesses {
  server: number | null;
  database: number | null;
}

/** Something measured again in every round, for so many seconds. */
export interface Runner {
  name: string;
  /** The processes with measured CPU time; everything that they spend while it runs counts. */
  measured: MeasuredProcesses;
  run(seconds: number): Promise<Pick<Sample, 'perSecond' | 'medianMs' | 'p99Ms'> & { done: number }>;
}

const SETTLE_MS = 300;

const spent = (pid: number | null): number | null => (pid === null ? null : spentMs(pid));

async function sampleOf({ measured, run }: Runner, seconds: number): Promise<Sample> {
  const before = [spent(measured.server), spent(measured.database)];
  const { done, perSecond, medianMs, p99Ms } = await run(seconds);
  const each = (pid: number | null, first: number | null | undefined): number | null => {
    const last = spent(pid);
    return last === null || first == null || done === 0 ? null : (last - first) / done;
  };
  const serverMs = each(measured.server, before[0]);
  return { perSecond, medianMs, p99Ms, serverMs, databaseMs: each(measured.database, before[1]) };
}

export function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((v) => v !== null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const middle = known.length / 2;
  return (known[Math.floor(middle)]! + known[Math.ceil(middle) - 1]!) / 2;
}

export interface Turns {
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  /** Called with the result of each turn. */
  progress: (line: string) => void;
}

/** Runs them in turns, A B A B …, after a short unmeasured turn each (unless that has no time), and gives the median of each figure by name. */
export async function inTurns(
  runners: readonly Runner[],
  { rounds, seconds, warmUpSeconds, progress }: Turns,
): Promise<Map<string, Sample>> {
  if (warmUpSeconds > 0) for (const runner of runners) await runner.run(warmUpSeconds);
  const samples = new Map<string, Sample[]>(runners.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const runner of runners) {
      await sleep(SETTLE_MS);
      const sample = await sampleOf(runner, seconds);
      samples.get(runner.name)!.push(sample);
      progress(`  round ${round}: ${runner.name}: ${sample.perSecond.toFixed(0)} a second`);
    }
  }
  return new Map(
    [...samples].map(([name, all]) => [
      name,
      {
        perSecond: median(all.map((s) => s.perSecond))!,
        medianMs: median(all.map((s) => s.medianMs)),
        p99Ms: median(all.map((s) => s.p99Ms)),
        serverMs: median(all.map((s) => s.serverMs)),
        databaseMs: median(all.map((s) => s.databaseMs)),
      },
    ]),
  );
}

/** A runner that keeps so many requests in flight. */
export function clientRunner(
  name: string,
  measured: MeasuredProcesses,
  width: number,
  send: (i: number) => Promise<unknown>,
): Runner {
  return { name, measured, run: (seconds): Promise<Measured> => measure(seconds, width, send) };
}
