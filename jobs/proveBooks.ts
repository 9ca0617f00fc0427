// Checks stock levels against the ledger every night; on drift it logs an error and sets a metric above zero.

import type { Parts } from '../src/graphql/context';
import { bookDrift } from '../src/metrics';
import type { ReportProgress } from '../src/runtime/jobs';
import { balanceLedger } from '../src/stock/actions/balance';
import { stockDrift } from '../src/stock/queries/levels';

/** Rows of the drift that the log spells out. */
const SPELLED_OUT = 20;

/** Brings the kept sums up to the last seal first: what is left to add up is an hour, whatever the ledger's size. */
export async function proveBooks(
  { db, log }: Parts,
  _dueAt: Date,
  progress: ReportProgress,
): Promise<{ drift: number }> {
  await balanceLedger(db, async (balanced) => {
    if (balanced > 0 && !(await progress({ balanced }))) throw new Error('another runner proves the books');
    return true;
  });
  const drift = await stockDrift(db);
  bookDrift.set(drift.length);
  if (drift.length > 0) {
    log.error({ drift: drift.slice(0, SPELLED_OUT), rows: drift.length }, 'the books do not add up');
  }
  return { drift: drift.length };
}
