// Advances the stored sums of the ledger to the last seal, so that a proof adds up only later moves.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { ADD_SUMS, ledgerState } from '../queries/sums';

/** Seals whose moves are added in one transaction: at most 200,000 moves, a second or two. */
const SEALS_AT_ONCE = 20;

const NEXT = `
  SELECT max(through_id) AS "throughId", coalesce(sum(cardinality(ids)), 0)::int AS moves
  FROM (SELECT through_id, ids FROM ledger_seal WHERE through_id > $1 ORDER BY through_id LIMIT $2) s`;
const ADD = ADD_SUMS('ledger_balance');
const ADVANCE = 'UPDATE ledger_state SET balanced_id = $1';

/** Answers how many moves it added. */
async function addNext(tx: Tx): Promise<number> {
  const { balancedId } = await ledgerState(tx, true);
  const [next] = await tx.rows<{ throughId: number | null; moves: number }>(NEXT, [
    balancedId,
    SEALS_AT_ONCE,
  ]);
  if (next!.throughId === null) return 0;
  await tx.rows(ADD, [balancedId, next!.throughId]);
  await tx.rows(ADVANCE, [next!.throughId]);
  return next!.moves;
}

/**
 * Adds all sealed moves to ledger_balance, in steps of a transaction each; sealed moves are final, so each is added
 * exactly once, however often it runs and wherever it is interrupted. `goOn` is called before each step with the moves
 * added so far; false ends it early. Answers how many moves were added.
 */
export async function balanceLedger(
  db: Db,
  goOn: (moves: number) => Promise<boolean> = async () => true,
): Promise<number> {
  for (let moves = 0; ; ) {
    const added = (await goOn(moves)) ? await inTransaction(db, addNext) : 0;
    if (added === 0) return moves;
    moves += added;
  }
}
