// Quotas of storefronts on orders: units per line, and uncollected orders and units per customer and per storefront.

import type { CommandRequest } from '../../access/actions/execute';
import { totalsBy } from '../../access/queries/quotaTotals';
import {
  firstRefusal,
  type Holding,
  overLineQuota,
  overQuota,
  type StorefrontQuotas,
} from '../../access/rules/quotas';
import { sellingRules } from '../../catalog/queries/skus';
import type { Tx } from '../../db/pool';
import type { Refused } from '../../refusals';
import { OPEN_STATES } from '../rules/status';
import type { PlaceInput } from './basket';

const OPEN = OPEN_STATES.map((state) => `'${state}'`).join(', ');

/** Totals of open orders by storefront. ORDER BY forces the index of open orders. */
const BY_ACTOR = `
  SELECT o.owner_id AS "actorId", count(*)::int AS documents, coalesce(sum(l.units), 0)::int AS units
  FROM (
    SELECT id, owner_id FROM customer_order WHERE status IN (${OPEN}) AND placed_at <= $1::timestamptz
    ORDER BY owner_id, customer_phone OFFSET 0) o
  CROSS JOIN LATERAL (
    SELECT sum(reserved + awaiting + staged) AS units FROM order_line WHERE order_id = o.id) l
  GROUP BY o.owner_id`;

/** Totals of the open orders of every storefront. */
export const orderTotals = totalsBy(BY_ACTOR);

/** The limits of these totals. */
export const orderLimits = (limits: StorefrontQuotas): Holding => ({
  units: limits.STOREFRONT_ORDER_UNITS,
  documents: limits.STOREFRONT_ORDERS,
});

// Concurrent orders of one customer are serialized, so that together they cannot exceed the quota.
const LOCK_CUSTOMERS = `
  SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('comptoir customer ' || concat_ws(':', owner_id, address), 0) AS key
    FROM unnest($1::int[], $2::text[]) AS k(owner_id, address) ORDER BY 1) keys`;

const OF_CUSTOMERS = `
  SELECT k.n::int AS n, coalesce(l.units, 0)::int AS units
  FROM unnest($1::int[], $2::text[], $3::text[]) WITH ORDINALITY AS k(owner_id, email, phone, n)
  CROSS JOIN LATERAL (
    SELECT id FROM customer_order c
    WHERE c.owner_id = k.owner_id AND c.customer_email = k.email AND c.status IN (${OPEN})
    UNION
    SELECT id FROM customer_order c
    WHERE c.owner_id = k.owner_id AND c.customer_phone = k.phone AND c.status IN (${OPEN})) o
  CROSS JOIN LATERAL (
    SELECT sum(reserved + awaiting + staged) AS units FROM order_line WHERE order_id = o.id) l`;

const RESERVED_UNITS = 'SELECT id, units FROM reservation WHERE id = ANY($1::uuid[])';

/** What is read of requests before they are decided. */
export interface OrderQuotas {
  /** For each request, in order: what its customer has in open orders. */
  present: Holding[];
  /** Units of the named reservations. */
  reservedUnits: ReadonlyMap<string, number>;
  maxLineUnits: ReadonlyMap<number, number>;
}

/** Locks the customers of requests that quotas apply to, and reads their open orders; all statements are sent at once. */
export async function readOrderQuotas(
  tx: Tx,
  requests: readonly CommandRequest<PlaceInput>[],
): Promise<OrderQuotas> {
  const bound = requests.filter((a) => a.quotas !== undefined);
  const present = requests.map((): Holding => ({ units: 0, documents: 0 }));
  if (bound.length === 0) return { present, reservedUnits: new Map(), maxLineUnits: new Map() };
  const addresses = bound.flatMap(({ actor, input: { customer } }) =>
    [customer.email, customer.phone].flatMap((address) =>
      address === null ? [] : [{ ownerId: actor.actorId, address }],
    ),
  );
  const [, open, reserved, { maxLineUnits }] = await Promise.all([
    tx.rows(LOCK_CUSTOMERS, [addresses.map((a) => a.ownerId), addresses.map((a) => a.address)]),
    tx.rows<{ n: number; units: number }>(OF_CUSTOMERS, [
      bound.map((a) => a.actor.actorId),
      bound.map((a) => a.input.customer.email),
      bound.map((a) => a.input.customer.phone),
    ]),
    tx.rows<{ id: string; units: number }>(RESERVED_UNITS, [
      bound.flatMap((a) => a.input.reservationId ?? []),
    ]),
    sellingRules(tx, [...new Set(bound.flatMap((a) => a.input.direct?.lines.map((l) => l.skuId) ?? []))]),
  ]);
  const totals = bound.map((a) => present[requests.indexOf(a)]!);
  for (const { n, units } of open) {
    const customer = totals[n - 1]!;
    customer.units += units;
    customer.documents += 1;
  }
  return { present, reservedUnits: new Map(reserved.map((h) => [h.id, h.units])), maxLineUnits };
}

/**
 * The refusal of each request that exceeds a quota, together with those before it; null for the others. Requested units
 * count, whether available or not.
 */
export function ordersOverQuota(
  requests: readonly CommandRequest<PlaceInput>[],
  { present, reservedUnits, maxLineUnits }: OrderQuotas,
): (Refused | null)[] {
  /** Totals of the requests of this batch that were allowed, by owner and address. */
  const passed = new Map<string, Holding>();
  return requests.map(({ actor, idempotencyKey, input, quotas }, i) => {
    if (quotas === undefined) return null;
    const { limits, totals } = quotas;
    totals?.drop(actor.actorId, idempotencyKey);
    const { customer, direct, reservationId } = input;
    const lines = direct?.lines ?? [];
    const units =
      direct === null
        ? (reservedUnits.get(reservationId ?? '') ?? 0)
        : lines.reduce((sum, line) => sum + line.quantity, 0);
    const keys = [customer.email, customer.phone].flatMap((a) =>
      a === null ? [] : [`${actor.actorId}:${a}`],
    );
    const before = keys.map((key) => passed.get(key) ?? { units: 0, documents: 0 });
    const has = {
      units: present[i]!.units + Math.max(0, ...before.map((b) => b.units)),
      documents: present[i]!.documents + Math.max(0, ...before.map((b) => b.documents)),
    };
    const total = totals?.present(actor.actorId) ?? { units: 0, documents: 0 };
    const over = (quota: Parameters<typeof overQuota>[0], there: number, more: number) =>
      overQuota(quota, { limit: limits[quota], present: there, asked: more });
    const refused = firstRefusal([
      overLineQuota(limits, maxLineUnits, lines),
      over('CUSTOMER_ORDERS', has.documents, 1),
      over('CUSTOMER_ORDER_UNITS', has.units, units),
      over('STOREFRONT_ORDERS', total.documents, 1),
      over('STOREFRONT_ORDER_UNITS', total.units, units),
    ]);
    if (refused !== null) return refused;
    totals?.grant(actor.actorId, idempotencyKey, { units, documents: 1 });
    keys.forEach((key, k) => {
      passed.set(key, { units: before[k]!.units + units, documents: before[k]!.documents + 1 });
    });
    return null;
  });
}
