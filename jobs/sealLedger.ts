// Seals the moves of the last hours. The head of the chain goes to the log: kept outside, it proves all that went before.

import type { Parts } from '../src/graphql/context';
import { sealLedger as seal } from '../src/stock/actions/seal';

export async function sealLedger({ db, log, clock }: Parts): Promise<{ moves: number; seals: number }> {
  const { moves, seals, head } = await seal(db, clock());
  if (head !== null) log.info({ head, moves, seals }, 'the ledger is sealed');
  return { moves, seals };
}
