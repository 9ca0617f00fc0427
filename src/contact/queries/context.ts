// Reads what an agent needs beside the customer: last contacts, open cases and promises, and facts of open orders with units near them.

import { cellsFor } from '../../availability/queries/cells';
import { editions } from '../../db/editions';
import type { Tx } from '../../db/pool';
import { atlasOf } from '../../location/queries/atlas';
import type { ContactChannel } from '../../order/rules/status';
import type { MissingUnits, NearStock, OpenPromise } from '../rules/suggestions';

/** Contacts, cases and promises of one customer that are shown. */
export const MAX_SHOWN_CONTACTS = 20;
/** Open orders for which something is suggested. */
export const MAX_SERVED_ORDERS = 20;
/** SKUs of one order, and locations around its shop, at which units are looked for. */
const MAX_MISSING_SKUS = 20;
const MAX_NEAR_LOCATIONS = 10;

// Of each identifier the newest ones by its index, so that it costs the same for a customer with thousands of contacts.
const CONTACTS = `
  SELECT n.id
  FROM unnest($1::bigint[]) AS f(id)
  CROSS JOIN LATERAL (
    SELECT n.id, n.at FROM contact n WHERE n.identifier_id = f.id
    ORDER BY n.at DESC LIMIT ${MAX_SHOWN_CONTACTS}) n
  ORDER BY n.at DESC, n.id DESC LIMIT ${MAX_SHOWN_CONTACTS}`;
const OPEN_CASES = `
  SELECT c.id
  FROM unnest($1::bigint[]) AS f(id)
  CROSS JOIN LATERAL (
    SELECT c.id, c.last_contact_at FROM service_case c WHERE c.identifier_id = f.id AND c.status = 'OPEN'
    ORDER BY c.last_contact_at DESC LIMIT ${MAX_SHOWN_CONTACTS}) c
  ORDER BY c.last_contact_at DESC, c.id DESC LIMIT ${MAX_SHOWN_CONTACTS}`;

/** The ids of the newest contacts with these identifiers, the latest first. */
export async function lastContactIds(tx: Tx, identifierIds: readonly number[]): Promise<string[]> {
  return (await tx.rows<{ id: string }>(CONTACTS, [identifierIds])).map(({ id }) => id);
}

/** The ids of the open cases of these identifiers, that with the latest contact first. */
export async function openCaseIds(tx: Tx, identifierIds: readonly number[]): Promise<string[]> {
  return (await tx.rows<{ id: string }>(OPEN_CASES, [identifierIds])).map(({ id }) => id);
}

/** A promise that was made in a contact, and whose case is open without a later contact by the retailer. */
export interface PromiseRow extends OpenPromise {
  contactId: string;
  identifierId: number;
}

const PROMISES = `
  SELECT n.id AS "contactId", f.id AS "identifierId", n.promise, n.promised_for AS "promisedFor", n.channel, n.topic,
         o.number AS "orderNumber", p.code AS location
  FROM unnest($1::bigint[]) AS f(id)
  CROSS JOIN LATERAL (
    SELECT n.* FROM contact n WHERE n.identifier_id = f.id AND n.promise IS NOT NULL
    ORDER BY n.at DESC LIMIT ${MAX_SHOWN_CONTACTS}) n
  JOIN service_case c ON c.id = n.case_id AND c.status = 'OPEN'
  LEFT JOIN customer_order o ON o.id = n.order_id
  LEFT JOIN location p ON p.id = coalesce(n.location_id, c.location_id)
  WHERE NOT EXISTS (
    SELECT FROM contact later WHERE later.case_id = n.case_id AND later.direction = 'OUTBOUND' AND later.at > n.at)
  ORDER BY n.promised_for NULLS LAST, n.id LIMIT ${MAX_SHOWN_CONTACTS}`;

