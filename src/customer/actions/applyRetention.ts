// applyRetention: erases what is past its term, in transactions of bounded size: closed documents first, then customers.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { yearsAfter } from '../../values/time';
import { onlyClaimedBeside } from '../queries/erasure';
import {
  customersAfter,
  liveIdentifiers,
  type RetentionParts,
  retainedCustomers,
} from '../queries/retention';
import {
  type ClosedPosition,
  documentObstacles,
  FIRST_CLOSED,
  type RetainedDocument,
  retainedDocuments,
} from '../queries/retentionDocuments';
import { notifyReceivers } from './acknowledgeErasure';
import { insertDataRequests } from './dataRequests';
import { emptyTraces } from './emptyTraces';
import { eraseOrders, eraseReturns } from './eraseDocuments';
import { eraseIdentifiers } from './eraseIdentifiers';
import { lockCustomers } from './links';

/** What a run erased, and what it found past its term but had to leave. */
export interface RetentionFigures {
  prospects: number;
  contracts: number;
  orders: number;
  returns: number;
  waiting: number;
}
type GoOn = (figures: RetentionFigures) => Promise<boolean>;

/** What retention needs to erase. */
export interface RetentionRun extends RetentionParts {
  db: Db;
  acknowledgeDays: number;
}

const LOCK_ORDERS = `
  SELECT id, location_id AS "locationId" FROM customer_order WHERE id = ANY($1::uuid[]) AND erased_at IS NULL
  ORDER BY id FOR UPDATE`;
const NOT_RESTRICTED = `
  SELECT id FROM identifier WHERE id = ANY($1::bigint[]) AND restricted_at IS NULL ORDER BY id`;

/** Erases these orders, but for those of which a return was requested before they were locked. Answers which. */
async function eraseFreeOrders(tx: Tx, parts: RetentionParts, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const locked = await tx.rows<{ id: string; locationId: number }>(LOCK_ORDERS, [ids]);
  const obstacles = await documentObstacles(
    tx,
    'orders',
    parts,
    locked.map(({ id }) => id),
  );
  const free = locked.filter(({ id }) => !obstacles.has(id));
  await eraseOrders(tx, parts.now, free);
  return free.map(({ id }) => id);
}

/** Erases a page of documents. Under the lock of customers nothing is recorded, erased or restricted meanwhile. */
function erasePage(
  { db, ...parts }: RetentionRun,
  which: RetainedDocument,
  after: ClosedPosition,
): Promise<{ erased: number; waiting: number; next: ClosedPosition | null }> {
  return inTransaction(db, async (tx) => {
    await lockCustomers(tx);
    const { documents, next } = await retainedDocuments(tx, which, parts, after);
    const due = documents.filter(({ dueAt }) => dueAt <= parts.now);
    const free = due.filter(({ obstacle }) => obstacle === null).map(({ id }) => id);
    const ids = which === 'orders' ? await eraseFreeOrders(tx, parts, free) : free;
    if (which === 'returns') await eraseReturns(tx, ids);
    return { erased: ids.length, waiting: due.length - ids.length, next };
  });
}

/** Erases the identities of those among these customers that are due and that nothing keeps. */
async function eraseCustomers(
  tx: Tx,
  { acknowledgeDays, ...parts }: Omit<RetentionRun, 'db'>,
  customerIds: readonly string[],
): Promise<Pick<RetentionFigures, 'prospects' | 'contracts' | 'waiting'>> {
  const { now } = parts;
  await lockCustomers(tx);
  const due = (await retainedCustomers(tx, parts, customerIds)).filter(({ dueAt }) => dueAt <= now);
  const erased = due.filter(({ obstacle }) => obstacle === null);
  const live = await liveIdentifiers(
    tx,
    erased.map(({ id }) => id),
  );
  if (live.length > 0) {
    const own = live.map(({ id }) => id);
    const beside = await tx.rows<{ id: number }>(NOT_RESTRICTED, [await onlyClaimedBeside(tx, own)]);
    const requests = erased.map(({ id }) => ({
      ...({ kind: 'ERASURE', cause: 'RETENTION' } as const),
      ...{ customerId: id, actorId: 0, isDone: true },
    }));
    const requestIds = await insertDataRequests(tx, now, requests);
    const ids = [...own, ...beside.map(({ id }) => id)];
    await emptyTraces(tx, ids, []);
    await eraseIdentifiers(tx, now, ids, 'RETENTION');
    const persons = erased.map(({ id }, i) => ({
      requestId: requestIds[i]!,
      identifierIds: live.filter(({ customerId }) => customerId === id).map((one) => one.id),
      numbers: [],
    }));
    await notifyReceivers(tx, now, { cause: 'RETENTION', acknowledgeDays }, persons);
  }
  const prospects = erased.filter(({ kind }) => kind === 'PROSPECTS').length;
  return { prospects, contracts: erased.length - prospects, waiting: due.length - erased.length };
}

async function eraseDocuments(
  run: RetentionRun,
  which: RetainedDocument,
  figures: RetentionFigures,
  goOn: GoOn,
): Promise<boolean> {
  for (let after = FIRST_CLOSED; ; ) {
    const page = await erasePage(run, which, after);
    figures[which] += page.erased;
    figures.waiting += page.waiting;
    if (!(await goOn(figures))) return false;
    if (page.next === null) return true;
    after = page.next;
  }
}

/**
 * Erases everything that is past its term at `now`. Each transaction erases a page of documents or customers completely, so that a run
 * that is stopped or killed leaves nothing half done; the next one finds what is left. `goOn` is called after each.
 */
export async function applyRetention(run: RetentionRun, goOn: GoOn): Promise<RetentionFigures> {
  const { db, ...parts } = run;
  const { now, terms } = parts;
  const figures = { prospects: 0, contracts: 0, orders: 0, returns: 0, waiting: 0 };
  for (const which of ['orders', 'returns'] as const)
    if (!(await eraseDocuments(run, which, figures, goOn))) return figures;
  const collectedBy = yearsAfter(now, -terms.prospectYears);
  for (let after: number | null = 0; after !== null; ) {
    const page: { customerIds: string[]; next: number | null } = await customersAfter(db, after, collectedBy);
    // Most pages have nobody who is due: these are found without the lock, and read again under it.
    const found = await retainedCustomers(db, parts, page.customerIds);
    const due = found.filter(({ dueAt }) => dueAt <= now).map(({ id }) => id);
    if (due.length > 0) {
      const done = await inTransaction(db, (tx) => eraseCustomers(tx, parts, due));
      figures.prospects += done.prospects;
      figures.contracts += done.contracts;
      figures.waiting += done.waiting;
    }
    if (!(await goOn(figures))) break;
    after = page.next;
  }
  return figures;
}
