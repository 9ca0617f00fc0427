// Histories drawn from seeds, played many on one database and several databases beside each other, and made shorter when they fail.

import fc from 'fast-check';
import { type Db, openDb } from '../../src/db/pool';
import { balanceLedger } from '../../src/stock/actions/balance';
import { sealLedger } from '../../src/stock/actions/seal';
import { stockDrift } from '../../src/stock/queries/levels';
import { type Link, nextSeal } from '../../src/stock/queries/seals';
import { freshDatabase } from '../support/database';
import { CallGate } from './gate';
import { same } from './ops';
import { type Played, play } from './play';
import { shorten } from './shorten';
import { type DrawnFault, history } from './steps';
import { proveCertificates } from './world';

/** Connections of each process: more than there can be transactions at once, so that nobody waits for one. */
const CONNECTIONS = 16;
/** Histories that one database sees before its whole book is proven and a fresh one is taken. */
const PER_DATABASE = 50;
const SHRINK_SECONDS = 60;

/** Changes a fresh database first: tests plant bugs with it. */
export type Prepare = (db: Db) => Promise<unknown>;

/** What came of one seed. */
export type HistoryOutcome =
  | { failed: false; steps: number; digest: string }
  | { failed: true; seed: number; steps: number; shortest: readonly DrawnFault[]; error: string };

interface HistoryStage {
  dbs: readonly [Db, Db];
  gate: CallGate;
  close(): Promise<void>;
}

async function openStage(prepare: Prepare, free: boolean): Promise<HistoryStage> {
  const database = await freshDatabase();
  const dbs = [openDb(database.url, CONNECTIONS), openDb(database.url, CONNECTIONS)] as const;
  const gate = new CallGate(database.url, dbs, free);
  await gate.open();
  await prepare(dbs[0]);
  return {
    dbs,
    gate,
    async close() {
      await Promise.all([...dbs.map((db) => db.close()), gate.close()]);
      await database.drop();
    },
  };
}

const HOLDS = 'SELECT id FROM reservation';

/**
 * The whole book of a database on which histories have ended: levels, moves and documents before and after the moves are
 * sealed and summed, the chain of seals, and every certificate once more. @throws Mismatch
 */
async function proveBook(db: Db): Promise<void> {
  same('the ledger', await stockDrift(db), []);
  await sealLedger(db, new Date());
  await balanceLedger(db);
  same('the ledger by its sums', await stockDrift(db), []);
  for (let link: Link = { throughId: 0, hash: '' }; ; ) {
    const seal = await nextSeal(db, link);
    if (seal === null) break;
    same(`the seal through move ${seal.throughId} is unbroken`, seal.unbroken, true);
    link = seal;
  }
  const holds = await db.rows<{ id: string }>(HOLDS);
  await proveCertificates(
    db,
    holds.map((h) => h.id),
  );
}

let tags = 0;

/** A row of databases, one after the other, on which histories are played one after the other. */
export class Lane {
  #stage: Promise<HistoryStage> | null = null;
  #played = 0;

  /** With `free` those who come at once are served as it happens, not by lot. */
  constructor(
    readonly prepare: Prepare = async () => {},
    readonly free = false,
  ) {}

  /** Plays a history in a world of its own. After one that failed the next gets a fresh database. */
  async play(told: readonly DrawnFault[]): Promise<Played> {
    this.#stage ??= openStage(this.prepare, this.free);
    const stage = await this.#stage;
    tags += 1;
    try {
      const played = await play(stage, `w${tags}`, told);
      this.#played += 1;
      if (this.#played % PER_DATABASE === 0) await this.close();
      return played;
    } catch (error) {
      this.#stage = null;
      await stage.close();
      throw error;
    }
  }

  /** Proves the book of the database, which lets it go. @throws Mismatch when it is broken */
  async close(): Promise<void> {
    const stage = await this.#stage;
    this.#stage = null;
    if (stage === null) return;
    await proveBook(stage.dbs[0]).finally(() => stage.close());
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Plays the history of a seed. One that fails is made shorter for so many seconds, as long as it fails. */
export async function simulate(
  lane: Lane,
  { seed, steps, shrinkSeconds = SHRINK_SECONDS }: { seed: number; steps: number; shrinkSeconds?: number },
): Promise<HistoryOutcome> {
  const [told] = fc.sample(history(steps), { seed, numRuns: 1 });
  try {
    const { digest } = await lane.play(told!);
    return { failed: false, steps: told!.length, digest };
  } catch (error) {
    const deadline = performance.now() + shrinkSeconds * 1_000;
    const fails = async (shorter: readonly DrawnFault[]): Promise<string | null> => {
      if (performance.now() > deadline) return null;
      return lane.play(shorter).then(
        () => null,
        (e: unknown) => messageOf(e),
      );
    };
    const found = await shorten({ told: told!, error: messageOf(error) }, fails);
    return { failed: true, seed, steps: told!.length, shortest: found.told, error: found.error };
  }
}

type Failed = Extract<HistoryOutcome, { failed: true }>;

/**
 * Plays the histories of so many seeds from `first`, several at a time, until one fails. `told` hears after each.
 * The digest is over all of them, in the order of their seeds.
 */
export async function simulateAll(
  {
    first,
    seeds,
    lanes,
    free = false,
    ...how
  }: { first: number; seeds: number; lanes: number; free?: boolean; steps: number; shrinkSeconds?: number },
  told: (done: number, steps: number) => void = () => {},
): Promise<{ failed: Failed | null; steps: number; digests: string[] }> {
  const digests: string[] = [];
  let failed: Failed | null = null;
  let [next, done, taken] = [first, 0, 0];
  const run = async (): Promise<void> => {
    const lane = new Lane(undefined, free);
    while (next < first + seeds && failed === null) {
      const seed = next;
      next += 1;
      const outcome = await simulate(lane, { seed, ...how });
      taken += outcome.steps;
      done += 1;
      if (outcome.failed) failed ??= outcome;
      else digests[seed - first] = outcome.digest;
      told(done, taken);
    }
    await lane.close();
  };
  await Promise.all(Array.from({ length: lanes }, run));
  return { failed, steps: taken, digests };
}
