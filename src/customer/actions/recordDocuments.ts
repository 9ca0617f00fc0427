// Records the interactions of our own orders and returns, and of imported sales, from where the last run ended; the first run reads all of the past.

import type { Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { MINUTE_MS } from '../../values/time';
import { changedOrders, changedReturns, type SourcePosition } from '../queries/changedDocuments';
import { interactionsOfOrder, interactionsOfReturn } from '../rules/documentInteractions';
import { IdentifierHashes } from '../rules/identifiers';
import type { NewInteraction } from '../rules/interactions';
import { lockCustomers } from './links';
import { recordInteractions } from './recordInteractions';
import { type RecordingParts, recordReceipts } from './recordReceipts';
import { rekeyTillCustomers } from './rekeyTillCustomers';

/** Documents of one transaction. */
const BATCH = 500;
/**
 * A change gets its time before it is committed, so an early one can be seen late. The stored position stays behind by more than any
 * transaction lasts, and what changed since is read again: recorded again, an interaction changes nothing.
 */
const OVERLAP_MINUTES = 2;

const POSITION = 'SELECT position_at AS at, position_key AS key FROM interaction_source WHERE name = $1';
const ADVANCE = `
  INSERT INTO interaction_source AS s (name, position_at, position_key, read, updated_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (name) DO UPDATE SET position_at = EXCLUDED.position_at, position_key = EXCLUDED.position_key,
    read = s.read + EXCLUDED.read, updated_at = EXCLUDED.updated_at`;

/** A batch of a source: the positions of its rows, and what they state. */
interface Batch {
  positions: SourcePosition[];
  interactions: NewInteraction[];
}

/** A list of documents in the order in which they change. */
interface Source {
  name: string;
  read(tx: Tx, after: SourcePosition, hashes: IdentifierHashes): Promise<Batch>;
}

const SOURCES: readonly Source[] = [
  {
    name: 'order',
    async read(tx, after, hashes) {
      const rows = await changedOrders(tx, after, BATCH);
      return {
        positions: rows.map((row) => ({ at: row.updatedAt, key: row.id })),
        interactions: rows.flatMap((row) => interactionsOfOrder(row, hashes)),
      };
    },
  },
  {
    name: 'return',
    async read(tx, after, hashes) {
      const rows = await changedReturns(tx, after, BATCH);
      return {
        positions: rows.map((row) => ({ at: row.changedAt, key: row.id })),
        interactions: rows.flatMap((row) => interactionsOfReturn(row, hashes)),
      };
    },
  },
];

/**
 * Records the batch after a position; the stored one when it is null. Under the lock of customers documents are read as they are:
 * an order that is erased afterwards finds its interactions there, and one that was erased before has no personal data any more.
 */
function recordBatch(
  { db, secretKey, identity }: RecordingParts,
  source: Source,
  from: SourcePosition | null,
  now: Date,
): Promise<{ next: SourcePosition | null; recorded: number }> {
  return inTransaction(db, async (tx) => {
    await lockCustomers(tx);
    const [stored] = await tx.rows<SourcePosition>(POSITION, [source.name]);
    const { positions, interactions } = await source.read(
      tx,
      from ?? stored ?? { at: null, key: '' },
      new IdentifierHashes(secretKey),
    );
    if (positions.length === 0) return { next: null, recorded: 0 };
    const rows = await recordInteractions(tx, { identity, now }, interactions);
    const recorded = rows.filter((row) => row?.isNew).length;
    const settledAt = now.getTime() - OVERLAP_MINUTES * MINUTE_MS;
    const settled = positions.findLast(({ at }) => at!.getTime() <= settledAt);
    if (settled !== undefined && isAfter(settled, stored))
      await tx.rows(ADVANCE, [source.name, settled.at, settled.key, recorded, now]);
    return { next: positions.length < BATCH ? null : positions.at(-1)!, recorded };
  });
}

function isAfter(one: SourcePosition, other: SourcePosition | undefined): boolean {
  const [a, b] = [one.at?.getTime() ?? 0, other?.at?.getTime() ?? Number.NEGATIVE_INFINITY];
  return a > b || (a === b && one.key > other!.key);
}

/**
 * Records what happened to orders, returns and imported sales since the last run. Stopped between two batches, or killed, the next run goes on from
 * the stored position. Run again, or twice at once, it records nothing twice.
 */
export async function recordDocuments(
  parts: RecordingParts,
  now: Date,
  goOn: (recorded: number) => Promise<boolean>,
): Promise<{ recorded: number }> {
  let recorded = 0;
  for (const source of SOURCES) {
    for (let from: SourcePosition | null = null; ; ) {
      const batch = await recordBatch(parts, source, from, now);
      recorded += batch.recorded;
      if (batch.next === null) break;
      if (!(await goOn(recorded))) return { recorded };
      from = batch.next;
    }
  }
  await rekeyTillCustomers(parts, now);
  const before = recorded;
  recorded += await recordReceipts(parts, now, (receipts) => goOn(before + receipts));
  return { recorded };
}
