// Records our own sales from the ledger, marks stock-outs of days that ended, and creates next year's partitions.

import type { Parts } from '../src/graphql/context';
import { ensureYears } from '../src/sales/actions/imports/yearPartitions';
import { recordOwnSales } from '../src/sales/actions/own/record';
import { recordStockOuts } from '../src/sales/actions/own/stockOuts';

export async function recordSales({ db }: Parts, dueAt: Date) {
  const year = dueAt.getUTCFullYear();
  const years = await ensureYears(db, [year, year + 1]);
  // `moves` counts moves read, some of them again; a run that changed nothing else had nothing to do.
  const { days, returns } = await recordOwnSales(db, dueAt);
  return { days, returns, ...(await recordStockOuts(db, dueAt)), years };
}
