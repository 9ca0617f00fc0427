/** Loads what the demonstration's customers bought: orders with their units, receipts of tills, returns. */
import { v7 as uuid } from 'uuid';
import type { Tx } from '../../src/db/pool';
import { hashPickupCode, pickupCode } from '../../src/order/rules/code';
import type { Move } from '../../src/stock/ledger';
import type { Dealings, SeedLine, SeedOrder, SeedReceipt } from './dealings';
import { type Ids, idOf } from './loadReplenishment';

/** An order with its id, before and after it is stored. */
export interface LoadedOrder extends SeedOrder {
  id: string;
  returnId: string;
}

/** What loading needs beside the rows. */
export interface DealingsScope {
  ids: Ids;
  now: Date;
  commandId: number;
  secretKey: Buffer;
  /** The web shop. */
  storefrontId: number;
  staffId: number;
}

export function withIds(orders: readonly SeedOrder[]): LoadedOrder[] {
  // Ids grow with time, as they do in life: lists are in their order.
  return orders.map((order) => ({
    ...order,
    id: uuid({ msecs: order.placedAt.getTime() }),
    returnId: uuid({ msecs: (order.returned?.at ?? order.placedAt).getTime() }),
  }));
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** Units of orders that were collected and brought back, by day: they came, and left again, so that shelves stay as they are. */
export function pastMoves(
  orders: readonly LoadedOrder[],
  { ids, commandId }: Pick<DealingsScope, 'ids' | 'commandId'>,
): Map<string, Move[]> {
  const days = new Map<string, Move[]>();
  const add = (at: Date, moves: Move[]): void => {
    const day = dayOf(at);
    const before = days.get(day);
    if (before === undefined) days.set(day, moves);
    else before.push(...moves);
  };
  const moveOf = (shop: string, { skuCode, quantity }: SeedLine) => ({
    ...{ locationId: idOf(ids.location, shop), skuId: idOf(ids.sku, skuCode), quantity, commandId },
  });
  for (const { id, returnId, shop, status, lines, closedAt, returned } of orders) {
    if (status !== 'COLLECTED') continue;
    for (const line of lines) {
      const unit = moveOf(shop, line);
      add(closedAt!, [
        { ...unit, from: 'SUPPLIER', to: 'AVAILABLE', reason: 'RECEIVED' },
        { ...unit, from: 'AVAILABLE', to: 'CUSTOMER', reason: 'COLLECTED', documentId: id },
      ]);
    }
    if (returned === null) continue;
    const back = moveOf(returned.shop, { ...lines[0]!, quantity: 1 });
    add(returned.at, [
      { ...back, from: 'CUSTOMER', to: 'AVAILABLE', reason: 'RETURNED', documentId: returnId },
      { ...back, from: 'AVAILABLE', to: 'CUSTOMER', reason: 'SOLD' },
    ]);
  }
  return days;
}

const ORDERS = `
  INSERT INTO customer_order (id, number, owner_id, location_id, channel, status, payment, paid_at, customer_name, customer_email,
    customer_phone, customer_account, loyalty_card, email_verified, phone_verified, contact_channel, placed_at, promised_at,
    promise, ready_at, collect_by, closed_at, collected_by, handed_over_by_id, cancel_reason, staging_place, code_hash,
    code_generation, updated_at)
  SELECT id, 'C-' || opaque_number('order', nextval('order_number')), $2, "locationId", 'ONLINE', status::order_status, 'PAID',
    "placedAt", name, email, phone, account, "loyaltyCard", account IS NOT NULL, false, "contactChannel"::contact_channel, "placedAt", "promisedAt",
    '{"because": [], "sourcing": []}', "readyAt", "collectBy", "closedAt",
    CASE WHEN status = 'COLLECTED' THEN name END, CASE WHEN status = 'COLLECTED' THEN $3::int END,
    CASE WHEN status = 'CANCELLED' THEN 'CUSTOMER_CHANGED_MIND'::cancel_reason END,
    CASE WHEN status = 'READY' THEN 'A1' END, "codeHash", CASE WHEN "codeHash" IS NULL THEN 0 ELSE 1 END,
    coalesce("closedAt", "readyAt", "placedAt")
  FROM (SELECT * FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (id uuid, "locationId" int, status text, name text, email text,
    phone text, account text, "loyaltyCard" text, "contactChannel" text, "placedAt" timestamptz, "promisedAt" timestamptz,
    "readyAt" timestamptz, "collectBy" timestamptz, "closedAt" timestamptz, "codeHash" text)) WITH ORDINALITY ORDER BY ordinality) n
  RETURNING id, number`;

const ORDER_LINES = `
  INSERT INTO order_line (order_id, sku_id, quantity, reserved, awaiting, staged, collected, cancelled, returned, unit_price_minor, currency)
  SELECT "orderId", "skuId", quantity, reserved, awaiting, staged, collected, cancelled, returned, "priceMinor", 'EUR'
  FROM jsonb_to_recordset($1::jsonb) AS n("orderId" uuid, "skuId" int, quantity int, reserved int, awaiting int, staged int,
    collected int, cancelled int, returned int, "priceMinor" int)`;

const RETURNS = `
  INSERT INTO customer_return (id, number, owner_id, location_id, order_id, sold_at, status, created_at, closed_at)
  SELECT id, 'R-' || opaque_number('return', nextval('return_number')), $2, "locationId", "orderId", "soldAt", 'RECEIVED', at, at
  FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, "locationId" int, "orderId" uuid, "soldAt" timestamptz, at timestamptz)`;
const RETURN_LINES = `
  INSERT INTO return_line (return_id, line, sku_id, quantity, disposition)
  SELECT id, 1, "skuId", 1, 'RESTOCK' FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, "skuId" int)`;

const RECEIPTS = `
  INSERT INTO till_receipt (number, sold_at, created_at) SELECT number, at, at
  FROM jsonb_to_recordset($1::jsonb) AS n(number text, at timestamptz)`;
const RECEIPT_LINES = `
  INSERT INTO till_receipt_line (receipt, sku_id, sold) SELECT number, "skuId", quantity
  FROM jsonb_to_recordset($1::jsonb) AS n(number text, "skuId" int, quantity int)`;

const TRANSFERS = `
  INSERT INTO transfer (id, number, from_location_id, to_location_id, status, order_id, expected_at, created_at, dispatched_at)
  SELECT id, 'T-' || opaque_number('transfer', nextval('transfer_number')), "fromId", "toId", 'DISPATCHED', "orderId", "expectedAt",
    "createdAt", "createdAt"
  FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, "fromId" int, "toId" int, "orderId" uuid, "expectedAt" timestamptz,
    "createdAt" timestamptz)`;
const TRANSFER_LINES = `
  INSERT INTO transfer_line (transfer_id, sku_id, quantity) SELECT id, "skuId", 1
  FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, "skuId" int)`;

const NOTHING = { reserved: 0, awaiting: 0, staged: 0, collected: 0, cancelled: 0, returned: 0 };

/** Where the units of an order's line are. Of an order that waits for a transfer the last unit is on its way. */
function unitsOf({ status, returned }: SeedOrder, quantity: number, isFirst: boolean): typeof NOTHING {
  if (status === 'COLLECTED')
    return { ...NOTHING, collected: quantity, returned: returned !== null && isFirst ? 1 : 0 };
  if (status === 'READY') return { ...NOTHING, staged: quantity };
  if (status === 'PLACED') return { ...NOTHING, reserved: quantity };
  if (status === 'AWAITING_TRANSFER') return { ...NOTHING, reserved: quantity - 1, awaiting: 1 };
  return { ...NOTHING, cancelled: quantity };
}

const WAREHOUSE = 'dc-orleans';
/** A transfer of a late order arrives so long after its promise. */
const LATE_HOURS = 44;

/** A transfer on its way for each order that waits for one. */
async function loadTransfers(
  tx: Tx,
  orders: readonly LoadedOrder[],
  { ids }: DealingsScope,
): Promise<Map<string, string>> {
  const rows = orders
    .filter(({ status }) => status === 'AWAITING_TRANSFER')
    .map((order) => ({
      ...{ id: uuid(), fromId: idOf(ids.location, WAREHOUSE), toId: idOf(ids.location, order.shop) },
      ...{ orderId: order.id, skuId: idOf(ids.sku, order.lines[0]!.skuCode), createdAt: order.placedAt },
      expectedAt: new Date(order.promisedAt.getTime() + LATE_HOURS * 3_600_000),
    }));
  await tx.rows(TRANSFERS, [JSON.stringify(rows)]);
  await tx.rows(TRANSFER_LINES, [JSON.stringify(rows)]);
  return new Map(rows.map(({ orderId, id }) => [orderId, id]));
}

/** The moves that open orders made: their units are reserved, staged or on their way. */
export function openMoves(
  orders: readonly LoadedOrder[],
  transfers: ReadonlyMap<string, string>,
  { ids, commandId }: DealingsScope,
): Move[] {
  return orders.flatMap((order) => {
    if (order.closedAt !== null) return [];
    const locationId = idOf(ids.location, order.shop);
    return order.lines.flatMap(({ skuCode, quantity }): Move[] => {
      const { reserved, staged, awaiting } = unitsOf(order, quantity, false);
      const unit = { locationId, skuId: idOf(ids.sku, skuCode), commandId, documentId: order.id };
      const warehouse = { ...unit, locationId: idOf(ids.location, WAREHOUSE), quantity: awaiting };
      const transfer = { ...warehouse, documentId: transfers.get(order.id) ?? null };
      return [
        { ...unit, from: 'AVAILABLE', to: 'RESERVED', reason: 'ORDERED', quantity: reserved + staged },
        { ...unit, from: 'RESERVED', to: 'STAGED', reason: 'PICKED', quantity: staged },
        { ...transfer, from: 'AVAILABLE', to: 'RESERVED', reason: 'TRANSFER_PLANNED' },
        {
          ...{ ...transfer, from: 'RESERVED', to: 'IN_TRANSIT', reason: 'DISPATCHED' },
          toLocationId: locationId,
        },
      ];
    });
  });
}

async function loadReturns(
  tx: Tx,
  orders: readonly LoadedOrder[],
  { ids, staffId }: DealingsScope,
): Promise<void> {
  const rows = orders.flatMap(({ id, returnId, returned, lines, closedAt }) =>
    returned === null
      ? []
      : [
          {
            ...{ id: returnId, orderId: id, locationId: idOf(ids.location, returned.shop), at: returned.at },
            ...{ soldAt: closedAt, skuId: idOf(ids.sku, lines[0]!.skuCode) },
          },
        ],
  );
  await tx.rows(RETURNS, [JSON.stringify(rows), staffId]);
  await tx.rows(RETURN_LINES, [JSON.stringify(rows)]);
}

async function loadReceipts(tx: Tx, receipts: readonly SeedReceipt[], { ids }: DealingsScope): Promise<void> {
  const rows = receipts.map(({ number, at, line }) => ({
    ...{ number, at, skuId: idOf(ids.sku, line.skuCode), quantity: line.quantity },
  }));
  await tx.rows(RECEIPTS, [JSON.stringify(rows)]);
  await tx.rows(RECEIPT_LINES, [JSON.stringify(rows)]);
}

/** Loads orders, returns, receipts and transfers. Answers the numbers of orders by their ids, and the transfers of late orders. */
export async function loadDealings(
  tx: Tx,
  orders: readonly LoadedOrder[],
  { receipts }: Dealings,
  scope: DealingsScope,
): Promise<{ numbers: Map<string, string>; transfers: Map<string, string> }> {
  const { ids, secretKey, storefrontId, staffId } = scope;
  const rows = orders.map(({ person, lines: _lines, returned: _returned, ...order }) => ({
    ...{
      ...order,
      locationId: idOf(ids.location, order.shop),
      contactChannel: order.phone === null ? 'EMAIL' : person.contactChannel,
    },
    codeHash:
      order.status === 'READY'
        ? hashPickupCode(secretKey, order.id, pickupCode(secretKey, order.id, 1))
        : null,
  }));
  const made = await tx.rows<{ id: string; number: string }>(ORDERS, [
    JSON.stringify(rows),
    storefrontId,
    staffId,
  ]);
  const lines = orders.flatMap((order) =>
    order.lines.map(({ skuCode, quantity, priceMinor }, i) => ({
      ...{ orderId: order.id, skuId: idOf(ids.sku, skuCode), quantity, priceMinor },
      ...unitsOf(order, quantity, i === 0),
    })),
  );
  await tx.rows(ORDER_LINES, [JSON.stringify(lines)]);
  await loadReturns(tx, orders, scope);
  await loadReceipts(tx, receipts, scope);
  const transfers = await loadTransfers(tx, orders, scope);
  return { numbers: new Map(made.map(({ id, number }) => [id, number])), transfers };
}
