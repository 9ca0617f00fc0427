// What belongs to a customer who is to be erased: identifiers, orders and returns. Read under the lock of customers.

import type { Tx } from '../../db/pool';
import type { IdentifierKind } from '../rules/identifiers';
import type { IdentifierLimits } from '../rules/links';
import { certainParts } from '../rules/view';
import { linksBetween } from './links';

/** An identifier of a customer who is to be erased. */
export interface ErasableIdentifier {
  id: number;
  ownId: string;
  kind: IdentifierKind;
  scope: string;
  sharedReason: string | null;
  isErased: boolean;
  /** Somebody verified it, and one person alone uses it. */
  isProven: boolean;
}

const OF_CUSTOMER = `
  SELECT m.id, m.own_id AS "ownId", m.kind, m.scope, m.shared_reason AS "sharedReason", m.erased_at IS NOT NULL AS "isErased",
         m.shared_reason IS NULL AND EXISTS (
           SELECT FROM interaction_identifier o WHERE o.identifier_id = m.id AND o.verified_by IS NOT NULL) AS "isProven"
  FROM identifier t JOIN identifier m ON m.customer_id = t.customer_id WHERE t.own_id = $1 ORDER BY m.id`;
// Claimed in interactions of this customer and of nobody else who is still known: left here it would name this person.
const ONLY_CLAIMED = `
  SELECT DISTINCT i.id
  FROM interaction n JOIN interaction_identifier c ON c.interaction_id = n.id JOIN identifier i ON i.id = c.identifier_id
  WHERE n.identifier_id = ANY($1::bigint[]) AND i.id <> ALL($1::bigint[]) AND i.shared_reason IS NULL AND i.erased_at IS NULL
    AND NOT EXISTS (SELECT FROM identifier m WHERE m.customer_id = i.customer_id AND m.id <> i.id)
    AND NOT EXISTS (SELECT FROM interaction_identifier o JOIN interaction x ON x.id = o.interaction_id
                    JOIN identifier w ON w.id = x.identifier_id
                    WHERE o.identifier_id = i.id AND x.identifier_id <> ALL($1::bigint[]) AND w.erased_at IS NULL)`;

/** What certainly belongs to the customer with an id, and what only the model joined with it. */
export interface ErasableCustomer {
  /** None for an unknown id. */
  own: ErasableIdentifier[];
  /** An id of each customer that only the model joined with this one, and of which something is stored. */
  probableIds: string[];
}

/**
 * The identifiers of the customer with this id, present or former, over rules and decisions of people only. The id names its own identifier,
 * and so the customer that is meant where the model joined several.
 */
export async function erasableCustomer(
  tx: Tx,
  customerId: string,
  limits: IdentifierLimits,
): Promise<ErasableCustomer> {
  const all = await tx.rows<ErasableIdentifier>(OF_CUSTOMER, [customerId]);
  const named = all.find(({ ownId }) => ownId === customerId);
  if (named === undefined) return { own: [], probableIds: [] };
  const links = await linksBetween(
    tx,
    all.map(({ id }) => id),
  );
  const lowestOf = certainParts(all, links, limits);
  const isOwn = ({ id }: ErasableIdentifier): boolean => lowestOf.get(id) === lowestOf.get(named.id);
  const others = all.filter((one) => !isOwn(one) && !one.isErased);
  const lowest = new Set(others.map(({ id }) => lowestOf.get(id)));
  return {
    own: all.filter(isOwn),
    probableIds: all.filter(({ id }) => lowest.has(id)).map(({ ownId }) => ownId),
  };
}

/** Identifiers that stood in the interactions of these and nowhere else, without being verified. */
export async function onlyClaimedBeside(tx: Tx, identifierIds: readonly number[]): Promise<number[]> {
  return (await tx.rows<{ id: number }>(ONLY_CLAIMED, [identifierIds])).map(({ id }) => id);
}

/** SQL: whether the order `o` names the identifier `i`. */
export const NAMED_IN_ORDER = `CASE i.kind
      WHEN 'WEB_ACCOUNT' THEN i.value = o.customer_account
      WHEN 'LOYALTY_CARD' THEN i.value = upper(regexp_replace(o.loyalty_card, '[[:space:]-]', '', 'g'))
      WHEN 'EMAIL' THEN i.value = lower(o.customer_email)
      WHEN 'PHONE' THEN i.value = o.customer_phone
    END`;

// Orders that were not recorded yet are found by their own columns: those that changed after the position of the recording. A claimed
// address leads to an order that names no stronger identifier, as it would once the order is recorded.
const ORDERS = `
  SELECT n.order_id AS id FROM interaction n WHERE n.identifier_id = ANY($1::bigint[]) AND n.order_id IS NOT NULL
  UNION
  SELECT n.order_id FROM interaction_identifier s JOIN interaction n ON n.id = s.interaction_id
  WHERE s.identifier_id = ANY($2::bigint[]) AND n.order_id IS NOT NULL
  UNION
  SELECT o.id
  FROM customer_order o JOIN identifier i ON i.id = ANY($1::bigint[])
    AND ${NAMED_IN_ORDER}
    AND (i.id = ANY($2::bigint[]) OR i.kind = 'WEB_ACCOUNT'
      OR (o.customer_account IS NULL AND (i.kind = 'LOYALTY_CARD'
        OR (o.loyalty_card IS NULL AND (i.kind = 'EMAIL' OR o.customer_email IS NULL)))))
  WHERE o.updated_at > coalesce((SELECT position_at FROM interaction_source WHERE name = 'order'), '-infinity')
    AND o.erased_at IS NULL`;
const RETURNS = `
  SELECT DISTINCT r.id FROM interaction n JOIN customer_return r ON r.id = n.return_id
  WHERE n.identifier_id = ANY($1::bigint[]) AND r.order_id IS NULL`;

/** The orders that belong to these identifiers, or name one of the proven ones. */
export async function ordersToErase(
  tx: Tx,
  identifierIds: readonly number[],
  provenIds: readonly number[],
): Promise<string[]> {
  return (await tx.rows<{ id: string }>(ORDERS, [identifierIds, provenIds])).map(({ id }) => id);
}

/** The returns of these identifiers that belong to no order of ours. */
export async function returnsToErase(tx: Tx, identifierIds: readonly number[]): Promise<string[]> {
  return (await tx.rows<{ id: string }>(RETURNS, [identifierIds])).map(({ id }) => id);
}
