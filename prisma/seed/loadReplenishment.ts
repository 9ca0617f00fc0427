/** Loads how the demonstration chain is refilled: offers, policies, and deliveries that came and were sold long ago. */
import { v7 as uuid } from 'uuid';
import type { Tx } from '../../src/db/pool';
import { lockShelves, type Move, post } from '../../src/stock/ledger';
import { groupBy } from '../../src/values/lists';
import type { DayText, PastPurchaseSeed, SeedChain } from './types';

/** The ids that the chain's codes got. */
export interface Ids {
  location: Map<string, number>;
  sku: Map<string, number>;
  supplier: Map<string, number>;
}

export function idOf(map: Map<string, number>, code: string): number {
  const id = map.get(code);
  if (id === undefined) throw new Error(`the demonstration chain names '${code}' but does not have it`);
  return id;
}

const OFFERS = `
  INSERT INTO sku_supplier (sku_id, supplier_id, unit_cost_minor, currency, pack_size, minimum_order, preferred, updated_at)
  SELECT sku_id, supplier_id, unit_cost_minor, currency, pack_size, minimum_order, true, $7
  FROM unnest($1::int[], $2::int[], $3::int[], $4::text[], $5::int[], $6::int[])
    AS o(sku_id, supplier_id, unit_cost_minor, currency, pack_size, minimum_order)`;

const POLICIES = `
  INSERT INTO replenishment_policy (location_id, location_group, service_a, service_b, service_c, review_weekdays,
    presentation_minimum, supplied_from_id, updated_at)
  SELECT l.id, p->>'groupCode', (p->>'serviceA')::float8, (p->>'serviceB')::float8, (p->>'serviceC')::float8,
    ARRAY(SELECT w::int FROM jsonb_array_elements_text(coalesce(p->'reviewWeekdays', '[]')) w),
    (p->>'presentationMinimum')::int, f.id, $2
  FROM jsonb_array_elements($1::jsonb) AS p
  LEFT JOIN location l ON l.code = p->>'locationCode' LEFT JOIN location f ON f.code = p->>'suppliedFrom'`;

const PURCHASES = `
  INSERT INTO purchase_order (id, number, supplier_id, location_id, status, note, created_at, ordered_at, expected_at, closed_at)
  SELECT id, 'P-' || nextval('purchase_number'), supplier_id, location_id, 'RECEIVED', note, ordered_at, ordered_at,
         expected_at, closed_at
  FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[])
    AS p(id, supplier_id, location_id, note, ordered_at, expected_at, closed_at)`;
const LINES = `
  INSERT INTO purchase_line (purchase_id, sku_id, quantity, received)
  SELECT purchase_id, sku_id, quantity, quantity
  FROM unnest($1::uuid[], $2::int[], $3::int[]) AS l(purchase_id, sku_id, quantity)`;

const morning = (day: string): Date => new Date(`${day}T08:00:00Z`);

/** The command of the demonstration, and moves of other documents by their days. */
interface PastScope {
  now: Date;
  commandId: number;
  moved: ReadonlyMap<DayText, readonly Move[]>;
}

/** What came in the past was sold since, as the shelves are filled anew today: the books say both. */
async function loadPast(
  tx: Tx,
  past: readonly PastPurchaseSeed[],
  ids: Ids,
  { commandId, moved }: PastScope,
): Promise<void> {
  const orders = past
    .map((p) => ({ ...p, id: uuid() }))
    .sort((a, b) => (a.receivedOn < b.receivedOn ? -1 : a.receivedOn > b.receivedOn ? 1 : 0));
  await tx.rows(PURCHASES, [
    orders.map((o) => o.id),
    orders.map((o) => idOf(ids.supplier, o.supplierCode)),
    orders.map((o) => idOf(ids.location, o.locationCode)),
    orders.map((o) => o.code),
    orders.map((o) => morning(o.orderedOn)),
    orders.map((o) => morning(o.expectedOn)),
    orders.map((o) => morning(o.receivedOn)),
  ]);
  const lines = orders.flatMap((o) => o.lines.map((line) => ({ ...line, order: o })));
  await tx.rows(LINES, [
    lines.map((l) => l.order.id),
    lines.map((l) => idOf(ids.sku, l.skuCode)),
    lines.map((l) => l.quantity),
  ]);
  const moves = lines.map<Move>(({ order, skuCode, quantity }) => ({
    locationId: idOf(ids.location, order.locationCode),
    skuId: idOf(ids.sku, skuCode),
    from: 'SUPPLIER',
    to: 'AVAILABLE',
    quantity,
    reason: 'RECEIVED',
    documentId: order.id,
    commandId,
  }));
  const shelves = await lockShelves(tx, [...moves, ...[...moved.values()].flat()]);
  const came = groupBy(
    moves.map((move, i) => ({ move, day: lines[i]!.order.receivedOn })),
    ({ day }) => day,
  );
  for (const day of [...new Set([...came.keys(), ...moved.keys()])].sort()) {
    const received = (came.get(day) ?? []).map(({ move }) => move);
    await post(tx, shelves, morning(day), received);
    const sold = received.map<Move>((m) => ({
      ...m,
      from: 'AVAILABLE',
      to: 'CUSTOMER',
      reason: 'SOLD',
      documentId: null,
    }));
    await post(tx, shelves, new Date(morning(day).getTime() + 3_600_000), [
      ...sold,
      ...(moved.get(day) ?? []),
    ]);
  }
}

/** Loads offers, policies and past deliveries. */
export async function loadReplenishment(tx: Tx, chain: SeedChain, ids: Ids, scope: PastScope): Promise<void> {
  const { now } = scope;
  const offers = chain.skuSuppliers;
  await tx.rows(OFFERS, [
    offers.map((o) => idOf(ids.sku, o.skuCode)),
    offers.map((o) => idOf(ids.supplier, o.supplierCode)),
    offers.map((o) => o.unitCostMinor),
    offers.map((o) => o.currency),
    offers.map((o) => o.packSize),
    offers.map((o) => o.minimumOrder),
    now,
  ]);
  await tx.rows(POLICIES, [JSON.stringify(chain.policies), now]);
  await loadPast(tx, chain.pastPurchases, ids, scope);
}
