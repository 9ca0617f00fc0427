// Detaches the ledger's oldest partition and stores its sums, so that stock levels can still be verified.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { OperatorError } from '../../refusals';
import { DAY_MS } from '../../values/time';
import {
  type Contents,
  carriedHash,
  contentsOf,
  oldestOpenDocument,
  salesRecordedUntil,
  sealAt,
  sealedThrough,
} from '../queries/detached';
import { type LedgerPartition, lastDrawnId, partitions } from '../queries/partitions';
import { findFault } from '../queries/seals';
import { ADD_SUMS, ledgerState } from '../queries/sums';
import { balanceLedger } from './balance';
import { lockPatiently } from './createPartitions';

/** Lead times are learnt from the receipts of a year; no other read goes further back. */
export const KEEP_DAYS = 400;
/** A local day's sales are recorded again when a move falls on it, which is impossible two days after its last move. */
const RESTATED_DAYS = 2;

/** A partition that was detached just now. */
export interface Detached extends Contents {
  name: string;
  /** Hexadecimal; kept elsewhere, it proves the carried sums. */
  carriedHash: string;
}

const day = (at: Date): string => at.toISOString().slice(0, 10);

/** @throws OperatorError when the partition is still needed */
async function refuseNeeded(
  tx: Tx,
  partition: LedgerPartition,
  contents: Contents,
  before: Date,
): Promise<void> {
  const { name, to } = partition;
  const refuse = (why: string): never => {
    throw new OperatorError(`${name} was not detached: ${why}`);
  };
  if (to === null || (await lastDrawnId(tx)) < to) refuse('moves are still written into it.');
  if ((await sealedThrough(tx)) < to! - 1)
    refuse('it has moves that are not sealed yet; sealLedger seals them within the hour.');
  const { lastAt } = contents;
  if (lastAt === null) return;
  if (lastAt >= before) refuse(`its last move is of ${day(lastAt)}, not before ${day(before)}.`);
  const open = await oldestOpenDocument(tx);
  if (open !== null && open.began <= lastAt)
    refuse(`a ${open.what} of ${day(open.began)} is still open, and its moves may be in it; close it first.`);
  const recordedUntil = await salesRecordedUntil(tx);
  if (recordedUntil === null || recordedUntil.getTime() < lastAt.getTime() + RESTATED_DAYS * DAY_MS)
    refuse('recordSales has not recorded all its days yet; it does so every ten minutes.');
}

const DETACH = (name: string): readonly string[] => [
  `ALTER TABLE stock_move DETACH PARTITION ${name}`,
  // A detached partition loses the triggers of its parent.
  `CREATE TRIGGER stock_move_append_only BEFORE UPDATE OR DELETE ON ${name}
   FOR EACH ROW EXECUTE FUNCTION refuse_rewriting_the_ledger()`,
];
const ADD = ADD_SUMS('ledger_carried');
const REMEMBER = `
  INSERT INTO ledger_detached (name, through_id, first_id, last_id, first_at, last_at, moves, seal_hash, carried_hash,
                               detached_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, decode($8, 'hex'), decode($9, 'hex'), $10)`;
const ADVANCE = 'UPDATE ledger_state SET detached_id = $1';

/** Carries the sums, detaches the table and records it, in one transaction. */
async function detachOldest(tx: Tx, checked: string, before: Date, now: Date): Promise<Detached> {
  await tx.rows('SET LOCAL statement_timeout = 0');
  const state = await ledgerState(tx, true);
  const [oldest] = await partitions(tx);
  if (oldest?.name !== checked) throw new OperatorError(`${checked} is being detached by another program.`);
  const contents = await contentsOf(tx, oldest.name);
  await refuseNeeded(tx, oldest, contents, before);
  const through = oldest.to! - 1;
  await tx.rows(ADD, [state.detachedId, through]);
  const hash = await carriedHash(tx);
  const { firstId, lastId, firstAt, lastAt, moves } = contents;
  const seal = await sealAt(tx, through);
  await lockPatiently(tx);
  for (const statement of DETACH(oldest.name)) await tx.rows(statement);
  const facts = [
    oldest.name,
    through,
    firstId,
    lastId,
    firstAt,
    lastAt,
    moves,
    seal?.hash ?? null,
    hash,
    now,
  ];
  await tx.rows(REMEMBER, facts);
  await tx.rows(ADVANCE, [through]);
  return { ...contents, name: oldest.name, carriedHash: hash };
}

/** Checks that the oldest partition is no longer needed and that its moves are those that were sealed. Answers its name. */
async function checkOldest(db: Db, before: Date): Promise<string> {
  const [oldest] = await partitions(db);
  if (oldest === undefined) throw new OperatorError('The ledger has no partition that could be detached.');
  await inTransaction(db, async (tx) => {
    await tx.rows('SET LOCAL statement_timeout = 0');
    // Checked first, because comparing the seals of a partition that is still needed would be useless.
    await refuseNeeded(tx, oldest, await contentsOf(tx, oldest.name), before);
  });
  const start = await sealAt(db, (await ledgerState(db)).detachedId);
  const fault = await findFault(db, start ?? { throughId: 0, hash: '' }, oldest.to! - 1);
  if (fault !== null)
    throw new OperatorError(
      `${oldest.name} was not detached, its moves are not those that were sealed: ${fault}.`,
    );
  return oldest.name;
}

/**
 * Detaches the partitions whose last move is before `before`, oldest first, until one is not; answers those it detached.
 * Their tables stay in the database under their names, to be dumped and dropped. Each is a transaction of its own, after
 * its moves were compared with their seals. Only writers wait while a partition is detached.
 *
 * @throws OperatorError when not even the oldest could be: younger than KEEP_DAYS, still written, not sealed, needed by
 * an open document, not in the sales history yet, or different from what was sealed
 */
export async function detachBefore(
  db: Db,
  before: Date,
  now: Date,
  report: (detached: Detached) => void = () => {},
): Promise<Detached[]> {
  const latest = new Date(now.getTime() - KEEP_DAYS * DAY_MS);
  if (before > latest) {
    throw new OperatorError(
      `Moves of the last ${KEEP_DAYS} days are needed (lead times are learnt from them): name a day up to ${day(latest)}.`,
    );
  }
  const done: Detached[] = [];
  for (;;) {
    try {
      const checked = await checkOldest(db, before);
      await balanceLedger(db);
      const detached = await inTransaction(db, (tx) => detachOldest(tx, checked, before, now));
      report(detached);
      done.push(detached);
    } catch (error) {
      if (error instanceof OperatorError && done.length > 0) return done;
      throw error;
    }
  }
}