/** What was promised to the customer with these identifiers and is not done, the earliest first. */
export function openContactPromises(tx: Tx, identifierIds: readonly number[]): Promise<PromiseRow[]> {
  return tx.rows<PromiseRow>(PROMISES, [identifierIds]);
}

/** Facts of an open order that suggestions need. */
export interface ServedOrderRow {
  orderId: string;
  number: string;
  codeAttempts: number;
  contactChannel: ContactChannel;
  channel: string;
  locationId: number;
  location: string;
  latitude: number;
  longitude: number;
  /** Locations that its open transfers come from. */
  sourceIds: number[];
  awaited: MissingUnits[];
}

const ORDERS = `
  SELECT o.id AS "orderId", o.number, o.code_attempts AS "codeAttempts", o.contact_channel AS "contactChannel", o.channel,
         p.id AS "locationId", p.code AS location, p.latitude, p.longitude,
         ARRAY(SELECT t.from_location_id FROM transfer t
               WHERE t.order_id = o.id AND t.status IN ('DRAFT', 'DISPATCHED')) AS "sourceIds",
         coalesce(
           (SELECT jsonb_agg(jsonb_build_object('skuId', l.sku_id, 'sku', s.code, 'units', l.awaiting) ORDER BY l.sku_id)
            FROM (SELECT m.sku_id, m.awaiting - h.units AS awaiting
                  FROM order_line m
                  CROSS JOIN LATERAL (
                    SELECT coalesce(sum(u.quantity), 0)::int AS units
                    FROM transfer t JOIN transfer_line u ON u.transfer_id = t.id
                    WHERE t.helps_order_id = o.id AND t.status IN ('DRAFT', 'DISPATCHED') AND u.sku_id = m.sku_id) h
                  WHERE m.order_id = o.id AND m.awaiting > h.units
                  ORDER BY m.sku_id LIMIT ${MAX_MISSING_SKUS}) l JOIN sku s ON s.id = l.sku_id), '[]') AS awaited
  FROM customer_order o JOIN location p ON p.id = o.location_id
  WHERE o.id = ANY($1::uuid[])`;

/** The facts of these open orders. */
export function servedOrders(tx: Tx, orderIds: readonly string[]): Promise<ServedOrderRow[]> {
  return tx.rows<ServedOrderRow>(ORDERS, [orderIds]);
}

/**
 * What locations around the shops of these orders have of the units they wait for, in the order of the orders. Those that should have
 * sent them are left out, because they are what the order waits for. The statements are the same for one order and for many.
 */
export async function unitsNear(
  tx: Tx,
  now: Date,
  radiusKm: number,
  orders: readonly ServedOrderRow[],
): Promise<NearStock[][]> {
  if (orders.length === 0) return [];
  const atlas = await atlasOf(tx, (await editions(tx)).location);
  const near = orders.map(({ latitude, longitude, locationId, sourceIds }) => {
    const left = new Set([locationId, ...sourceIds]);
    return atlas
      .near({ latitude, longitude }, radiusKm, MAX_NEAR_LOCATIONS + left.size)
      .filter(({ row }) => !left.has(row.id))
      .slice(0, MAX_NEAR_LOCATIONS);
  });
  const cells = await cellsFor(
    tx,
    now,
    orders.map(({ channel, awaited }, i) => ({
      channel,
      shelves: near[i]!.flatMap(({ row }) => awaited.map(({ skuId }) => ({ locationId: row.id, skuId }))),
    })),
  );
  return orders.map(({ awaited }, i) =>
    near[i]!.map(({ row, distanceKm }) => ({
      location: row.code,
      distanceKm,
      units: awaited.map((wanted) => {
        const cell = cells[i]!.find((one) => one.locationId === row.id && one.skuId === wanted.skuId);
        // Safety stock is kept from customers and not from the retailer's own shops, as for createTransfer.
        return { ...wanted, units: Math.min(wanted.units, Math.max(0, cell?.free ?? 0)) };
      }),
    })),
  );
}
