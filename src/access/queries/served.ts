// Whether an agent of customer service may act for the customer of an order: a recorded look-up or an open case of its own.

import type { Tx } from '../../db/pool';
import { Forbidden } from '../../refusals';
import { HOUR_MS } from '../../values/time';
import type { Role } from '../rules/roles';

/** The field under which customers of a list of cases are recorded. Who only stood in a list was not looked up. */
export const LISTED = 'serviceCases';
/** The field under which customers that a search by name found are recorded: namesakes are among them, so that nobody was looked up yet. */
export const NAME_SEARCH = 'customersByName';
const NO_LOOKUPS = [LISTED, NAME_SEARCH];

// Who only mentioned the order in a contact is not its customer. The customer may have been joined with others since: a look-up by any
// id that it ever had counts.
const SERVED = `
  WITH member AS MATERIALIZED (
    SELECT DISTINCT m.id, m.own_id
    FROM interaction n JOIN identifier t ON t.id = n.identifier_id JOIN identifier m ON m.customer_id = t.customer_id
    WHERE n.order_id = $1::uuid AND n.source = 'order')
  SELECT EXISTS (
      SELECT FROM member m JOIN customer_lookup l ON l.customer_id = m.own_id
      WHERE l.actor_id = $2 AND l.at >= $3 AND l.field <> ALL($4::text[]))
    OR EXISTS (
      SELECT FROM service_agent a JOIN service_case c ON c.agent_id = a.id
      WHERE a.actor_id = $2 AND c.status = 'OPEN'
        AND (c.order_id = $1::uuid OR c.identifier_id IN (SELECT id FROM member))) AS "isServed"`;

/** An actor at a time, and for how many hours a look-up counts; left out: for none. */
export interface ServingActor {
  actor: { actorId: number; name: string; role: Role };
  now: Date;
  agentHours?: number;
}

/**
 * Other roles have rules of their own. @throws Forbidden for an agent who has neither looked up the customer of this order within
 * AGENT_HOURS nor an open case about it
 */
export async function mustServe(
  tx: Tx,
  { actor, now, agentHours = 0 }: ServingActor,
  order: { id: string; number: string },
): Promise<void> {
  if (actor.role !== 'AGENT') return;
  const since = new Date(now.getTime() - agentHours * HOUR_MS);
  const [row] = await tx.rows<{ isServed: boolean }>(SERVED, [order.id, actor.actorId, since, NO_LOOKUPS]);
  if (row!.isServed) return;
  throw new Forbidden(
    `${actor.name} has not looked up the customer of order ${order.number} in the last ${agentHours} hours and has no open case of this customer; look the customer up with customerContext first.`,
  );
}
