// Makes the exports that were requested, and deletes the files of those that have expired.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { slicesOf } from '../../values/lists';
import { DAY_MS } from '../../values/time';
import { erasableCustomer, onlyClaimedBeside, ordersToErase, returnsToErase } from '../queries/erasure';
import type { ExportSection } from '../queries/exportSections';
import { ExportWriter } from '../rules/exportFiles';
import type { IdentifierLimits } from '../rules/links';
import { lockCustomers } from './links';

/** What exports are made with: the lists of all modules, the days in which the files can be fetched, and the limits of customers. */
export interface ExportParts {
  db: Db;
  sections: readonly ExportSection[];
  linkDays: number;
  limits: IdentifierLimits;
}

const NEXT = `
  SELECT r.id, r.customer_id AS "customerId" FROM data_request r
  WHERE r.kind = 'EXPORT' AND r.status = 'PENDING' AND ($1::uuid IS NULL OR r.id > $1) ORDER BY r.id LIMIT 1`;
// A second run that makes the same export waits here until the first has committed, and finds its row.
const BEGIN_EXPORT = `
  INSERT INTO customer_export (request_id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING request_id AS "requestId"`;
const INSERT_PARTS = `
  INSERT INTO customer_export_part (request_id, file, number, content)
  SELECT $1, * FROM unnest($2::text[], $3::int[], $4::text[])`;
const FINISH = `
  UPDATE data_request SET status = 'DONE', finished_at = $2 WHERE id = $1 AND status = 'PENDING' RETURNING id`;
const RETURNS_OF_ORDERS = 'SELECT r.id FROM customer_return r WHERE r.order_id = ANY($1::uuid[])';

/** Documents whose rows are read by one statement: a page of it is then sorted quickly. */
const DOCUMENTS_AT_ONCE = 100;

/** What belongs to a customer, by which the lists are read. */
type Subject = Readonly<Record<ExportSection['of'], readonly (string | number)[]>>;

/** What an erasure of this customer would find; null: there is nothing any more. */
async function subjectOf(tx: Tx, customerId: string, limits: IdentifierLimits): Promise<Subject | null> {
  const { own } = await erasableCustomer(tx, customerId, limits);
  if (own.every((one) => one.isErased)) return null;
  const ownIds = own.map(({ id }) => id);
  const identifiers = [...ownIds, ...(await onlyClaimedBeside(tx, ownIds))];
  const proven = own.filter((one) => one.isProven).map(({ id }) => id);
  const orders = await ordersToErase(tx, identifiers, proven);
  const ofOrders = await tx.rows<{ id: string }>(RETURNS_OF_ORDERS, [orders]);
  const returns = [...ofOrders.map(({ id }) => id), ...(await returnsToErase(tx, identifiers))];
  return { identifiers, orders, returns };
}

async function writeSection(
  tx: Tx,
  exportId: string,
  section: ExportSection,
  ids: readonly (string | number)[],
  writer: ExportWriter,
): Promise<void> {
  writer.beginList(section.name);
  // Identifiers together, because some lists are of pairs of them.
  const slices = section.of === 'identifiers' ? [ids] : slicesOf(ids, DOCUMENTS_AT_ONCE);
  for (const slice of slices) {
    for (let after = section.firstKey; ; ) {
      const rows = await section.page(tx, slice, after);
      if (rows.length === 0) break;
      writer.addRows(rows.map(({ row }) => row));
      await storeParts(tx, exportId, writer);
      after = rows.at(-1)!.key;
    }
  }
  writer.endList();
  await storeParts(tx, exportId, writer);
}

async function storeParts(tx: Tx, exportId: string, writer: ExportWriter): Promise<void> {
  const parts = writer.takeParts();
  if (parts.length === 0) return;
  await tx.rows(INSERT_PARTS, [
    exportId,
    parts.map((part) => part.file),
    parts.map((part) => part.number),
    parts.map((part) => part.content),
  ]);
}

/** The customer was erased while the export was made: nothing of it may be kept. */
class CustomerErased extends Error {}

/**
 * Makes one export in one transaction, so that a run that is killed leaves nothing behind. The customer is locked for the end of it only:
 * an erasure that came first has finished the request, and then all is rolled back; one that comes later deletes the files.
 */
async function makeExport(
  { db, sections, linkDays, limits }: ExportParts,
  now: Date,
  { id, customerId }: { id: string; customerId: string },
): Promise<boolean> {
  try {
    return await inTransaction(db, async (tx) => {
      const expiresAt = new Date(now.getTime() + linkDays * DAY_MS);
      if ((await tx.rows<{ requestId: string }>(BEGIN_EXPORT, [id, expiresAt])).length === 0) return false;
      const subject = await subjectOf(tx, customerId, limits);
      if (subject === null) throw new CustomerErased();
      const writer = new ExportWriter({ customerId, madeAt: now.toISOString() });
      for (const section of sections) await writeSection(tx, id, section, subject[section.of], writer);
      writer.end();
      await storeParts(tx, id, writer);
      await lockCustomers(tx);
      if ((await tx.rows<{ id: string }>(FINISH, [id, now])).length === 0) throw new CustomerErased();
      return true;
    });
  } catch (error) {
    if (!(error instanceof CustomerErased)) throw error;
    await db.rows(FINISH, [id, now]);
    return false;
  }
}

// A link that was revoked has no files any more.
const EXPIRE = `
  DELETE FROM customer_export_part p USING customer_export e
  WHERE e.request_id = p.request_id AND e.expires_at <= $1`;

/**
 * Makes the pending exports, and deletes expired files. One that fails does not stop the others; its error is thrown at the end, and the
 * next run tries again.
 */
export async function makeExports(
  parts: ExportParts,
  now: Date,
  goOn: (made: number) => Promise<boolean>,
): Promise<{ made: number }> {
  await parts.db.rows(EXPIRE, [now]);
  let made = 0;
  let failure: unknown;
  for (let after: string | null = null; ; ) {
    const [next]: { id: string; customerId: string }[] = await parts.db.rows<{
      id: string;
      customerId: string;
    }>(NEXT, [after]);
    if (next === undefined) break;
    try {
      if (await makeExport(parts, now, next)) made += 1;
    } catch (error) {
      failure ??= error;
    }
    if (!(await goOn(made))) break;
    after = next.id;
  }
  if (failure !== undefined) throw failure;
  return { made };
}
