// npm run audit: verifies the whole ledger, block by block in bounded memory, and names the first row that was changed.

import { parseArgs } from 'node:util';
import type { Db } from '../db/pool';
import { OperatorError } from '../refusals';
import { boot, run } from '../server/boot';
import { balanceLedger } from '../stock/actions/balance';
import { carriedHash, type DetachedPartition, detachedPartitions } from '../stock/queries/detached';
import { stockDrift } from '../stock/queries/levels';
import { wrongSums } from '../stock/queries/resum';
import { faultOf, type Link, nextSeal, unsealedMoves } from '../stock/queries/seals';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const count = (n: number): string => n.toLocaleString('en');
/** Seals between two lines of progress. */
const PROGRESS_EVERY = 100;
const SHOWN = 20;

interface VerifiedChain extends Link {
  moves: number;
  seals: number;
  /** Moves of detached tables that no longer exist: only their seals are left. */
  bySealOnly: number;
  /** The head given on the command line was found while reading. */
  met: boolean;
}

/** The table of the ledger with the moves after this id; null: it no longer exists. */
function tableAfter(id: number, detached: readonly DetachedPartition[]): string | null {
  const partition = detached.find((d) => d.throughId > id && d.lastId !== null && d.lastId > id);
  if (partition === undefined) return 'stock_move';
  return partition.there ? partition.name : null;
}

const broken = (fault: string): OperatorError => new OperatorError(`The ledger check failed: ${fault}.`);

/** Follows the seals from the first on. @throws OperatorError naming the first bad row */
async function followChain(
  db: Db,
  wanted: string | null,
  detached: readonly DetachedPartition[],
): Promise<VerifiedChain> {
  const chain = { moves: 0, seals: 0, bySealOnly: 0, throughId: 0, hash: '', met: wanted === null };
  for (;;) {
    const table = tableAfter(chain.throughId, detached);
    const seal = await nextSeal(db, chain, table);
    if (seal === null) return chain;
    if (!seal.unbroken) throw broken(await faultOf(db, chain, seal, table));
    chain.moves += seal.moves;
    if (table === null) chain.bySealOnly += seal.moves;
    chain.seals += 1;
    chain.throughId = seal.throughId;
    chain.hash = seal.hash;
    chain.met ||= seal.hash === wanted;
    if (chain.seals % PROGRESS_EVERY === 0)
      print(`  ${count(chain.moves)} moves are unchanged since they were sealed`);
  }
}

/** Compares the stored sums with the sums of the moves. @throws OperatorError */
async function proveSums(db: Db, detached: readonly DetachedPartition[]): Promise<void> {
  const last = detached.at(-1);
  if (last !== undefined && (await carriedHash(db)) !== last.carriedHash)
    throw broken(`the carried sums are not what they were when ${last.name} was detached`);
  const wrong = await wrongSums(db, SHOWN);
  for (const w of wrong) print(`  ${w.location} ${w.sku}: the stored sums are not those of its moves`);
  if (wrong.length > 0) throw broken('the stored sums of the ledger differ from the sums of its moves');
  print('The stored sums equal the sums of all moves.');
}

async function proveLevels(db: Db): Promise<void> {
  const drift = await stockDrift(db);
  for (const d of drift.slice(0, SHOWN)) {
    print(
      `  ${d.location} ${d.sku} ${d.bucket}: the level is ${d.level}, the sum of ${d.source.toLowerCase()} is ${d.expected}`,
    );
  }
  if (drift.length > 0) throw broken(`${count(drift.length)} levels do not add up`);
  print('Every level is the sum of its moves and of the open documents.');
}

async function audit(db: Db, wanted: string | null): Promise<void> {
  const detached = await detachedPartitions(db);
  // What is added to the stored sums here is summed again below.
  await balanceLedger(db);
  // Each of the two reads the ledger once, on a connection of its own.
  const [chain, sums] = await Promise.allSettled([
    followChain(db, wanted, detached),
    proveSums(db, detached),
  ]);
  if (chain.status === 'rejected') throw chain.reason;
  const { moves, seals, bySealOnly, throughId, hash, met } = chain.value;
  print(
    `${count(moves)} moves in ${count(seals)} seals are unchanged; the head is ${hash || 'not there yet'}.`,
  );
  if (bySealOnly > 0)
    print(
      `${count(bySealOnly)} of them are detached and dropped: only their seals and carried sums were checked.`,
    );
  if (!met) throw broken(`no seal has the hash ${wanted}`);
  if (sums.status === 'rejected') throw sums.reason;
  const open = await unsealedMoves(db, throughId);
  print(`${count(open)} moves are newer; the next run of sealLedger seals them.`);
  await proveLevels(db);
}

/** @throws OperatorError */
function wantedHead(args: string[]): string | null {
  const usage = 'npm run audit [-- --head <hash that a log of sealLedger names>]';
  try {
    const { values } = parseArgs({ args, options: { head: { type: 'string' } } });
    if (values.head !== undefined && !/^[0-9a-f]{64}$/.test(values.head)) {
      throw new Error(`--head is '${values.head}', not 64 hexadecimal digits`);
    }
    return values.head ?? null;
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}. Usage: ${usage}`);
  }
}

async function main(): Promise<void> {
  const head = wantedHead(process.argv.slice(2));
  const { parts, close } = await boot(print);
  try {
    await audit(parts.db, head);
  } finally {
    await close();
  }
}

void run(main);
