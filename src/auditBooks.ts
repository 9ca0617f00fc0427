// npm run audit: proves the whole book, block by block in bounded memory, and names the first row that is not what it was.

import { parseArgs } from 'node:util';
import { boot, run } from './boot';
import { ConfigProblem } from './config';
import type { Db } from './db/pool';
import { stockDrift } from './stock/queries';
import { firstBadMove, nextSeal, unsealedMoves } from './stock/queries/seals';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
/** Seals between two lines of progress. */
const TELL_EVERY = 100;
const DRIFT_SHOWN = 20;

interface Chain {
  moves: number;
  seals: number;
  throughId: number;
  head: string;
  /** The head that was asked for was met on the way. */
  met: boolean;
}

const FAULTS = {
  MISSING: 'is gone',
  ADDED: 'was not there when its block was sealed',
  CHANGED: 'is not what it was',
} as const;

/** Follows the seals from the first on. @throws ConfigProblem naming the first bad row */
async function followChain(db: Db, wanted: string | null): Promise<Chain> {
  const chain: Chain = { moves: 0, seals: 0, throughId: 0, head: '', met: wanted === null };
  for (;;) {
    const seal = await nextSeal(db, chain.throughId, chain.head);
    if (seal === null) return chain;
    if (!seal.unbroken) {
      const bad = await firstBadMove(db, chain.throughId, seal.throughId);
      const sealed = `sealed ${seal.sealedAt.toISOString()}`;
      throw new ConfigProblem(
        bad
          ? `The books are broken: move ${bad.id} ${FAULTS[bad.fault]} (${sealed}).`
          : `The books are broken: the seal through move ${seal.throughId} was changed, or does not follow the one before (${sealed}).`,
      );
    }
    chain.moves += seal.moves;
    chain.seals += 1;
    chain.throughId = seal.throughId;
    chain.head = seal.hash;
    chain.met ||= seal.hash === wanted;
    if (chain.seals % TELL_EVERY === 0)
      say(`  ${chain.moves.toLocaleString('en')} moves are what was sealed`);
  }
}

async function audit(db: Db, wanted: string | null): Promise<void> {
  const chain = await followChain(db, wanted);
  const count = (n: number): string => n.toLocaleString('en');
  say(
    `${count(chain.moves)} moves in ${count(chain.seals)} seals are what they were; the head is ${chain.head || 'not there yet'}.`,
  );
  if (!chain.met) throw new ConfigProblem(`The books are broken: no seal has the hash ${wanted}.`);
  const open = await unsealedMoves(db, chain.throughId);
  say(`${count(open)} moves came since, and are sealed by the next run of sealLedger.`);
  const drift = await stockDrift(db);
  for (const d of drift.slice(0, DRIFT_SHOWN)) {
    say(
      `  ${d.location} ${d.sku} ${d.bucket}: the level says ${d.level}, the ${d.source.toLowerCase()} ${d.expected}`,
    );
  }
  if (drift.length > 0) {
    throw new ConfigProblem(`The books are broken: ${count(drift.length)} levels do not add up.`);
  }
  say('Every level is the sum of its moves and of the open documents.');
}

/** @throws ConfigProblem */
function wantedHead(words: string[]): string | null {
  const usage = 'npm run audit [-- --head <hash that a log of sealLedger names>]';
  try {
    const { values } = parseArgs({ args: words, options: { head: { type: 'string' } } });
    if (values.head !== undefined && !/^[0-9a-f]{64}$/.test(values.head)) {
      throw new Error(`--head is '${values.head}', not 64 hexadecimal digits`);
    }
    return values.head ?? null;
  } catch (error) {
    throw new ConfigProblem(`${(error as Error).message}. Usage: ${usage}`);
  }
}

async function main(): Promise<void> {
  const head = wantedHead(process.argv.slice(2));
  const { parts, close } = await boot(say);
  try {
    await audit(parts.db, head);
  } finally {
    await close();
  }
}

void run(main);
