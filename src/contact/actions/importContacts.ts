// Imports files about contacts of any system that can write a table.

import { SYSTEM } from '../../access/rules/roles';
import type { ContactConfig } from '../../config/contact';
import type { IdentityConfig } from '../../config/identity';
import { storefronts } from '../../customer/queries/storefronts';
import { IdentifierHashes } from '../../customer/rules/identifiers';
import type { Db, Tx } from '../../db/pool';
import { OperatorError } from '../../refusals';
import { BatchedReading, type StoredBatch } from '../../sales/actions/imports/batchedReading';
import { importRecordFile, type RecordFile, type RecordPlan } from '../../sales/actions/imports/recordFile';
import type { ImportRun } from '../../sales/actions/imports/runs';
import { UnreadableCell } from '../../sales/rules/cells';
import type { LineCounts } from '../../sales/rules/outcome';
import type { DateOrder } from '../../sales/rules/parseText';
import type { Rejection } from '../../sales/rules/rejection';
import {
  CONTACT_COLUMNS,
  CONTACT_NUMBERS,
  type ContactFileLine,
  NEEDED_CONTACT_COLUMNS,
  PERSONAL_CONTACT_COLUMNS,
  readContact,
  rejectionOf,
  verifiedContactColumns,
} from '../rules/contactCells';
import { sourceProblem } from '../rules/contactLine';
import type { StoreScope } from './drafts';
import { storeContacts } from './storeContacts';

export interface ContactFile extends RecordFile {
  secretKey: Buffer;
  config: IdentityConfig & ContactConfig;
  dateOrder: DateOrder;
  /** Of accounts that name no storefront. */
  storefront: string | null;
  /** Where telephone numbers are dialled whose line names neither order nor location. */
  country: string | null;
  /** Columns that the system has verified, for lines that do not state it. */
  verified: string | null;
}

/** The default columns. @throws OperatorError for what names no column */
function verifiedOf({ verified }: ContactFile): string[] {
  try {
    return verified === null ? [] : verifiedContactColumns(verified);
  } catch (error) {
    if (error instanceof UnreadableCell) throw new OperatorError(`--${error.message}.`);
    throw error;
  }
}

/** @throws OperatorError for a storefront that there is not, and a feed that is no source of contacts */
async function checkDefaults(db: Db, { storefront, feed }: ContactFile): Promise<void> {
  const problem = sourceProblem(feed);
  if (problem !== null) throw new OperatorError(`--feed ${problem}; it is the source of these contacts.`);
  if (storefront === null) return;
  const names = (await storefronts(db)).map(({ name }) => name);
  if (!names.includes(storefront))
    throw new OperatorError(
      `--storefront is '${storefront}', and there are ${names.join(', ') || 'none yet'}.`,
    );
}

/** Stores the lines of a batch, source by source, each in the order of the file. */
async function storeLines(
  tx: Tx,
  scope: StoreScope,
  lines: readonly ContactFileLine[],
): Promise<StoredBatch> {
  const refused = new Map<number, Rejection>();
  const counts: LineCounts = {
    ...{ accepted: 0, created: 0, corrected: 0, replaced: 0, merged: 0, unchanged: 0, changed: 0 },
  };
  let left = 0;
  for (const source of new Set(lines.map((line) => line.source))) {
    const own = lines.flatMap((line, i) => (line.source === source ? [[i, line] as const] : []));
    const contacts = own.map(([, { contact }]) => contact);
    const stored = await storeContacts(tx, source, contacts, scope);
    const { created, updated, unchanged, problems, erased } = stored;
    for (const problem of problems) {
      const [i, line] = own[problem.index]!;
      refused.set(i, rejectionOf(problem, line));
    }
    const accepted = own.length - problems.length;
    counts.accepted += accepted;
    counts.created += created;
    counts.corrected += updated;
    counts.changed += created + updated;
    counts.unchanged += unchanged + erased;
    counts.merged += accepted - created - updated - unchanged - erased;
    left += erased;
  }
  return { counts, refused, erased: left };
}

/**
 * Imports a file about contacts. The same file twice changes nothing, and neither does a line that states what is known of its contact.
 * Lines about customers who were erased are left out. @throws OperatorError, Refused InvalidInput, Busy
 */
export async function importContactFile(
  db: Db,
  file: ContactFile,
  now: Date,
  onProgress: (lines: number) => void = () => {},
): Promise<{ run: ImportRun; before: boolean }> {
  const { storefront, country, verified, dateOrder, secretKey, feed, config } = file;
  const defaults = { source: feed, storefront, verified: verifiedOf(file) };
  await checkDefaults(db, file);
  const scope: StoreScope = {
    ...{ actor: SYSTEM, now, config, hashes: new IdentifierHashes(secretKey) },
    ...{ unknown: 'REFUSE', file: { country } },
  };
  const plan = {
    ...{ kind: 'contacts' as const, columns: CONTACT_COLUMNS, needed: [...NEEDED_CONTACT_COLUMNS] },
    ...{ key: 'externalId', numbers: CONTACT_NUMBERS, personal: PERSONAL_CONTACT_COLUMNS },
    options: { storefront, country, verified, dateOrder },
    readingOf: async (run: ImportRun, { form, keptText }: Parameters<RecordPlan['readingOf']>[1]) =>
      new BatchedReading<ContactFileLine>(db, run, keptText, {
        read: (cells) => readContact(cells, { form, dateOrder, now, defaults }),
        store: (tx, lines) => storeLines(tx, scope, lines),
      }),
  };
  return importRecordFile(db, file, plan, now, onProgress);
}
