// approveCounts: posts together the large differences found by one import.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import type { Tx } from '../../db/pool';
import { refuse } from '../../refusals';
import { lockShelves, markCounted, post, type Shelf } from '../ledger';
import { correction, MAX_ON_SHELF } from '../rules/changes';

/** Maximum number of counts that one request approves; further ones wait for the next. */
export const MAX_APPROVED = 1_000;
/** Maximum number of unapproved counts that the answer lists with their reason. */
const MAX_KEPT = 50;

export interface ApproveCountsInput {
  runId: number;
}

/** A count that was not approved, with the reason. */
export interface KeptCount {
  countId: string;
  reason: string;
}

/** The results of approving the counts of a run. */
export interface CountsApproved {
  runId: number;
  approved: number;
  /** Counts of the run that still wait. */
  waiting: number;
  /** Some of these that the present shelf does not allow. */
  kept: KeptCount[];
}

const KNOWN = 'SELECT EXISTS (SELECT FROM stock_count WHERE run_id = $1) AS known';

// Selects counts that the present shelf allows, so that the others do not fill every page.
const WAITING = `
  SELECT c.id, c.location_id AS "locationId", c.sku_id AS "skuId", l.code AS location
  FROM stock_count c JOIN location l ON l.id = c.location_id
  JOIN stock_level v ON v.location_id = c.location_id AND v.sku_id = c.sku_id
  WHERE c.run_id = $1 AND c.status = 'COUNTED' AND v.available + (c.counted - c.expected) BETWEEN 0 AND $3
  ORDER BY c.location_id, c.sku_id LIMIT $2`;

const LOCKED = `
  SELECT id, location_id AS "locationId", sku_id AS "skuId", counted - expected AS difference, counted_at AS "countedAt"
  FROM stock_count WHERE id = ANY($1::uuid[]) AND status = 'COUNTED' ORDER BY location_id, sku_id`;

const FINISH = `UPDATE stock_count SET status = 'POSTED', posted_at = $2 WHERE id = ANY($1::uuid[])`;

const LEFT = `SELECT count(*) AS waiting FROM stock_count WHERE run_id = $1 AND status = 'COUNTED'`;

const KEPT = `
  SELECT c.id AS "countId", s.code AS sku, l.code AS location, c.expected - c.counted AS missing, v.available
  FROM stock_count c JOIN location l ON l.id = c.location_id JOIN sku s ON s.id = c.sku_id
  JOIN stock_level v ON v.location_id = c.location_id AND v.sku_id = c.sku_id
  WHERE c.run_id = $1 AND c.status = 'COUNTED' AND v.available + (c.counted - c.expected) NOT BETWEEN 0 AND $3
  ORDER BY c.location_id, c.sku_id LIMIT $2`;

interface WaitingCount extends Shelf {
  id: string;
  location: string;
}

interface LockedCount extends Shelf {
  id: string;
  difference: number;
  countedAt: Date;
}

async function keptCounts(tx: Tx, runId: number): Promise<KeptCount[]> {
  const rows = await tx.rows<{
    countId: string;
    sku: string;
    location: string;
    missing: number;
    available: number;
  }>(KEPT, [runId, MAX_KEPT, MAX_ON_SHELF]);
  return rows.map(({ countId, sku, location, missing, available }) => {
    const found = `${location} has ${available} ${sku} free, and the count found `;
    const reason =
      missing > 0
        ? `${found}${missing} missing; count it again, or drop the count`
        : `${found}${-missing} more, which is over ${MAX_ON_SHELF} in one bucket; count it again`;
    return { countId, reason };
  });
}

/**
 * Posts up to MAX_APPROVED of the waiting differences of one import, each as it was found even if its shelf has changed
 * since; those that the shelf does not allow keep waiting. Another call continues with the rest.
 * @throws Refused NotFound for a run that counted nothing; Forbidden
 */
export const approveCounts = defineCommand(
  'approveCounts',
  async (tx: Tx, { input, actor, now, commandId }: Command<ApproveCountsInput>): Promise<CountsApproved> => {
    const { runId } = input;
    const [run] = await tx.rows<{ known: boolean }>(KNOWN, [runId]);
    if (!run?.known) {
      refuse('NotFound', `No count came from an import run ${runId}; importRuns lists the runs.`, {
        what: 'ImportRun',
        keys: [String(runId)],
      });
    }
    const wanted = await tx.rows<WaitingCount>(WAITING, [runId, MAX_APPROVED, MAX_ON_SHELF]);
    for (const { locationId, location } of wanted) mustWorkAt(actor, locationId, location);
    const shelves = await lockShelves(tx, wanted);
    const locked = await tx.rows<LockedCount>(LOCKED, [wanted.map((w) => w.id)]);
    const good = locked.filter(({ locationId, skuId, difference }) => {
      const after = shelves.at(locationId, skuId).available + difference;
      return after >= 0 && after <= MAX_ON_SHELF;
    });
    const moves = good.filter((c) => c.difference !== 0);
    await post(
      tx,
      shelves,
      now,
      moves.map(({ locationId, skuId, difference }) => ({
        ...correction(difference),
        ...{ locationId, skuId, commandId },
      })),
    );
    for (const at of new Set(good.map((c) => c.countedAt.getTime()))) {
      await markCounted(
        tx,
        new Date(at),
        good.filter((c) => c.countedAt.getTime() === at),
      );
    }
    await tx.rows(FINISH, [good.map((c) => c.id), now]);
    const [left] = await tx.rows<{ waiting: number }>(LEFT, [runId]);
    return { runId, approved: good.length, waiting: left!.waiting, kept: await keptCounts(tx, runId) };
  },
);
