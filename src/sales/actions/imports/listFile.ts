// Files of SKUs, locations and counts: their columns, and the commands that store what their lines state.

import { upsertSkus } from '../../../catalog/actions';
import type { SkuInput } from '../../../catalog/rules/sku';
import type { NumberForm } from '../../../csv/rules/numbers';
import type { Db } from '../../../db/pool';
import { upsertLocations } from '../../../location/actions';
import type { LocationInput } from '../../../location/rules/locationInput';
import type { RefusalData } from '../../../refusals';
import { locationsByCode, SkuIdCache } from '../../queries/codes';
import type { KeptText } from '../../rules/keptText';
import {
  CATALOGUE_COLUMNS,
  COUNT_COLUMNS,
  LIST_NUMBERS,
  LOCATION_COLUMNS,
  readLocation,
  readSku,
} from '../../rules/lists';
import { Pseudonyms } from '../../rules/pseudonym';
import { CountReading } from './countFile';
import { type EntryList, EntryReading } from './entries';
import type { ListReading } from './listRecords';
import { importRecordFile, type RecordFile } from './recordFile';
import type { ImportRun } from './runs';

export const LIST_KINDS = ['counts', 'catalogue', 'locations'] as const;
export type ListName = (typeof LIST_KINDS)[number];

export interface ListFile extends RecordFile {
  kind: ListName;
  /** For counts that name no location. */
  location: string | null;
  /** For prices without one. */
  currency: string | null;
  secretKey: Buffer;
}

/** Reasons by SKU code, where a GTIN is another's. */
function takenGtins(refusal: RefusalData): Map<string, string> {
  if (refusal.kind !== 'GtinTaken') return new Map();
  return new Map(
    refusal.lines.map(({ sku, gtin, takenBy }) => [
      sku,
      `GTIN ${gtin} of '${sku}' already belongs to SKU '${takenBy}'; remove it there first.`,
    ]),
  );
}

function catalogue(db: Db, currency: string | null, form: NumberForm): EntryList<SkuInput> {
  return {
    read: (cells) => readSku(cells, currency, form),
    keyOf: (sku) => sku.code,
    named: takenGtins,
    send: (request, skus) => upsertSkus(db, { ...request, input: { skus } }),
  };
}

function locations(db: Db, form: NumberForm): EntryList<LocationInput> {
  return {
    read: (cells) => readLocation(cells, form),
    keyOf: (location) => location.code,
    send: (request, entries) => upsertLocations(db, { ...request, input: { locations: entries } }),
  };
}

function columnsOf({ kind, location }: ListFile): { columns: readonly string[]; needed: readonly string[] } {
  if (kind === 'catalogue') return { columns: CATALOGUE_COLUMNS, needed: ['code'] };
  if (kind === 'locations') return { columns: LOCATION_COLUMNS, needed: ['code'] };
  return { columns: COUNT_COLUMNS, needed: ['sku', 'quantity', ...(location === null ? ['location'] : [])] };
}

async function readingOf(
  db: Db,
  file: ListFile,
  run: ImportRun,
  now: Date,
  read: { form: NumberForm; keptText: KeptText },
): Promise<ListReading> {
  const { form, keptText } = read;
  if (file.kind === 'catalogue')
    return new EntryReading(db, catalogue(db, file.currency, form), run, now, keptText);
  if (file.kind === 'locations') return new EntryReading(db, locations(db, form), run, now, keptText);
  const sellingLocations = await locationsByCode(db, now);
  const known = {
    locations: sellingLocations,
    skuIds: new SkuIdCache(db),
    location: file.location,
    pseudonyms: new Pseudonyms(file.secretKey),
    ...read,
  };
  return new CountReading(db, run, now, known);
}

/**
 * Imports a file of SKUs, locations or counts: valid lines are stored, the others rejected one by one. The same file
 * twice changes nothing, also no count that has been sold from since. @throws OperatorError, Refused InvalidInput, Busy
 */
export function importListFile(
  db: Db,
  file: ListFile,
  now: Date,
  onProgress: (lines: number) => void = () => {},
): Promise<{ run: ImportRun; before: boolean }> {
  const { kind, location, currency } = file;
  const plan = {
    ...{ kind, ...columnsOf(file), key: kind === 'counts' ? 'sku' : 'code', numbers: LIST_NUMBERS[kind] },
    options: { location, currency },
    readingOf: (run: ImportRun, read: { form: NumberForm; keptText: KeptText }) =>
      readingOf(db, file, run, now, read),
  };
  return importRecordFile(db, file, plan, now, onProgress);
}
