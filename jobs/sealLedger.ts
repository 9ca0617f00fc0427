// Creates the ledger's next partitions and seals the moves of the last hours. The head of the chain is logged: stored elsewhere, it proves all moves
// before it.

import type { Parts } from '../src/graphql/context';
import { createPartitions } from '../src/stock/actions/createPartitions';
import { sealLedger as seal } from '../src/stock/actions/seal';

export async function sealLedger({
  db,
  log,
  clock,
}: Parts): Promise<{ moves: number; seals: number; partitions?: number }> {
  // A failure here stops nothing, as the last partition has no upper bound.
  const partitions = await createPartitions(db).catch((error: unknown) => {
    log.warn({ err: error }, 'the ledger’s next partitions could not be created; the next run tries again');
    return 0;
  });
  const { moves, seals, head } = await seal(db, clock());
  if (head !== null) log.info({ head, moves, seals }, 'the ledger is sealed');
  return { moves, seals, ...(partitions > 0 ? { partitions } : {}) };
}
