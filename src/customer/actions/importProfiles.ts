// Imports files about customers, of a CRM or a loyalty programme, in batches of one transaction: what is stored and how far the file was
// read are one commit, so that a run that was killed goes on without a gap and without a repetition.

import { SYSTEM } from '../../access/rules/roles';
import type { CsvRecord } from '../../csv/rules/records';
import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { OperatorError } from '../../refusals';
import { isRejection, type ListReading, rejectOf } from '../../sales/actions/imports/listRecords';
import { importRecordFile, type RecordFile } from '../../sales/actions/imports/recordFile';
import { advance, applied, type ImportRun, type Reject, setAside } from '../../sales/actions/imports/runs';
import { NOTHING } from '../../sales/actions/imports/step';
import { type Cells, UnreadableCell } from '../../sales/rules/cells';
import type { KeptText } from '../../sales/rules/keptText';
import type { DateOrder } from '../../sales/rules/parseText';
import type { Rejection } from '../../sales/rules/rejection';
import { countryCodes } from '../queries/countries';
import { storefronts } from '../queries/storefronts';
import { IdentifierHashes, type IdentityRules } from '../rules/identifiers';
import {
  PERSONAL_COLUMNS,
  PROFILE_COLUMNS,
  type ProfileLine,
  type ProfileReading,
  readProfile,
  verifiedColumns,
} from '../rules/profileLine';
import { type ProfileOutcome, storeProfiles } from './storeProfiles';

/** Lines of one transaction. */
const BATCH = 1_000;

export interface ProfileFile extends RecordFile {
  secretKey: Buffer;
  identity: IdentityRules;
  dateOrder: DateOrder;
  /** Of accounts that name no storefront. */
  storefront: string | null;
  /** Where telephone numbers are dialled whose line names neither country nor shop. */
  country: string | null;
  /** Columns that the system has verified, for lines that do not state it. */
  verified: string | null;
}

/** What names stand for while lines about customers are read. */
export async function namesOfProfiles(tx: Tx): Promise<Pick<ProfileReading, 'locations' | 'storefronts'>> {
  const known = await storefronts(tx);
  return {
    locations: await countryCodes(tx),
    storefronts: new Map(known.map(({ id, name }) => [name, id])),
  };
}

/** The default columns. @throws OperatorError for what names no column */
function verifiedOf({ verified }: ProfileFile): string[] {
  try {
    return verified === null ? [] : verifiedColumns(verified);
  } catch (error) {
    if (error instanceof UnreadableCell) throw new OperatorError(`--${error.message}.`);
    throw error;
  }
}

/** Counts of outcomes as those of lines. */
export function countProfiles(outcomes: readonly ProfileOutcome[]) {
  const count = (...wanted: ProfileOutcome[]): number =>
    outcomes.filter((outcome) => wanted.includes(outcome)).length;
  const [created, corrected, merged] = [count('CREATED'), count('CORRECTED'), count('MERGED')];
  const unchanged = count('UNCHANGED', 'ERASED');
  const counts = { created, corrected, replaced: 0, merged, unchanged, changed: created + corrected };
  return { ...counts, accepted: outcomes.length };
}

class ProfileFileReading implements ListReading {
  #lines: ProfileLine[] = [];
  #rejects: Reject[] = [];
  #records = 0;
  #lastLine = 0;
  #figures: Record<string, number>;

  constructor(
    private readonly db: Db,
    private readonly run: ImportRun,
    private readonly file: ProfileFile,
    private readonly now: Date,
    private readonly reading: ProfileReading,
    private readonly keptText: KeptText,
  ) {
    this.#figures = { ...run.figures };
  }

  pass(): void {}

  async take(record: CsvRecord, cells: Cells | Rejection): Promise<void> {
    const line = isRejection(cells) ? cells : readProfile(cells, this.reading);
    if (isRejection(line)) this.#rejects.push(rejectOf(this.keptText, record, line));
    else this.#lines.push(line);
    this.#records += 1;
    this.#lastLine = record.lastLine;
    if (this.#records >= BATCH) await this.finish();
  }

  async finish(): Promise<void> {
    if (this.#records === 0) return;
    const { identity, feed } = this.file;
    const [lines, rejects] = [this.#lines, this.#rejects];
    const scope = { identity, feed, now: this.now, statedAt: this.run.startedAt, actorId: SYSTEM.actorId };
    const read = { lines: this.#lastLine, records: this.#records, rejected: rejects.length };
    await inTransaction(this.db, async (tx) => {
      const outcomes = await storeProfiles(tx, scope, lines);
      const erased = outcomes.filter((outcome) => outcome === 'ERASED').length;
      this.#figures = { ...this.run.figures, erased: (this.#figures.erased ?? 0) + erased };
      await setAside(tx, this.run.id, rejects);
      await advance(tx, this.run.id, { ...read, figures: this.#figures });
      await applied(tx, this.run.id, 0, { ...NOTHING, ...countProfiles(outcomes) }, this.#figures);
    });
    this.#lines = [];
    this.#rejects = [];
    this.#records = 0;
  }

  async giveUp(): Promise<void> {}
}

/**
 * Imports a file about customers. The same file twice changes nothing, and a line that states what its record stated last changes
 * nothing. @throws OperatorError, Refused InvalidInput, Busy
 */
export function importProfileFile(
  db: Db,
  file: ProfileFile,
  now: Date,
  onProgress: (lines: number) => void = () => {},
): Promise<{ run: ImportRun; before: boolean }> {
  const { storefront, country, verified, dateOrder, secretKey, feed } = file;
  const defaults = { storefront, country, verified: verifiedOf(file) };
  const plan = {
    ...{ kind: 'customers' as const, columns: PROFILE_COLUMNS, needed: ['externalId'], key: 'externalId' },
    ...{ numbers: [], personal: PERSONAL_COLUMNS },
    options: { storefront, country, verified, dateOrder },
    readingOf: async (run: ImportRun, { keptText }: { keptText: KeptText }) => {
      const names = await namesOfProfiles(db);
      if (storefront !== null && !names.storefronts.has(storefront)) {
        const known = [...names.storefronts.keys()].join(', ') || 'none yet';
        throw new OperatorError(`--storefront is '${storefront}', and there are ${known}.`);
      }
      const hashes = new IdentifierHashes(secretKey);
      const reading = { feed, hashes, dateOrder, now, defaults, ...names, verifier: SYSTEM.actorId };
      return new ProfileFileReading(db, run, file, now, reading, keptText);
    },
  };
  return importRecordFile(db, file, plan, now, onProgress);
}
