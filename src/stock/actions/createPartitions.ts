// Creates the ledger's next partitions before they are needed.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Db, Tx } from '../../db/pool';
import { inTransaction, sqlState } from '../../db/transaction';
import { type LedgerPartition, lastDrawnId, partitions } from '../queries/partitions';

/** Moves of one partition. At a million moves a day it lasts ten days; its indexes fit into a small server's memory. */
export const PARTITION_MOVES = 10_000_000;
/** Number of empty partitions kept ahead of the one without an end. */
const AHEAD = 2;
const BEYOND = 'stock_move_beyond';

/** A transaction waiting for these locks blocks all later ones, so it gives up soon and tries again. */
const IMPATIENT = "SET LOCAL lock_timeout = '1s'";
const TRIES = 5;
const PAUSE_MS = 2_000;
const LOCK_NOT_AVAILABLE = '55P03';

// In the lock order of every command (its own row, then the tables it reads, the ledger last), so that no deadlock is
// possible.
const LOCKS = [
  'LOCK TABLE command, location, sku IN SHARE ROW EXCLUSIVE MODE',
  'LOCK TABLE stock_move IN ACCESS EXCLUSIVE MODE',
];

/**
 * Locks the ledger for a change of its tables. Each attempt waits for at most a second and is rolled back to a savepoint, so
 * that earlier work of the transaction is kept. Fails after TRIES attempts (SQLSTATE 55P03).
 */
export async function lockPatiently(tx: Tx): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    await tx.rows('SAVEPOINT unlocked');
    try {
      await tx.rows(IMPATIENT);
      for (const lock of LOCKS) await tx.rows(lock);
      return;
    } catch (error) {
      if (left === 1 || sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
      await tx.rows('ROLLBACK TO SAVEPOINT unlocked');
      await sleep(PAUSE_MS);
    }
  }
}

const roundUp = (id: number): number => (Math.floor(id / PARTITION_MOVES) + 1) * PARTITION_MOVES;

/** Where partitions must end so that enough are ahead of a move. */
const wantedEnd = (lastId: number): number => roundUp(lastId) + AHEAD * PARTITION_MOVES;

const NO_TRUNCATE = (table: string): string => `
  CREATE TRIGGER stock_move_no_truncate BEFORE TRUNCATE ON ${table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_the_ledger()`;

/** Removes the open end; if it has moves, it becomes a bounded partition. Answers where the next one begins. */
async function closeOpenEnd(tx: Tx, open: LedgerPartition, lastId: number): Promise<number> {
  const [used] = await tx.rows<{ used: boolean }>(`SELECT EXISTS (SELECT FROM ${BEYOND}) AS used`);
  if (!used!.used) {
    await tx.rows(`DROP TABLE ${BEYOND}`);
    return open.from!;
  }
  const end = roundUp(lastId);
  const name = `stock_move_from_${open.from}`;
  await tx.rows(`ALTER TABLE stock_move DETACH PARTITION ${BEYOND}`);
  await tx.rows(`ALTER TABLE ${BEYOND} RENAME TO ${name}`);
  await tx.rows(`ALTER TABLE stock_move ATTACH PARTITION ${name} FOR VALUES FROM (${open.from}) TO (${end})`);
  return end;
}

async function createMissingPartitions(tx: Tx): Promise<number> {
  await tx.rows('SET LOCAL statement_timeout = 0');
  await lockPatiently(tx);
  const there = await partitions(tx);
  const lastId = await lastDrawnId(tx);
  const open = there.find((partition) => partition.to === null);
  // The open end was removed by hand: continue after the last partition.
  let from = open ? await closeOpenEnd(tx, open, lastId) : there.at(-1)!.to!;
  let made = 0;
  for (const end = wantedEnd(lastId); from < end; from += PARTITION_MOVES) {
    const name = `stock_move_from_${from}`;
    await tx.rows(
      `CREATE TABLE ${name} PARTITION OF stock_move FOR VALUES FROM (${from}) TO (${from + PARTITION_MOVES})`,
    );
    await tx.rows(NO_TRUNCATE(name));
    made += 1;
  }
  await tx.rows(`CREATE TABLE ${BEYOND} PARTITION OF stock_move FOR VALUES FROM (${from}) TO (MAXVALUE)`);
  await tx.rows(NO_TRUNCATE(BEYOND));
  return made;
}

/**
 * Makes new partitions when fewer than AHEAD are empty before the one without an end; answers how many. Only writers wait
 * for it.
 */
export async function createPartitions(db: Db): Promise<number> {
  const open = (await partitions(db)).find((partition) => partition.to === null);
  if (open?.from != null && open.from >= wantedEnd(await lastDrawnId(db))) return 0;
  return inTransaction(db, createMissingPartitions);
}
