// Opens a file of sales: how it is read, the positions of its columns, and the feed that states it.

import { numberFormOf } from '../../../csv/numberForm';
import { type FileRecords, type OpenOptions, openRecords } from '../../../csv/open';
import { type SurveyedFile, surveyFile } from '../../../csv/survey';
import type { Db } from '../../../db/pool';
import {
  type FeedForm,
  type FileReading,
  type Positions,
  SALES_COLUMNS,
  type SalesReading,
} from '../../rules/line';
import { hasColumns, positionsOf } from '../../rules/mapping';
import { openFeed } from './feeds';
import type { RereadOptions } from './runs';
import type { ReceiptNumbers } from './statedLines';

/** How a file is to be read. */
export interface SalesFile extends RereadOptions {
  path: string;
  feed: string;
  mapping: ReadonlyMap<string, string>;
  reading: FileReading;
  /** Which one its amounts are in; null: it was not stated. */
  currency?: string | null;
  /** Null: detected from the bytes of the file. */
  encoding: string | null;
  separator: string | null;
  /** SKUs that are not known are created with their name and price in this currency; null: their lines are rejected. */
  createSkus: { currency: string } | null;
  numbers: ReceiptNumbers;
  /** Customers are stored as hashes with it. */
  secretKey: Buffer;
}

// Files of lines that were read before `numbers` was among the options are read once more when they come again: what later
// days with the same receipt numbers had replaced is stored, the rest changes nothing.
export function optionsOf(
  { mapping, reading, encoding, separator, createSkus, numbers }: SalesFile,
  form: string,
): object {
  const { productPattern, ...rest } = reading;
  return {
    ...rest,
    productPattern: productPattern?.source ?? null,
    form,
    mapping: Object.fromEntries(mapping),
    encoding: encoding ?? 'utf-8',
    separator,
    createSkus,
    ...(form === 'LINES' ? { numbers } : {}),
  };
}

/** A file that is open, and how its feed states it. */
export interface OpenedSales extends FileRecords {
  file: SalesFile;
  start: SurveyedFile;
  /** How it was opened, to open it once more. */
  opening: OpenOptions;
  positions: Positions;
  form: FeedForm;
  feedId: number;
  /** How much of the file was read, 0 to 1. */
  share: () => number;
}

/** @throws OperatorError, Refused InvalidInput */
export async function openSales(db: Db, file: SalesFile): Promise<OpenedSales> {
  const start = await surveyFile(file.path, file.encoding);
  const needed = [
    'sku',
    'units',
    'day',
    ...(file.reading.location === null ? ['location' as const] : []),
  ] as const;
  const isHeader = (fields: readonly string[]) => hasColumns(fields, SALES_COLUMNS, file.mapping, needed);
  const opening = { separator: file.separator, isHeader };
  let bytes = 0;
  const records = await openRecords(start, opening, (read) => {
    bytes = read;
  });
  const positions = positionsOf(records.header, SALES_COLUMNS, file.mapping, needed);
  const form: FeedForm = positions.document >= 0 || positions.line >= 0 ? 'LINES' : 'DAYS';
  const feedId = await openFeed(db, file.feed, form);
  const share = () => bytes / Math.max(1, start.bytes);
  return { ...records, file, start, opening, positions, form, feedId, share };
}

const NUMBERS = ['units', 'returned', 'price', 'revenue'] as const;

/** How its lines are read; for that the numbers of the file are looked at. */
export async function readingOf({
  file,
  start,
  opening,
  positions,
  form,
}: OpenedSales): Promise<SalesReading> {
  const columns = NUMBERS.map((column) => positions[column]).filter((at) => at >= 0);
  const numberForm = await numberFormOf(start, opening, columns, file.reading);
  return { ...file.reading, form, numberForm, currency: file.currency ?? null };
}
