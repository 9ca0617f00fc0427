// Writes cases: finds those that contacts belong to, opens new ones, and derives them again from their contacts.

import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/pool';
import { groupBy } from '../../values/lists';
import {
  type CandidateCase,
  type CaseContact,
  type CaseWindows,
  caseHistory,
  matchingCase,
} from '../rules/cases';
import type { KeptContact } from '../rules/contact';
import { laterOf } from '../rules/readJson';

/** A contact that looks for its case. */
export interface CaseSeeker {
  kept: KeptContact;
  identifierId: number | null;
  customerId: string | null;
  /** The case that it is in; null: a new contact. */
  caseId: string | null;
}

const CANDIDATES = `
  WITH found AS (
    SELECT c.id FROM identifier i JOIN service_case c ON c.identifier_id = i.id WHERE i.customer_id = ANY($1::uuid[])
    UNION SELECT id FROM service_case WHERE order_id = ANY($2::uuid[])
    UNION SELECT id FROM service_case WHERE return_id = ANY($3::uuid[])
    UNION SELECT id FROM service_case WHERE id = ANY($4::uuid[]))
  SELECT c.id, c.topic, c.order_id AS "orderId", c.return_id AS "returnId", i.customer_id AS "customerId",
         c.opened_at AS "openedAt", c.last_contact_at AS "lastContactAt", c.resolved_at AS "resolvedAt",
         (SELECT count(*)::int FROM contact n WHERE n.case_id = c.id) AS contacts
  FROM found f JOIN service_case c ON c.id = f.id LEFT JOIN identifier i ON i.id = c.identifier_id`;

interface CandidateRow extends CandidateCase {
  contacts: number;
}

const present = <T>(values: readonly (T | null)[]): T[] => [
  ...new Set(values.filter((value): value is T => value !== null)),
];

const OPEN = `
  INSERT INTO service_case (id, number, identifier_id, topic, order_id, return_id, location_id, status, channel, opened_at,
    last_contact_at, updated_at)
  SELECT id, 'S-' || opaque_number('case', nextval('service_case_number')), "identifierId", topic, "orderId", "returnId",
         "locationId", 'OPEN', channel, at, at, $2
  FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, "identifierId" bigint, topic text, "orderId" uuid, "returnId" uuid,
    "locationId" int, channel service_channel, at timestamptz)`;

/**
 * Gives each contact its case, in the order of their times, and opens the cases that are missing. A contact that is alone in
 * its case moves when a later delivery shows what it is about. Answers the cases that contacts have left.
 */
export async function assignCases(
  tx: Tx,
  now: Date,
  windows: CaseWindows,
  seekers: readonly CaseSeeker[],
): Promise<string[]> {
  if (seekers.length === 0) return [];
  const rows = await tx.rows<CandidateRow>(CANDIDATES, [
    present(seekers.map((one) => one.customerId)),
    present(seekers.map((one) => one.kept.orderId)),
    present(seekers.map((one) => one.kept.returnId)),
    present(seekers.map((one) => one.caseId)),
  ]);
  const candidates = new Map(rows.map((row) => [row.id, row]));
  const opened: object[] = [];
  const left: string[] = [];
  const inOrder = [...seekers].sort((a, b) => a.kept.at.getTime() - b.kept.at.getTime());
  for (const seeker of inOrder) {
    const { kept, customerId, identifierId } = seeker;
    if (seeker.caseId !== null && candidates.get(seeker.caseId)?.contacts !== 1) continue;
    const others = [...candidates.values()].filter(({ id }) => id !== seeker.caseId);
    const found = matchingCase({ ...kept, customerId }, others, windows);
    if (found === null && seeker.caseId !== null) continue;
    if (seeker.caseId !== null) left.push(seeker.caseId);
    const { topic, orderId, returnId, at } = kept;
    if (found === null) {
      const id = uuid();
      candidates.set(id, {
        ...{ id, topic, orderId, returnId, customerId, openedAt: at, lastContactAt: at, contacts: 1 },
        resolvedAt: kept.state === 'RESOLVED' ? kept.stateAt : null,
      });
      opened.push({ ...kept, id, identifierId });
      seeker.caseId = id;
    } else {
      const into = candidates.get(found)!;
      const lastContactAt = laterOf(into.lastContactAt, at);
      candidates.set(found, {
        ...into,
        ...{ orderId: into.orderId ?? orderId, returnId: into.returnId ?? returnId },
        ...{ customerId: into.customerId ?? customerId, lastContactAt, contacts: into.contacts + 1 },
      });
      seeker.caseId = found;
    }
  }
  if (opened.length > 0) await tx.rows(OPEN, [JSON.stringify(opened), now]);
  return left;
}

