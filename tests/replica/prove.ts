// npm run prove:replica: the program on a primary and a real streaming replica, holds and reads at once, while the replica is
// paused, killed, frozen and started again. Prints who answered and how long a change took; ends with 1 if one answer was wrong.

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDb } from '../../src/db/pool';
import { endPrograms, type Program, startProgram } from '../support/process';
import { fillWorld, newToken } from '../support/world';
import { type Checker, newChecker, type Tally } from './checker';
import { findPostgres, NO_POSTGRES, type Pair, startPair } from './servers';

const USAGE = 'npm run prove:replica [-- --seconds 10 --clients 16 --processes 2 --max-lag-ms 50]';
const SECRET_KEY = 'a long random text of the tests, 40 bytes';
const CHANGE_LIMIT_MS = 60_000;
const POLL_MS = 20;
const SAMPLE_MS = 250;

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

/** What all programs have counted. */
interface Figures {
  replica: number;
  primary: number;
  behind: number;
  failed: number;
  /** Of all processes, the worst. */
  lagMs: number;
}

class Stage {
  constructor(
    readonly pair: Pair,
    readonly programs: readonly Program[],
    private readonly processes: number,
    private readonly admin: string,
    private readonly checker: Checker,
  ) {}

  async figures(): Promise<Figures> {
    const sums: Figures = { replica: 0, primary: 0, behind: 0, failed: 0, lagMs: 0 };
    for (const { url } of this.programs) {
      const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${this.admin}` } });
      const text = await response.text();
      const figure = (name: string): number =>
        Number(new RegExp(`^comptoir_${name}\\S* ([\\d.e+-]+)`, 'm').exec(text)?.[1] ?? 0);
      sums.replica += figure('reads_total\\{door="replica"');
      sums.primary += figure('reads_total\\{door="primary"');
      sums.behind += figure('replica_fallbacks_total\\{reason="behind"');
      sums.failed += figure('replica_fallbacks_total\\{reason="failed"');
      sums.lagMs = Math.max(sums.lagMs, figure('replica_lag_seconds') * 1_000);
    }
    return sums;
  }

  /** Does something, and waits until every process has said so in its log: milliseconds to the first and to the last. */
  async heard(words: string, act: () => Promise<void> | void): Promise<{ first: number; last: number }> {
    const offsets = this.programs.map((program) => program.stdout().length);
    const begun = Date.now();
    await act();
    for (;;) {
      const times = this.programs.flatMap((program, i) =>
        program
          .stdout()
          .slice(offsets[i])
          .split('\n')
          .filter((line) => line.includes(words))
          .map((line) => (JSON.parse(line) as { time: number }).time - begun),
      );
      if (times.length >= this.processes) return { first: Math.min(...times), last: Math.max(...times) };
      if (Date.now() - begun > CHANGE_LIMIT_MS) {
        throw new Error(`only ${times.length} of ${this.processes} processes said '${words}'`);
      }
      await sleep(POLL_MS);
    }
  }

  /** Clients at work until `scene` is over; states what they saw and who answered. */
  async play(name: string, scene: () => Promise<string>): Promise<Tally> {
    const before = await this.figures();
    const lags: number[] = [];
    let over = false;
    const sampling = (async () => {
      for (; !over; await sleep(SAMPLE_MS)) lags.push((await this.figures()).lagMs);
    })();
    const begun = performance.now();
    const running = this.checker.run(
      this.programs.map((program) => program.url),
      () => over,
    );
    const told = await scene().catch((error: Error) => `went wrong: ${error.message}`);
    over = true;
    const [tally] = await Promise.all([running, sampling]);
    const seconds = (performance.now() - begun) / 1_000;
    const after = await this.figures();
    const replica = after.replica - before.replica;
    const all = replica + after.primary - before.primary;
    lags.sort((a, b) => a - b);
    say(`${name}, ${seconds.toFixed(1)} s${told === '' ? '' : `: ${told}`}`);
    say(
      `  ${tally.holds} acts, ${tally.reads} questions (slowest ${Math.round(tally.slowestMs)} ms), ${tally.wrong} wrong; ` +
        `of ${all} reads ${((100 * replica) / Math.max(1, all)).toFixed(1)} % were the replica’s, ` +
        `${after.behind - before.behind} found it behind, ${after.failed - before.failed} found it failing; ` +
        `lag ${Math.round(lags[Math.floor(lags.length / 2)] ?? 0)} ms in the middle, ${Math.round(lags.at(-1) ?? 0)} at worst`,
    );
    for (const line of tally.told) say(`  WRONG ${line}`);
    if (told.startsWith('went wrong')) tally.wrong += 1;
    return tally;
  }
}

const times = ({ first, last }: { first: number; last: number }): string =>
  first === last ? `${first} ms` : `${first} to ${last} ms`;
const BACK = 'a replica answers reads';

/** All scenes; answers how many answers were wrong. */
async function playAll(stage: Stage, seconds: number): Promise<number> {
  const { pair } = stage;
  const pause = () => sleep(seconds * 1_000);
  const tallies = [
    await stage.play('Calm', async () => {
      await pause();
      return '';
    }),
    await stage.play('Replay is paused, then goes on', async () => {
      const left = await stage.heard('a replica is behind', pair.pause);
      await pause();
      const back = await stage.heard(BACK, pair.resume);
      await pause();
      return `left alone after ${times(left)}, back after ${times(back)}`;
    }),
    await stage.play('The replica is killed, then started', async () => {
      const left = await stage.heard('a replica is out of reach', pair.kill);
      await pause();
      const started = performance.now();
      const back = await stage.heard(BACK, pair.restart);
      const ready = Math.round(performance.now() - started);
      await pause();
      return `left alone after ${times(left)}, back ${times(back)} after its start (all of it ${ready} ms)`;
    }),
    await stage.play('The replica hangs without a word, then goes on', async () => {
      const left = await stage.heard('a replica is out of reach', pair.freeze);
      await pause();
      const back = await stage.heard(BACK, pair.thaw);
      await pause();
      return `left alone after ${times(left)}, back after ${times(back)}`;
    }),
  ];
  return tallies.reduce((sum, tally) => sum + tally.wrong, 0);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      clients: { type: 'string', default: '16' },
      processes: { type: 'string', default: '2' },
      'max-lag-ms': { type: 'string', default: '50' },
    },
  });
  const [seconds, clients, processes] = [values.seconds, values.clients, values.processes].map(Number) as [
    number,
    number,
    number,
  ];
  if (![seconds, clients, processes].every((n) => n > 0)) throw new Error(USAGE);
  if (findPostgres() === null) throw new Error(NO_POSTGRES);
  const pair = await startPair({ safe: true });
  try {
    const env = {
      DATABASE_URL: pair.primaryUrl,
      DATABASE_REPLICA_URL: pair.replicaUrl,
      REPLICA_MAX_LAG_MS: values['max-lag-ms'],
      SECRET_KEY,
      JOBS: 'false',
    };
    // Two programs, as on two machines; the first has several processes.
    const programs = [await startProgram({ env: { ...env, API_PROCESSES: String(processes) } }).ready()];
    programs.push(await startProgram({ env: { ...env, API_PROCESSES: '1' } }).ready());
    const db = openDb(pair.primaryUrl, 2);
    await fillWorld(db);
    const admin = await newToken(db, 'ADMIN', 'admin');
    const checker = await newChecker(db, programs[0]!.url, clients);
    for (const program of programs) await program.waitForOutput(BACK);
    say(
      `${clients} clients through a program of ${processes} processes and one of 1; on one shelf each, every act is`,
    );
    say('followed by three questions: by its actor at the same and at another door, and by somebody else.');
    const stage = new Stage(pair, programs, processes + 1, admin, checker);
    const wrong = await playAll(stage, seconds);
    await db.close();
    say(wrong === 0 ? 'Not one answer was stale, wrong or an error.' : `${wrong} answers were wrong.`);
    process.exitCode = wrong === 0 ? 0 : 1;
  } finally {
    await endPrograms();
    await pair.stop();
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
