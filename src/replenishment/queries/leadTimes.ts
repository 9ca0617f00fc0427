// Lead times of suppliers and transfers, from the receipts of past orders by source and destination.

import type { Tx } from '../../db/pool';
import { groupBy } from '../../values/lists';
import { DAY_MS } from '../../values/time';
import { type LeadTime, learnLeadTime, type Receipt } from '../rules/leadTime';

/** Days back that lead times are learned from. */
export const LEAD_HISTORY_DAYS = 365;

interface ReceiptRow extends Receipt {
  /** The supplier, or the location that sent it. */
  from: number;
  to: number;
}

// Days are local days of the destination. An order received in parts has one row a part, weighted by units; the outstanding
// rest is an open row, unless it is no longer awaited. Parts of the same age form one row.
const PURCHASES = `
  WITH placed AS (
    SELECT p.id, p.supplier_id, p.location_id, l.time_zone, (p.ordered_at AT TIME ZONE l.time_zone)::date AS ordered,
           p.status IN ('ORDERED', 'PARTIALLY_RECEIVED') AS awaited
    FROM purchase_order p JOIN location l ON l.id = p.location_id
    WHERE p.ordered_at > $1 AND p.ordered_at <= $2 AND ($3::int IS NULL OR p.supplier_id = $3)),
  outstanding AS (
    SELECT p.id, sum(l.quantity)::float8 AS units FROM placed p JOIN purchase_line l ON l.purchase_id = p.id GROUP BY 1),
  came AS (
    SELECT p.id, (m.created_at AT TIME ZONE p.time_zone)::date AS day, sum(m.quantity)::float8 AS units
    FROM placed p JOIN stock_move m ON m.document_id = p.id AND m.reason = 'RECEIVED' AND m.document_id IS NOT NULL
    WHERE m.created_at <= $2 GROUP BY 1, 2),
  parts AS (
    SELECT p.id, p.supplier_id, p.location_id, c.day - p.ordered AS days, c.units, false AS open
    FROM placed p JOIN came c USING (id)
    UNION ALL
    SELECT p.id, p.supplier_id, p.location_id, ($2 AT TIME ZONE p.time_zone)::date - p.ordered,
           a.units - coalesce((SELECT sum(c.units) FROM came c WHERE c.id = p.id), 0), true
    FROM placed p JOIN outstanding a USING (id) WHERE p.awaited),
  weighed AS (
    SELECT *, units / sum(units) OVER (PARTITION BY id) AS weight FROM parts WHERE units > 0)
  SELECT supplier_id AS "from", location_id AS "to", days, open, sum(weight) AS weight
  FROM weighed GROUP BY 1, 2, 3, 4`;

// A transfer is received as a whole. Its lead time begins when it is planned, as the need is known from then on.
const TRANSFERS = `
  SELECT t.from_location_id AS "from", t.to_location_id AS "to", t.status <> 'RECEIVED' AS open,
         (coalesce(t.closed_at, $2) AT TIME ZONE l.time_zone)::date - (t.created_at AT TIME ZONE l.time_zone)::date AS days,
         count(*)::float8 AS weight
  FROM transfer t JOIN location l ON l.id = t.to_location_id
  WHERE t.status <> 'CANCELLED' AND t.created_at > $1 AND t.created_at <= $2
  GROUP BY 1, 2, 3, 4`;

const keyOf = (from: number, to: number): string => `${from}:${to}`;

/** Lead times by source and destination; each is learned once and cached. */
export class LeadTimeTable {
  readonly #here: ReadonlyMap<string, Receipt[]>;
  readonly #anywhere: ReadonlyMap<number, Receipt[]>;
  readonly #learnt = new Map<string, LeadTime>();

  constructor(receipts: readonly ReceiptRow[]) {
    this.#here = groupBy(receipts, ({ from, to }) => keyOf(from, to));
    this.#anywhere = groupBy(receipts, ({ from }) => from);
  }

  /** The lead time from a supplier or location to a location, where so many days are stated. */
  at(from: number, to: number, stated: number): LeadTime {
    const key = `${keyOf(from, to)}:${stated}`;
    let found = this.#learnt.get(key);
    if (found === undefined) {
      found = learnLeadTime(stated, this.#here.get(keyOf(from, to)) ?? [], this.#anywhere.get(from) ?? []);
      this.#learnt.set(key, found);
    }
    return found;
  }
}

const since = (at: Date): Date => new Date(at.getTime() - LEAD_HISTORY_DAYS * DAY_MS);

/** What suppliers took, as known at `at`; of one of them or of all (null). */
export async function supplierLeadTimes(tx: Tx, at: Date, supplierId: number | null): Promise<LeadTimeTable> {
  return new LeadTimeTable(await tx.rows<ReceiptRow>(PURCHASES, [since(at), at, supplierId]));
}

/** What transfers between locations took, as known at `at`. */
export async function transferLeadTimes(tx: Tx, at: Date): Promise<LeadTimeTable> {
  return new LeadTimeTable(await tx.rows<ReceiptRow>(TRANSFERS, [since(at), at]));
}
