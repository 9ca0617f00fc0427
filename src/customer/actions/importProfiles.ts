// Imports files about customers, of a CRM or a loyalty programme.

import { SYSTEM } from '../../access/rules/roles';
import type { Db, Tx } from '../../db/pool';
import { OperatorError } from '../../refusals';
import { BatchedReading } from '../../sales/actions/imports/batchedReading';
import { importRecordFile, type RecordFile, type RecordPlan } from '../../sales/actions/imports/recordFile';
import type { ImportRun } from '../../sales/actions/imports/runs';
import { feedIds } from '../../sales/queries/receipts';
import { UnreadableCell } from '../../sales/rules/cells';
import type { LineCounts } from '../../sales/rules/outcome';
import type { DateOrder } from '../../sales/rules/parseText';
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
export async function namesOfProfiles(
  tx: Tx,
): Promise<Pick<ProfileReading, 'locations' | 'storefronts' | 'feeds'>> {
  const known = await storefronts(tx);
  return {
    locations: await countryCodes(tx),
    feeds: await feedIds(tx),
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
export function countProfiles(outcomes: readonly ProfileOutcome[]): LineCounts {
  const count = (...wanted: ProfileOutcome[]): number =>
    outcomes.filter((outcome) => wanted.includes(outcome)).length;
  const [created, corrected, merged] = [count('CREATED'), count('CORRECTED'), count('MERGED')];
  const unchanged = count('UNCHANGED', 'ERASED');
  const counts = { created, corrected, replaced: 0, merged, unchanged, changed: created + corrected };
  return { ...counts, accepted: outcomes.length };
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
  const { storefront, country, verified, dateOrder, secretKey, feed, identity } = file;
  const defaults = { storefront, country, verified: verifiedOf(file) };
  const plan = {
    ...{ kind: 'customers' as const, columns: PROFILE_COLUMNS, needed: ['externalId'], key: 'externalId' },
    ...{ numbers: [], personal: PERSONAL_COLUMNS },
    options: { storefront, country, verified, dateOrder },
    readingOf: async (run: ImportRun, { keptText }: Parameters<RecordPlan['readingOf']>[1]) => {
      const names = await namesOfProfiles(db);
      if (storefront !== null && !names.storefronts.has(storefront)) {
        const known = [...names.storefronts.keys()].join(', ') || 'none yet';
        throw new OperatorError(`--storefront is '${storefront}', and there are ${known}.`);
      }
      const hashes = new IdentifierHashes(secretKey);
      const reading = { feed, hashes, dateOrder, now, defaults, ...names, verifier: SYSTEM.actorId };
      const scope = { identity, feed, now, statedAt: run.startedAt, actorId: SYSTEM.actorId };
      return new BatchedReading<ProfileLine>(db, run, keptText, {
        read: (cells) => readProfile(cells, reading),
        async store(tx, lines) {
          const outcomes = await storeProfiles(tx, scope, lines);
          const erased = outcomes.filter((outcome) => outcome === 'ERASED').length;
          return { counts: countProfiles(outcomes), refused: new Map(), erased };
        },
      });
    },
  };
  return importRecordFile(db, file, plan, now, onProgress);
}
