// Reads what routing decides on: agents with their load from open cases, who knows a case or a customer, and what agents can do.

import type { Tx } from '../../db/pool';
import { CAPACITY_WEIGHTS, type RoutingAgent } from '../rules/routing';

/** Newest contacts of each identifier by which an agent knows a customer. */
const KNOWN_CONTACTS = 20;

// An open case takes the weight of its heaviest open contact of whom it is assigned to; contacts that wait for the customer take nothing.
// The routed case is left out: its contact is what is about to be taken.
const AGENTS = `
  SELECT a.id, a.code, a.skills, a.languages, a.channels::text[] AS channels, a.capacity,
         a.location_id AS "locationId", coalesce(w.load, 0)::int AS load
  FROM service_agent a
  CROSS JOIN LATERAL (
    SELECT sum(heaviest) AS load
    FROM (SELECT max(k.weight) AS heaviest
          FROM service_case c
          JOIN contact n ON n.case_id = c.id AND n.state = 'OPEN'
          JOIN unnest($1::text[], $2::int[]) AS k(channel, weight) ON k.channel = n.channel::text
          WHERE c.agent_id = a.id AND c.status = 'OPEN' AND c.id IS DISTINCT FROM $3::uuid
          GROUP BY c.id) x) w
  WHERE a.available ORDER BY a.id`;

/** The agents at work with their present load, that of this case left out. */
export function agentsAtWork(tx: Tx, routedCaseId: string | null): Promise<RoutingAgent[]> {
  const channels = Object.keys(CAPACITY_WEIGHTS);
  const weights = Object.values(CAPACITY_WEIGHTS);
  return tx.rows<RoutingAgent>(AGENTS, [channels, weights, routedCaseId]);
}

/** What all agents together can do, also those who are not at work. */
export interface Workforce {
  agents: number;
  skills: string[];
  languages: string[];
}
const WORKFORCE = `
  SELECT (SELECT count(*)::int FROM service_agent) AS agents,
         ARRAY(SELECT DISTINCT s FROM service_agent a CROSS JOIN unnest(a.skills) AS s ORDER BY s) AS skills,
         ARRAY(SELECT DISTINCT s FROM service_agent a CROSS JOIN unnest(a.languages) AS s ORDER BY s) AS languages`;

export async function workforce(tx: Tx): Promise<Workforce> {
  const [row] = await tx.rows<Workforce>(WORKFORCE, []);
  return row!;
}

/** The case that a contact belongs to. */
export interface RoutedCase {
  id: string;
  topic: string | null;
  locationId: number | null;
  identifierId: number | null;
  agentIds: number[];
}

const CASE = `
  WITH found AS (
    SELECT id FROM service_case WHERE id = $1::uuid
    UNION SELECT id FROM service_case WHERE order_id = $2::uuid AND status = 'OPEN'
    UNION SELECT id FROM service_case WHERE identifier_id = ANY($3::bigint[]) AND status = 'OPEN' AND topic = $4)
  SELECT c.id, c.topic, c.location_id AS "locationId", c.identifier_id AS "identifierId",
         ARRAY(SELECT c.agent_id WHERE c.agent_id IS NOT NULL
               UNION SELECT c.credited_agent_id WHERE c.credited_agent_id IS NOT NULL
               UNION SELECT n.agent_id FROM contact n WHERE n.case_id = c.id AND n.agent_id IS NOT NULL) AS "agentIds"
  FROM found f JOIN service_case c ON c.id = f.id
  ORDER BY (c.id = $1::uuid) DESC, c.last_contact_at DESC, c.id LIMIT 1`;

/** The case with this id; else the open case about this order, else that of these identifiers about this topic. */
export async function routedCase(
  tx: Tx,
  key: {
    caseId: string | null;
    orderId: string | null;
    identifierIds: readonly number[];
    topic: string | null;
  },
): Promise<RoutedCase | null> {
  const found = await tx.rows<RoutedCase>(CASE, [key.caseId, key.orderId, key.identifierIds, key.topic]);
  return found[0] ?? null;
}

const CUSTOMER_AGENTS = `
  SELECT DISTINCT a.id
  FROM unnest($1::bigint[]) AS f(id)
  CROSS JOIN LATERAL (
    SELECT n.agent_id FROM contact n WHERE n.identifier_id = f.id ORDER BY n.at DESC LIMIT ${KNOWN_CONTACTS}) n
  JOIN service_agent a ON a.id = n.agent_id`;

/** The agents of the newest contacts with these identifiers. */
export async function customerAgents(tx: Tx, identifierIds: readonly number[]): Promise<Set<number>> {
  const rows = await tx.rows<{ id: number }>(CUSTOMER_AGENTS, [identifierIds]);
  return new Set(rows.map(({ id }) => id));
}
