// The dry run of the retention: for each rule what applyRetention would erase now, by the same reads, and what comes next.

import type { Tx } from '../../db/pool';
import { yearsAfter } from '../../values/time';
import {
  documentTerm,
  RETENTION_KINDS,
  RETENTION_OBSTACLES,
  type RetentionKind,
  type RetentionObstacle,
} from '../rules/retention';
import { customersAfter, type Retained, type RetentionParts, retainedCustomers } from './retention';
import {
  earliestClosedAfter,
  FIRST_CLOSED,
  type RetainedDocument,
  retainedDocuments,
} from './retentionDocuments';

/** What one rule would erase. */
export interface RuleReport {
  kind: RetentionKind;
  customers: number;
  orders: number;
  returns: number;
  /** The earliest date from which a term runs, of what would be erased; null: nothing would be. */
  oldestAt: Date | null;
  /** When the next thing is due that is not due now; null: there is none. */
  nextDueAt: Date | null;
  /** Past its term, but kept all the same. */
  waiting: Map<RetentionObstacle, number>;
}

export interface RetentionDryRun {
  rules: RuleReport[];
  /** False: the time was over before all was read, and the counts are of what was. */
  isComplete: boolean;
}

const earlier = (a: Date | null, b: Date | null): Date | null =>
  a === null ? b : b === null || a <= b ? a : b;

function emptyReport(kind: RetentionKind): RuleReport {
  const waiting = new Map(RETENTION_OBSTACLES.map((obstacle) => [obstacle, 0]));
  return { kind, customers: 0, orders: 0, returns: 0, oldestAt: null, nextDueAt: null, waiting };
}

function count(
  report: RuleReport,
  now: Date,
  what: 'customers' | RetainedDocument,
  { since, dueAt, obstacle }: Retained<string>,
): void {
  if (dueAt > now) report.nextDueAt = earlier(report.nextDueAt, dueAt);
  else if (obstacle !== null) report.waiting.set(obstacle, report.waiting.get(obstacle)! + 1);
  else {
    report[what] += 1;
    report.oldestAt = earlier(report.oldestAt, since);
  }
}

async function countDocuments(
  tx: Tx,
  which: RetainedDocument,
  parts: RetentionParts,
  report: RuleReport,
  goOn: () => boolean,
): Promise<boolean> {
  for (let after = FIRST_CLOSED; ; ) {
    const { documents, next } = await retainedDocuments(tx, which, parts, after);
    for (const one of documents) count(report, parts.now, which, one);
    if (next === null) return true;
    if (!goOn()) return false;
    after = next;
  }
}

/** What applyRetention would do now, in pages, as long as `goOn` allows. */
export async function retentionDryRun(
  tx: Tx,
  parts: RetentionParts,
  goOn: () => boolean,
): Promise<RetentionDryRun> {
  const { now, terms } = parts;
  const reports = new Map(RETENTION_KINDS.map((kind) => [kind, emptyReport(kind)]));
  const answer = (isComplete: boolean): RetentionDryRun => ({ rules: [...reports.values()], isComplete });
  const closed = reports.get('DOCUMENTS')!;
  const later = await earliestClosedAfter(tx, yearsAfter(now, -terms.documentYears));
  for (const which of ['orders', 'returns'] as const) {
    const at = later[which];
    if (at !== null) closed.nextDueAt = earlier(closed.nextDueAt, documentTerm(at, terms).dueAt);
    if (!(await countDocuments(tx, which, parts, closed, goOn))) return answer(false);
  }
  for (let after: number | null = 0; after !== null; ) {
    const page: { customerIds: string[]; next: number | null } = await customersAfter(tx, after, null);
    for (const one of await retainedCustomers(tx, parts, page.customerIds))
      count(reports.get(one.kind)!, now, 'customers', one);
    if (page.next !== null && !goOn()) return answer(false);
    after = page.next;
  }
  return answer(true);
}
