// Proves the books every night: an error in the log and a metric above zero are the alarm.

import type { Parts } from '../src/graphql/context';
import { bookDrift } from '../src/metrics';
import { stockDrift } from '../src/stock/queries';

/** Rows of the drift that the log spells out. */
const SPELLED_OUT = 20;

export async function proveBooks({ db, log }: Parts): Promise<{ drift: number }> {
  const drift = await stockDrift(db);
  bookDrift.set(drift.length);
  if (drift.length > 0) {
    log.error({ drift: drift.slice(0, SPELLED_OUT), rows: drift.length }, 'the books do not add up');
  }
  return { drift: drift.length };
}
