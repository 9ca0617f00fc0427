// Importing files of SKUs, places and counts: read batch by batch, each batch one act; killed, it goes on behind the last.

import { type Caller, SYSTEM } from '../../../access/rules';
import { upsertSkus } from '../../../catalog/actions';
import type { SkuInput } from '../../../catalog/rules/sku';
import type { Db } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { upsertLocations } from '../../../location/actions';
import type { LocationInput } from '../../../location/rules/place';
import { MAX_BULK, MAX_LINES, Refused } from '../../../refusals';
import { countStock } from '../../../stock/actions/counts';
import { placesByCode, SkuBook } from '../../queries/codes';
import { type CsvRecord, MAX_RAW_LENGTH } from '../../rules/csv';
import type { Rejection } from '../../rules/line';
import {
  CATALOGUE_COLUMNS,
  type Cells,
  COUNT_COLUMNS,
  type CountLine,
  LOCATION_COLUMNS,
  readCount,
  readLocation,
  readSku,
} from '../../rules/lists';
import { positionsOf } from '../../rules/mapping';
import { alone } from './alone';
import { FileProblem, lookAt, openRecords } from './file';
import {
  advance,
  applied,
  chooseRun,
  failRun,
  finishRun,
  type ImportRun,
  linesToTry,
  type OnceMore,
  openFeed,
  type Reject,
  setAside,
} from './runs';

export const LIST_KINDS = ['counts', 'catalogue', 'locations'] as const;
export type ListName = (typeof LIST_KINDS)[number];

export interface ListFile extends OnceMore {
  kind: ListName;
  path: string;
  feed: string;
  mapping: ReadonlyMap<string, string>;
  encoding: string;
  separator: string | null;
  /** For counts that name no place. */
  location: string | null;
  /** For prices without one. */
  currency: string | null;
}

interface Told<T> {
  record: CsvRecord;
  item: T;
}

/** One kind of list: how a line is read, which lines go together, and the act that takes them. */
interface List<T> {
  columns: readonly string[];
  needed: readonly string[];
  limit: number;
  read(cells: Cells): T | Rejection;
  /** Items of one batch have one group, and each another key. */
  groupOf(item: T): string;
  keyOf(item: T): string;
  /** Says why single items cannot go in, before they are sent. */
  check?(items: readonly T[]): Promise<(Rejection | null)[]>;
  /** @throws Refused: then nothing of the batch went in */
  send(asked: { who: Caller; idempotencyKey: string; now: Date }, items: T[]): Promise<unknown>;
}

function catalogue(db: Db, file: ListFile): List<SkuInput> {
  return {
    columns: CATALOGUE_COLUMNS,
    needed: ['code'],
    limit: MAX_BULK,
    read: (cells) => readSku(cells, file.currency),
    groupOf: () => '',
    keyOf: (sku) => sku.code,
    send: (asked, skus) => upsertSkus(db, { ...asked, input: { skus } }),
  };
}

function locations(db: Db): List<LocationInput> {
  return {
    columns: LOCATION_COLUMNS,
    needed: ['code'],
    limit: MAX_BULK,
    read: readLocation,
    groupOf: () => '',
    keyOf: (place) => place.code,
    send: (asked, places) => upsertLocations(db, { ...asked, input: { locations: places } }),
  };
}

async function counts(db: Db, file: ListFile, now: Date): Promise<List<CountLine>> {
  const places = await placesByCode(db, now);
  const book = new SkuBook(db);
  return {
    columns: COUNT_COLUMNS,
    needed: ['sku', 'quantity', ...(file.location === null ? ['location'] : [])],
    limit: MAX_LINES,
    read: (cells) => readCount(cells, file.location),
    groupOf: (line) => line.location,
    keyOf: (line) => line.sku,
    async check(lines) {
      await book.learn(lines.map((l) => l.sku));
      return lines.map(({ location, sku }) => {
        if (!places.has(location))
          return { code: 'UNKNOWN_LOCATION', reason: `there is no location '${location.slice(0, 64)}'` };
        if (book.idOf(sku) === undefined)
          return { code: 'UNKNOWN_SKU', reason: `there is no SKU '${sku.slice(0, 64)}'` };
        return null;
      });
    },
    send(asked, lines) {
      const locationCode = lines[0]!.location;
      const counted = lines.map((l) => ({
        skuId: book.idOf(l.sku)!,
        quantity: l.quantity,
        expectedQuantity: l.expected,
      }));
      const input = { locationId: places.get(locationCode)!.id, locationCode, lines: counted };
      return countStock(db, { ...asked, input });
    },
  };
}

/** A reading on its way: the batch that is being gathered, and what was set aside since the last. */
class Reading<T> {
  #batch: Told<T>[] = [];
  #keys = new Set<string>();
  #rejects: Reject[] = [];
  #records = 0;
  #lastLine = 0;

  constructor(
    private readonly db: Db,
    private readonly list: List<T>,
    private readonly run: ImportRun,
    private readonly now: Date,
  ) {}

