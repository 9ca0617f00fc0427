// Finds what contacts name: orders and returns by number, locations by code, agents by the code of their source.

import type { Tx } from '../../db/pool';

// The customer of an order that still has to be handed over may be erased already: then nothing new is known of it by the order.
const ORDERS = `
  SELECT o.id, o.number, o.location_id AS "locationId", p.country,
         CASE WHEN e.order_id IS NULL THEN o.customer_email END AS email,
         CASE WHEN e.order_id IS NULL THEN o.customer_phone END AS phone
  FROM customer_order o JOIN location p ON p.id = o.location_id LEFT JOIN erasure_order e ON e.order_id = o.id
  WHERE o.number = ANY($1::text[])`;
const RETURNS = `
  SELECT r.id, r.number, r.location_id AS "locationId", r.order_id AS "orderId"
  FROM customer_return r WHERE r.number = ANY($1::text[])`;
const LOCATIONS = 'SELECT id, code, country FROM location WHERE code = ANY($1::text[])';

export interface NamedOrder {
  id: string;
  number: string;
  locationId: number;
  country: string;
  email: string | null;
  phone: string | null;
}
export interface NamedReturn {
  id: string;
  number: string;
  locationId: number;
  orderId: string | null;
}
export interface NamedLocation {
  id: number;
  code: string;
  country: string;
}

export interface References {
  orders: ReadonlyMap<string, NamedOrder>;
  returns: ReadonlyMap<string, NamedReturn>;
  locations: ReadonlyMap<string, NamedLocation>;
}

/** What there is of these numbers and codes. */
export async function findReferences(
  tx: Tx,
  named: { orders: string[]; returns: string[]; locations: string[] },
): Promise<References> {
  const [orders, returns, locations] = await Promise.all([
    tx.rows<NamedOrder>(ORDERS, [named.orders]),
    tx.rows<NamedReturn>(RETURNS, [named.returns]),
    tx.rows<NamedLocation>(LOCATIONS, [named.locations]),
  ]);
  return {
    orders: new Map(orders.map((one) => [one.number, one])),
    returns: new Map(returns.map((one) => [one.number, one])),
    locations: new Map(locations.map((one) => [one.code, one])),
  };
}

const AGENTS = 'SELECT id, code FROM service_agent WHERE code = ANY($1::text[])';

/** The ids of agents by their codes. */
export async function agentIdsByCode(tx: Tx, codes: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.rows<{ id: number; code: string }>(AGENTS, [codes]);
  return new Map(rows.map(({ id, code }) => [code, id]));
}
