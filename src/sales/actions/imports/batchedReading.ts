// Reads records of files in batches of one transaction: what is stored and how far the file was read are one commit, so that a run that
// was killed goes on without a gap and without a repetition.

import type { CsvRecord } from '../../../csv/rules/records';
import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import type { Cells } from '../../rules/cells';
import type { KeptText } from '../../rules/keptText';
import type { LineCounts } from '../../rules/outcome';
import type { Rejection } from '../../rules/rejection';
import { isRejection, type ListReading, rejectOf } from './listRecords';
import { advance, applied, type ImportRun, type Reject, setAside } from './runs';
import { NOTHING } from './step';

/** Lines of one transaction. */
const BATCH = 1_000;

/** What became of the lines of a batch. */
export interface StoredBatch {
  counts: LineCounts;
  /** Lines that were refused while they were stored, by their position in the batch. */
  refused: ReadonlyMap<number, Rejection>;
  /** Lines that were left out because their customers were erased. */
  erased: number;
}

/** How the records of a kind are read and stored. */
interface BatchedKind<Line> {
  read(cells: Cells): Line | Rejection;
  store(tx: Tx, lines: readonly Line[]): Promise<StoredBatch>;
}

interface ReadLine<Line> {
  line: Line;
  /** As it is rejected, if its storing refuses it. */
  rejectedAs(rejection: Rejection): Reject;
}

export class BatchedReading<Line> implements ListReading {
  #lines: ReadLine<Line>[] = [];
  #rejects: Reject[] = [];
  #records = 0;
  #lastLine = 0;
  #figures: Record<string, number>;

  constructor(
    private readonly db: Db,
    private readonly run: ImportRun,
    private readonly keptText: KeptText,
    private readonly kind: BatchedKind<Line>,
  ) {
    this.#figures = { ...run.figures };
  }

  pass(): void {}

  async take(record: CsvRecord, cells: Cells | Rejection): Promise<void> {
    const line = isRejection(cells) ? cells : this.kind.read(cells);
    const rejectedAs = (rejection: Rejection): Reject => rejectOf(this.keptText, record, rejection);
    if (isRejection(line)) this.#rejects.push(rejectedAs(line));
    else this.#lines.push({ line, rejectedAs });
    this.#records += 1;
    this.#lastLine = record.lastLine;
    if (this.#records >= BATCH) await this.finish();
  }

  async finish(): Promise<void> {
    if (this.#records === 0) return;
    const lines = this.#lines;
    const figures = await inTransaction(this.db, async (tx) => {
      const { counts, refused, erased } = await this.kind.store(
        tx,
        lines.map(({ line }) => line),
      );
      const late = [...refused].map(([i, rejection]) => lines[i]!.rejectedAs(rejection));
      const rejects = [...this.#rejects, ...late];
      await setAside(tx, this.run.id, rejects);
      const sums = { ...this.#figures, erased: (this.#figures.erased ?? 0) + erased };
      const read = { lines: this.#lastLine, records: this.#records, rejected: rejects.length };
      await advance(tx, this.run.id, { ...read, figures: sums });
      await applied(tx, this.run.id, 0, { ...NOTHING, ...counts }, sums);
      return sums;
    });
    this.#figures = figures;
    this.#lines = [];
    this.#rejects = [];
    this.#records = 0;
  }

  async giveUp(): Promise<void> {}
}
