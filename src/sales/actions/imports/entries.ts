// Reading entries of the catalogue and of locations: lines of one code are one entry; entries are stored batch by batch.

import { isDeepStrictEqual } from 'node:util';
import { type Caller, SYSTEM } from '../../../access/rules/roles';
import type { CsvRecord } from '../../../csv/rules/records';
import type { Db } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { MAX_BULK, type RefusalData } from '../../../refusals';
import type { Cells } from '../../rules/cells';
import type { KeptText } from '../../rules/keptText';
import type { LineCounts } from '../../rules/outcome';
import type { Rejection } from '../../rules/rejection';
import { isRejection, type ListReading, rejectOf } from './listRecords';
import { advance, applied, type ImportRun, type Reject, setAside } from './runs';
import { sendApart } from './sendApart';

/** One kind of list: how a line is read, and the command that takes many entries. */
export interface EntryList<T> {
  read(cells: Cells): T | Rejection;
  keyOf(entry: T): string;
  /** Reasons why entries are refused, by key, where the refusal names them. */
  named?(refusal: RefusalData): ReadonlyMap<string, string>;
  /** @throws Refused: then nothing of the batch was stored */
  send(
    request: { actor: Caller; idempotencyKey: string; now: Date },
    entries: T[],
  ): Promise<{ created: number; updated: number; unchanged: number }>;
}

interface EntryLine<T> {
  record: CsvRecord;
  entry: T;
}

/** Lines of one code in a batch, and the entry they make together: a later line completes and overrules earlier ones. */
interface EntryGroup<T> {
  key: string;
  entry: T;
  lines: EntryLine<T>[];
  /** Lines that overrule an earlier one. */
  overruling: number;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The entry that two lines make, as if they had come one after the other. */
function joined<T extends object>(first: T, second: T): T {
  const both = { ...first } as Record<string, unknown>;
  for (const [field, value] of Object.entries(second)) {
    const before = both[field];
    both[field] = isPlain(before) && isPlain(value) ? { ...before, ...value } : value;
  }
  return both as T;
}

/** True where `second` has another value of a field than `first`. */
function overrules(first: object, second: object): boolean {
  const before = first as Record<string, unknown>;
  return Object.entries(second).some(([field, value]) => {
    if (!(field in before)) return false;
    const earlier = before[field];
    return isPlain(earlier) && isPlain(value)
      ? overrules(earlier, value)
      : !isDeepStrictEqual(earlier, value);
  });
}

const groupOf = <T>(key: string, line: EntryLine<T>): EntryGroup<T> => ({
  ...{ key, entry: line.entry, lines: [line], overruling: 0 },
});

const noCounts = (): LineCounts => ({
  ...{ accepted: 0, created: 0, corrected: 0, replaced: 0, merged: 0, unchanged: 0, changed: 0 },
});

/** Lines of one batch: of fewer entries, as each may have several. */
const MAX_BATCH_LINES = 5 * MAX_BULK;

export class EntryReading<T extends object> implements ListReading {
  #groups = new Map<string, EntryGroup<T>>();
  #lines = 0;
  #rejects: Reject[] = [];
  #records = 0;
  #lastLine = 0;
  /** Codes of batches before: repeated codes replace their earlier entry of this file. */
  readonly #seen = new Set<string>();

  constructor(
    private readonly db: Db,
    private readonly list: EntryList<T>,
    private readonly run: ImportRun,
    private readonly now: Date,
    private readonly keptText: KeptText,
  ) {}

  pass(_record: CsvRecord, cells: Cells | Rejection): void {
    const entry = isRejection(cells) ? cells : this.list.read(cells);
    if (!isRejection(entry)) this.#seen.add(this.list.keyOf(entry));
  }

  async take(record: CsvRecord, cells: Cells | Rejection): Promise<void> {
    const entry = isRejection(cells) ? cells : this.list.read(cells);
    if (isRejection(entry)) this.#rejects.push(rejectOf(this.keptText, record, entry));
    else this.#add({ record, entry });
    this.#records += 1;
    this.#lastLine = record.lastLine;
    const full = this.#groups.size >= MAX_BULK || this.#lines >= MAX_BATCH_LINES;
    if (full || this.#rejects.length >= MAX_BULK) await this.#flush();
  }

  finish(): Promise<void> {
    return this.#flush();
  }

  async giveUp(): Promise<void> {}

  #add(lines: EntryLine<T>): void {
    const key = this.list.keyOf(lines.entry);
    const group = this.#groups.get(key);
    this.#lines += 1;
    if (group === undefined) {
      this.#groups.set(key, groupOf(key, lines));
      return;
    }
    if (overrules(group.entry, lines.entry)) group.overruling += 1;
    group.entry = joined(group.entry, lines.entry);
    group.lines.push(lines);
  }

  /**
   * Sends the batch, and notes how far the file was read. The command comes first and is idempotent: repeating it has
   * no effect.
   */
  async #flush(): Promise<void> {
    if (this.#records === 0) return;
    const counts = noCounts();
    const groups = [...this.#groups.values()];
    const again = groups.filter((g) => this.#seen.has(g.key));
    await this.#send(
      groups.filter((g) => !this.#seen.has(g.key)),
      counts,
      false,
    );
    await this.#send(again, counts, true);
    for (const { key } of groups) this.#seen.add(key);
    counts.changed = counts.created + counts.corrected + counts.replaced;
    const rejects = this.#rejects;
    await inTransaction(this.db, async (tx) => {
      await setAside(tx, this.run.id, rejects);
      const read = { lines: this.#lastLine, records: this.#records, rejected: rejects.length, figures: {} };
      await advance(tx, this.run.id, read);
      const step = { ...counts, repeated: 0, repeats: [], aside: [], firstDay: null, lastDay: null };
      await applied(tx, this.run.id, 0, step, {});
    });
    this.#groups = new Map();
    this.#lines = 0;
    this.#rejects = [];
    this.#records = 0;
  }

  async #send(groups: readonly EntryGroup<T>[], counts: LineCounts, again: boolean): Promise<void> {
    await sendApart(groups, {
      send: async (some) => {
        const [first, last] = [some[0]!.lines[0]!.record.line, some.at(-1)!.lines.at(-1)!.record.line];
        const idempotencyKey = `import ${this.run.id} lines ${first}-${last} of ${some.length}`;
        const request = { actor: SYSTEM, idempotencyKey, now: this.now };
        const done = await this.list.send(
          request,
          some.map((g) => g.entry),
        );
        const lines = some.reduce((sum, g) => sum + g.lines.length, 0);
        const overruling = some.reduce((sum, g) => sum + g.overruling, 0);
        counts.accepted += lines;
        counts.created += done.created;
        counts.replaced += overruling + (again ? done.updated : 0);
        counts.corrected += again ? 0 : done.updated;
        counts.unchanged += again ? 0 : done.unchanged;
        counts.merged += lines - some.length - overruling + (again ? done.unchanged : 0);
      },
      culprits: (refusal, some) => {
        const reasons = this.list.named?.(refusal) ?? new Map<string, string>();
        return new Map(some.flatMap((g) => (reasons.has(g.key) ? [[g, reasons.get(g.key)!] as const] : [])));
      },
      fail: async (group, reason) => {
        if (group.lines.length === 1) {
          this.#rejects.push(rejectOf(this.keptText, group.lines[0]!.record, { code: 'REFUSED', reason }));
          return;
        }
        // Of several lines of a code, those that are valid alone.
        for (const line of group.lines) await this.#send([groupOf(group.key, line)], counts, again);
      },
    });
  }
}
