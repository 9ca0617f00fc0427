// Imports files of SKUs, locations and counts: valid entries are stored, invalid lines rejected; after a kill it resumes where it stopped.

import { upsertSkus } from '../../../catalog/actions';
import type { SkuInput } from '../../../catalog/rules/sku';
import { type NumberFlags, numberFormOf } from '../../../csv/numberForm';
import { openRecords } from '../../../csv/open';
import type { NumberForm } from '../../../csv/rules/numbers';
import { surveyFile } from '../../../csv/survey';
import type { Db } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { upsertLocations } from '../../../location/actions';
import type { LocationInput } from '../../../location/rules/locationInput';
import { OperatorError, type RefusalData } from '../../../refusals';
import { locationsByCode, SkuIdCache } from '../../queries/codes';
import { type KeptText, keptTextOf } from '../../rules/keptText';
import {
  CATALOGUE_COLUMNS,
  COUNT_COLUMNS,
  LIST_NUMBERS,
  LOCATION_COLUMNS,
  readLocation,
  readSku,
} from '../../rules/lists';
import { hasColumns, positionsOf } from '../../rules/mapping';
import { Pseudonyms } from '../../rules/pseudonym';
import { CountReading } from './countFile';
import { type EntryList, EntryReading } from './entries';
import { alone } from './feedLock';
import { openFeed } from './feeds';
import { cellsOf, type ListReading } from './listRecords';
import { fillTexts } from './rejectTexts';
import { chooseRun, failRun, finishRun, type ImportRun, linesToTry, type RereadOptions } from './runs';

export const LIST_KINDS = ['counts', 'catalogue', 'locations'] as const;
export type ListName = (typeof LIST_KINDS)[number];

export interface ListFile extends RereadOptions, NumberFlags {
  kind: ListName;
  path: string;
  feed: string;
  mapping: ReadonlyMap<string, string>;
  /** Null: detected from the bytes of the file. */
  encoding: string | null;
  separator: string | null;
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
export async function importListFile(
  db: Db,
  file: ListFile,
  now: Date,
  onProgress: (lines: number) => void = () => {},
): Promise<{ run: ImportRun; before: boolean }> {
  const start = await surveyFile(file.path, file.encoding);
  const { columns, needed } = columnsOf(file);
  const isHeader = (fields: readonly string[]) => hasColumns(fields, columns, file.mapping, needed);
  const opening = { separator: file.separator, isHeader };
  const { header, separator: found, records } = await openRecords(start, opening);
  const positions = positionsOf(header, columns, file.mapping, needed);
  const feedId = await openFeed(db, file.feed, null);
  return alone(db, feedId, async () => {
    const { kind, path: fileName, mapping, encoding, separator, location, currency } = file;
    const { decimalComma, decimalPoint } = file;
    const options = {
      ...{ mapping: Object.fromEntries(mapping), encoding: encoding ?? 'utf-8' },
      ...{ separator, location, currency },
      // Only where they are given: files that were read before the flags were here are still the same.
      ...(decimalComma && { decimalComma }),
      ...(decimalPoint && { decimalPoint }),
    };
    const what = { feedId, kind, fileName, fileHash: start.hash, options };
    const { run, before } = await chooseRun(db, what, file, now);
    if (before) return { run, before };
    const only = await linesToTry(db, run, now);
    const numbers = LIST_NUMBERS[kind].map((column) => positions[column]!).filter((at) => at >= 0);
    const form = await numberFormOf(start, opening, numbers, file);
    const keptText = keptTextOf(header, found, positions);
    const reading = await readingOf(db, file, run, now, { form, keptText });
    try {
      for await (const group of records) {
        for (const record of group) {
          if (only?.has(record.line) === false) continue;
          const cells = cellsOf(record, header, positions);
          if (record.line <= run.linesRead) reading.pass(record, cells);
          else await reading.take(record, cells);
          onProgress(record.line);
        }
      }
    } catch (error) {
      if (error instanceof OperatorError) {
        await reading.giveUp();
        await failRun(db, run.id, error.message, now);
      }
      throw error;
    }
    await reading.finish();
    await fillTexts(db, run.id, start, opening, keptText);
    return { run: await inTransaction(db, (tx) => finishRun(tx, run.id, now)), before: false };
  });
}