  /** Takes a record; sends the batch first when the record does not belong to it. */
  async take(record: CsvRecord, cells: Cells | string): Promise<void> {
    const wrong = { code: record.problem ?? 'WRONG_COLUMNS', reason: cells as string } as const;
    const item: T | Rejection = typeof cells === 'string' ? wrong : this.list.read(cells);
    if (!isRejection(item)) {
      const [first] = this.#batch;
      const full = this.#batch.length >= this.list.limit || this.#keys.has(this.list.keyOf(item));
      if (full || (first !== undefined && this.list.groupOf(first.item) !== this.list.groupOf(item)))
        await this.flush();
      this.#batch.push({ record, item });
      this.#keys.add(this.list.keyOf(item));
    } else {
      this.#aside(record, item);
      if (this.#rejects.length >= MAX_BULK) await this.flush();
    }
    this.#records += 1;
    this.#lastLine = record.lastLine;
  }

  /** Sends the batch, and notes how far the file was read. The act comes first and remembers its key: done twice, it is done once. */
  async flush(): Promise<void> {
    if (this.#records === 0) return;
    const good = await this.#good();
    const accepted = good.length === 0 ? 0 : await this.#send(good);
    const rejected = this.#rejects.length;
    await inTransaction(this.db, async (tx) => {
      await setAside(tx, this.run.id, this.#rejects);
      const read = { lines: this.#lastLine, records: this.#records, rejected, figures: {} };
      await advance(tx, this.run.id, read);
      const none = { created: 0, corrected: 0, replaced: 0, merged: 0, repeated: 0, repeats: [], aside: [] };
      const step = { ...none, accepted, changed: accepted, unchanged: 0, firstDay: null, lastDay: null };
      await applied(tx, this.run.id, 0, step, {});
    });
    this.#batch = [];
    this.#keys = new Set();
    this.#rejects = [];
    this.#records = 0;
  }

  #aside(record: CsvRecord, { code, reason }: Rejection): void {
    const raw = record.raw.slice(0, MAX_RAW_LENGTH);
    this.#rejects.push({ line: record.line, raw, code, reason, units: null });
  }

  async #good(): Promise<Told<T>[]> {
    const problems = (await this.list.check?.(this.#batch.map((b) => b.item))) ?? [];
    return this.#batch.filter(({ record }, i) => {
      const problem = problems[i] ?? null;
      if (problem !== null) this.#aside(record, problem);
      return problem === null;
    });
  }

  #asked(key: string) {
    return { who: SYSTEM, idempotencyKey: `import ${this.run.id} ${key}`, now: this.now };
  }

  /** All at once; when that is refused, one by one, so that one bad line does not keep the others out. */
  async #send(good: readonly Told<T>[]): Promise<number> {
    try {
      const items = good.map((b) => b.item);
      await this.list.send(this.#asked(`lines ${good[0]!.record.line} …`), items);
      return good.length;
    } catch (error) {
      if (!(error instanceof Refused) || error.data.kind === 'Busy') throw error;
    }
    let accepted = 0;
    for (const { record, item } of good) {
      try {
        await this.list.send(this.#asked(`line ${record.line}`), [item]);
        accepted += 1;
      } catch (error) {
        if (!(error instanceof Refused) || error.data.kind === 'Busy') throw error;
        this.#aside(record, { code: 'REFUSED', reason: error.message });
      }
    }
    return accepted;
  }
}

function isRejection(item: unknown): item is Rejection {
  return typeof item === 'object' && item !== null && 'reason' in item;
}

const BROKEN = { TOO_LONG: 'the line is longer than can be meant', OPEN_QUOTE: 'a quote is never closed' };

/** The cells of a record, or why it has none. */
function cellsOf(
  record: CsvRecord,
  columns: number,
  positions: Readonly<Record<string, number>>,
): Cells | string {
  const { fields } = record;
  if (fields === null) return BROKEN[record.problem!];
  if (fields.length !== columns) return `the line has ${fields.length} columns, the header ${columns}`;
  return (column) => {
    const at = positions[column] ?? -1;
    return at < 0 ? undefined : fields[at]!.trim() || undefined;
  };
}

async function listOf(db: Db, file: ListFile, now: Date): Promise<List<unknown>> {
  const lists = {
    catalogue: () => catalogue(db, file),
    locations: () => locations(db),
    counts: () => counts(db, file, now),
  };
  return (await lists[file.kind]()) as List<unknown>;
}

/**
 * Imports a file of SKUs, places or counts: what is good goes in, the rest is set aside line by line. The same file
 * twice changes nothing, also no count that has been sold from since. @throws FileProblem, Refused InvalidInput, Busy
 */
export async function importListFile(
  db: Db,
  file: ListFile,
  now: Date,
  tell: (lines: number) => void = () => {},
): Promise<{ run: ImportRun; before: boolean }> {
  const start = await lookAt(file.path);
  const { header, records } = await openRecords(start, file);
  const list = await listOf(db, file, now);
  const positions = positionsOf(header, list.columns, file.mapping, list.needed);
  const feedId = await openFeed(db, file.feed, null);
  return alone(db, feedId, async () => {
    const { kind, path: fileName, mapping, encoding, separator, location, currency } = file;
    const options = { mapping: Object.fromEntries(mapping), encoding, separator, location, currency };
    const what = { feedId, kind, fileName, fileHash: start.hash, options };
    const { run, before } = await chooseRun(db, what, file, now);
    if (before) return { run, before };
    const only = await linesToTry(db, run);
    const reading = new Reading(db, list, run, now);
    try {
      for await (const group of records) {
        for (const record of group) {
          if (record.line <= run.linesRead || only?.has(record.line) === false) continue;
          await reading.take(record, cellsOf(record, header.length, positions));
          tell(record.line);
        }
      }
    } catch (error) {
      if (error instanceof FileProblem) await failRun(db, run.id, error.message, now);
      throw error;
    }
    await reading.flush();
    return { run: await inTransaction(db, (tx) => finishRun(tx, run.id, now)), before: false };
  });
}