const CLOSURES =
  'SELECT id, closed_at AS "closedAt" FROM service_case WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE';
const CONTACTS = `
  SELECT n.id, n.case_id AS "caseId", n.at, n.channel, n.direction, n.topic, n.order_id AS "orderId",
         n.return_id AS "returnId", n.location_id AS "locationId", n.agent_id AS "agentId",
         n.identifier_id AS "identifierId"
  FROM contact n WHERE n.case_id = ANY($1::uuid[])`;
const CHANGES = `
  SELECT s.contact_id AS "contactId", s.at, s.state, s.agent_id AS "agentId"
  FROM contact n JOIN contact_state_change s ON s.contact_id = n.id WHERE n.case_id = ANY($1::uuid[])`;
const SAVE = `
  UPDATE service_case c SET status = h.status, channel = h.channel, topic = h.topic, order_id = h."orderId",
    return_id = h."returnId", location_id = h."locationId", opened_at = h."openedAt", last_contact_at = h."lastContactAt",
    resolved_at = h."resolvedAt", first_resolved_at = h."firstResolvedAt", credited_agent_id = h."creditedAgentId",
    reopened_count = h."reopenedCount", inbound_count = h."inboundCount",
    channel_inbound_count = h."channelInboundCount", identifier_id = coalesce(c.identifier_id, h."identifierId"),
    agent_id = coalesce(h."agentId", c.agent_id), updated_at = $2
  FROM jsonb_to_recordset($1::jsonb) AS h(id uuid, status case_status, channel service_channel, topic text, "orderId" uuid,
    "returnId" uuid, "locationId" int, "openedAt" timestamptz, "lastContactAt" timestamptz, "resolvedAt" timestamptz,
    "firstResolvedAt" timestamptz, "creditedAgentId" int, "reopenedCount" int, "inboundCount" int,
    "channelInboundCount" int, "identifierId" bigint, "agentId" int)
  WHERE c.id = h.id`;
const DROP_EMPTY = `
  DELETE FROM service_case c WHERE c.id = ANY($1::uuid[])
    AND NOT EXISTS (SELECT FROM contact n WHERE n.case_id = c.id)
    AND NOT EXISTS (SELECT FROM survey s WHERE s.case_id = c.id)`;

interface ContactRow extends Omit<CaseContact, 'changes'> {
  caseId: string;
  identifierId: number | null;
}
type ChangeRow = CaseContact['changes'][number] & { contactId: string };

/** Derives these cases from their contacts. `agents`: who handles a case by what a source has just reported. */
export async function deriveCases(
  tx: Tx,
  now: Date,
  windows: CaseWindows,
  caseIds: readonly string[],
  agents: ReadonlyMap<string, number> = new Map(),
): Promise<void> {
  if (caseIds.length === 0) return;
  const ids = [...new Set(caseIds)];
  const closures = await tx.rows<{ id: string; closedAt: Date | null }>(CLOSURES, [ids]);
  const [contacts, changes] = await Promise.all([
    tx.rows<ContactRow>(CONTACTS, [ids]),
    tx.rows<ChangeRow>(CHANGES, [ids]),
  ]);
  const changesOf = groupBy(changes, (one) => one.contactId);
  const contactsOf = groupBy(contacts, (one) => one.caseId);
  const histories = closures.flatMap(({ id, closedAt }) => {
    const own = contactsOf.get(id);
    if (own === undefined) return [];
    const whole = own.map((one) => ({ ...one, changes: changesOf.get(one.id) ?? [] }));
    const identifierId = own.find((one) => one.identifierId !== null)?.identifierId ?? null;
    return [{ id, ...caseHistory(whole, closedAt, windows), identifierId, agentId: agents.get(id) ?? null }];
  });
  await tx.rows(SAVE, [JSON.stringify(histories), now]);
  await tx.rows(DROP_EMPTY, [ids]);
}
