// Reading counts: all lines are staged first, so that the bins of one SKU are added up and the file's order does not
// matter; then they are posted location by location, some shelves a command.

import { SYSTEM } from '../../../access/rules/roles';
import type { NumberForm } from '../../../csv/rules/numbers';
import type { CsvRecord } from '../../../csv/rules/records';
import type { Db } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { MAX_LINES, MAX_QUANTITY, type RefusalData } from '../../../refusals';
import { type CountSums, countStock } from '../../../stock/actions/counts';
import { reservedExceedsCount, staleCount } from '../../../stock/rules/changes';
import type { SkuIdCache } from '../../queries/codes';
import type { Cells } from '../../rules/cells';
import { type ShelfCount, sumCounts } from '../../rules/countLines';
import type { KeptText } from '../../rules/keptText';
import type { SellingLocation } from '../../rules/line';
import { type CountFileLine, readCount } from '../../rules/lists';
import type { Pseudonyms } from '../../rules/pseudonym';
import type { Rejection } from '../../rules/rejection';
import {
  type CountToStage,
  clearCounts,
  clearShelves,
  nextShelves,
  type ShelfCursor,
  type StagedShelf,
  stageCounts,
} from './countStage';
import { isRejection, type ListReading, rejectOf } from './listRecords';
import { advance, applied, type ImportRun, type Reject, setAside } from './runs';
import { sendApart } from './sendApart';

/** Records staged at a time. */
const BATCH = 10_000;

interface TakenCount {
  record: CsvRecord;
  /** As far as it can be read; its quantity is null when it cannot. */
  count: Pick<CountFileLine, 'location' | 'sku' | 'expected' | 'bin'> & { quantity: number | null };
}

/** A shelf whose lines add up. */
interface SummedShelf extends StagedShelf {
  count: ShelfCount;
}

/** Reasons by SKU code, where a refusal of a count names lines. */
function named(refusal: RefusalData): Map<string, string> {
  if (refusal.kind === 'StaleCount') {
    return new Map(refusal.lines.map((line) => [line.sku, staleCount([line]).message]));
  }
  if (refusal.kind === 'ReservedExceedsCount') {
    return new Map(refusal.lines.map((line) => [line.sku, reservedExceedsCount([line]).message]));
  }
  return new Map();
}

export class CountReading implements ListReading {
  #taken: TakenCount[] = [];
  #rejects: Reject[] = [];
  #records = 0;
  #lastLine = 0;
  #figures: Record<string, number>;

  constructor(
    private readonly db: Db,
    private readonly run: ImportRun,
    private readonly now: Date,
    private readonly known: {
      locations: ReadonlyMap<string, SellingLocation>;
      skuIds: SkuIdCache;
      location: string | null;
      form: NumberForm;
      keptText: KeptText;
      pseudonyms: Pseudonyms;
    },
  ) {
    this.#figures = { ...run.figures };
  }

  pass(): void {}

  async take(record: CsvRecord, cells: Cells | Rejection): Promise<void> {
    const count = isRejection(cells) ? cells : readCount(cells, this.known.location, this.known.form);
    if (!isRejection(count)) this.#taken.push({ record, count });
    else {
      this.#rejects.push(rejectOf(this.known.keptText, record, count));
      if (!isRejection(cells)) this.#mark(record, cells);
    }
    this.#records += 1;
    this.#lastLine = record.lastLine;
    if (this.#records >= BATCH) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.#post();
  }

  giveUp(): Promise<void> {
    return clearCounts(this.db, this.run.id);
  }

  /** Remembers that a line of a shelf could not be read, so that its other lines are not taken for all of them. */
  #mark(record: CsvRecord, cells: Cells): void {
    const [location, sku] = [cells('location') ?? this.known.location, cells('sku')];
    if (location === null || sku === undefined) return;
    this.#taken.push({ record, count: { location, sku, quantity: null, expected: null, bin: null } });
  }

