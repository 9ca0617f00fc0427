// Checks stock levels against the ledger once a day; on drift it logs an error and sets a metric above zero.

import type { Parts } from '../src/graphql/context';
import { bookDrift } from '../src/metrics';
import type { ReportProgress } from '../src/runtime/jobs';
import { balanceLedger } from '../src/stock/actions/balance';
import { stockDrift } from '../src/stock/queries/levels';

/** Most rows of the drift that are logged. */
const SPELLED_OUT = 20;

/** Updates the stored sums to the last seal first, so that only an hour of moves is left to add up, whatever the size of the ledger. */
export async function proveBooks(
  { db, log }: Parts,
  _dueAt: Date,
  progress: ReportProgress,
): Promise<{ drift: number }> {
  await balanceLedger(db, async (balanced) => {
    if (balanced > 0 && !(await progress({ balanced })))
      throw new Error('another runner has taken over this run');
    return true;
  });
  const drift = await stockDrift(db);
  bookDrift.set(drift.length);
  if (drift.length > 0) {
    log.error(
      { drift: drift.slice(0, SPELLED_OUT), rows: drift.length },
      'stock levels differ from the ledger or the documents',
    );
  }
  return { drift: drift.length };
}
