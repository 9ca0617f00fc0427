// Reads which customers and documents have to do with an open case; retention leaves them alone.

import type { OpenCases } from '../../customer/queries/retention';

const IDENTIFIERS = `
  SELECT c.identifier_id AS id FROM service_case c WHERE c.status = 'OPEN' AND c.identifier_id = ANY($1::bigint[])
  UNION
  SELECT t.identifier_id FROM contact t JOIN service_case c ON c.id = t.case_id
  WHERE t.identifier_id = ANY($1::bigint[]) AND c.status = 'OPEN'`;
const ORDERS = `
  SELECT c.order_id AS id FROM service_case c WHERE c.order_id = ANY($1::uuid[]) AND c.status = 'OPEN'
  UNION
  SELECT r.order_id FROM customer_return r JOIN service_case c ON c.return_id = r.id
  WHERE r.order_id = ANY($1::uuid[]) AND c.status = 'OPEN'`;
const RETURNS = `
  SELECT DISTINCT c.return_id AS id FROM service_case c WHERE c.return_id = ANY($1::uuid[]) AND c.status = 'OPEN'`;

export const OPEN_CASES: OpenCases = {
  identifiers: async (tx, ids) => (await tx.rows<{ id: number }>(IDENTIFIERS, [ids])).map(({ id }) => id),
  orders: async (tx, ids) => (await tx.rows<{ id: string }>(ORDERS, [ids])).map(({ id }) => id),
  returns: async (tx, ids) => (await tx.rows<{ id: string }>(RETURNS, [ids])).map(({ id }) => id),
};