  async #flush(): Promise<void> {
    if (this.#records === 0) return;
    const { locations, skuIds } = this.known;
    await skuIds.learn(this.#taken.map(({ count }) => count.sku));
    const staged: CountToStage[] = [];
    for (const { record, count } of this.#taken) {
      const { location, sku, ...rest } = count;
      const [found, coded] = [locations.get(location), skuIds.of(sku)];
      const quantity = count.quantity === null ? null : count.quantity * (coded?.units ?? 1);
      const isTooMany = quantity !== null && quantity > MAX_QUANTITY;
      if (found !== undefined && coded !== undefined && !isTooMany) {
        const words = this.known.pseudonyms.ofText(record.raw);
        const shelf = { locationId: found.id, skuId: coded.id };
        staged.push({ ...rest, ...shelf, quantity, line: record.line, words });
      } else if (count.quantity !== null) {
        const unknown: Rejection =
          found === undefined
            ? { code: 'UNKNOWN_LOCATION', reason: `there is no location '${location.slice(0, 64)}'` }
            : isTooMany
              ? { code: 'BAD_UNITS', reason: `${quantity} units are more than ${MAX_QUANTITY}` }
              : { code: 'UNKNOWN_SKU', reason: `there is no SKU '${sku.slice(0, 64)}'` };
        this.#rejects.push(rejectOf(this.known.keptText, record, unknown));
      }
    }
    const [records, lines, rejects] = [this.#records, this.#lastLine, this.#rejects];
    await inTransaction(this.db, async (tx) => {
      await stageCounts(tx, this.run.id, staged);
      await setAside(tx, this.run.id, rejects);
      await advance(tx, this.run.id, { lines, records, rejected: rejects.length, figures: this.#figures });
    });
    this.#taken = [];
    this.#rejects = [];
    this.#records = 0;
  }

  /**
   * Posts all staged counts. The command precedes the progress record and is idempotent: after a kill in between it is
   * repeated without effect.
   */
  async #post(): Promise<void> {
    let after: ShelfCursor = { locationId: 0, skuId: 0 };
    for (;;) {
      const shelves = await nextShelves(this.db, this.run.id, after, MAX_LINES);
      if (shelves.length === 0) return;
      await this.#postShelves(shelves);
      after = shelves.at(-1)!;
    }
  }

  async #postShelves(shelves: readonly StagedShelf[]): Promise<void> {
    const aside: Reject[] = [];
    const fail = ({ lines }: StagedShelf, { code, reason }: Rejection): void => {
      // Lines that could not be read were rejected when they were read.
      for (const { line, quantity } of lines) {
        if (quantity !== null) aside.push({ line, raw: '', code, reason, units: quantity });
      }
    };
    const summed: SummedShelf[] = [];
    for (const shelf of shelves) {
      const count = sumCounts(shelf.lines);
      if (isRejection(count)) fail(shelf, count);
      else summed.push({ ...shelf, count });
    }
    const sums: CountSums = { created: 0, corrected: 0, unchanged: 0, waiting: 0 };
    let merged = 0;
    await sendApart(summed, {
      send: async (some) => {
        const done = await this.#count(some);
        for (const key of Object.keys(sums) as (keyof CountSums)[]) sums[key] += done[key];
        merged += some.reduce((sum, shelf) => sum + shelf.count.merged, 0);
      },
      culprits: (refusal, some) => {
        const reasons = named(refusal);
        return new Map(some.flatMap((s) => (reasons.has(s.sku) ? [[s, reasons.get(s.sku)!] as const] : [])));
      },
      fail: async (shelf, reason) => fail(shelf, { code: 'REFUSED', reason }),
    });
    const { created, corrected, unchanged, waiting } = sums;
    const changed = created + corrected;
    const figures = { ...this.#figures, waiting: (this.#figures.waiting ?? 0) + waiting };
    const counts = { created, corrected, replaced: 0, merged, unchanged, changed };
    const accepted = changed + unchanged + merged + waiting;
    const step = { ...counts, accepted, repeated: 0, repeats: [], aside, firstDay: null, lastDay: null };
    await inTransaction(this.db, async (tx) => {
      await clearShelves(tx, this.run.id, shelves);
      await setAside(tx, this.run.id, aside);
      await applied(tx, this.run.id, 0, step, figures);
    });
    this.#figures = figures;
  }

  async #count(shelves: readonly SummedShelf[]): Promise<CountSums> {
    const [{ locationId, location: locationCode, skuId }] = shelves as [SummedShelf];
    const span = `${locationId} ${skuId}-${shelves.at(-1)!.skuId} of ${shelves.length}`;
    const lines = shelves.map((s) => ({
      ...{ skuId: s.skuId, quantity: s.count.quantity, expectedQuantity: s.count.expected },
    }));
    const { sums } = await countStock(this.db, {
      ...{ actor: SYSTEM, idempotencyKey: `import ${this.run.id} counts ${span}`, now: this.now },
      input: { locationId, locationCode, lines, runId: this.run.id },
    });
    return sums;
  }
}
