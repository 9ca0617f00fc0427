// Reads proposals of probable links, and the log of the links of one customer.

import type { Tx } from '../../db/pool';
import type { IdentifierKind } from '../rules/identifiers';
import type { LinkKind, LinkOrigin } from '../rules/links';
import type { StoredEvidence } from '../rules/matching';

export type LinkProposalStatus = 'PROPOSED' | 'ACCEPTED' | 'REJECTED' | 'SUPERSEDED';

/** A proposal with the present customers of both identifiers. */
export interface LinkProposalRow {
  id: string;
  status: LinkProposalStatus;
  bits: number;
  evidence: StoredEvidence[];
  version: number;
  proposedAt: Date;
  decidedAt: Date | null;
  decidedById: number | null;
  lowCustomerId: string;
  highCustomerId: string;
}

/** Where a page of proposals begins: after this one. */
export interface LinkProposalKey {
  bits: number;
  id: string;
}

const COLUMNS = `p.id, p.status::text AS status, p.bits, p.evidence, p.version, p.proposed_at AS "proposedAt",
    p.decided_at AS "decidedAt", p.decided_by_id AS "decidedById", l.customer_id AS "lowCustomerId",
    h.customer_id AS "highCustomerId"`;
const SIDES = 'JOIN identifier l ON l.id = p.low_id JOIN identifier h ON h.id = p.high_id';
const BY_ID = `SELECT ${COLUMNS} FROM link_proposal p ${SIDES} WHERE p.id = ANY($1::uuid[])`;
const PAGE = `
  SELECT ${COLUMNS} FROM link_proposal p ${SIDES}
  WHERE p.status = $1::link_proposal_status
    AND ($2::real IS NULL OR (p.bits <= $2 AND (p.bits < $2 OR p.id > $3::uuid)))
  ORDER BY p.bits DESC, p.id LIMIT $4`;
const PAGE_OF_CUSTOMER = `
  WITH member AS MATERIALIZED (
    SELECT m.id FROM identifier t JOIN identifier m ON m.customer_id = t.customer_id WHERE t.own_id = $5::uuid)
  SELECT ${COLUMNS} FROM link_proposal p ${SIDES}
  WHERE p.status = $1::link_proposal_status
    AND ($2::real IS NULL OR (p.bits <= $2 AND (p.bits < $2 OR p.id > $3::uuid)))
    AND p.id IN (
      SELECT a.id FROM link_proposal a JOIN member ON member.id = a.low_id
      UNION SELECT a.id FROM link_proposal a JOIN member ON member.id = a.high_id)
  ORDER BY p.bits DESC, p.id LIMIT $4`;

/** The proposals with these ids, in any order; unknown ones are left out. */
export function linkProposalsById(tx: Tx, ids: readonly string[]): Promise<LinkProposalRow[]> {
  return tx.rows<LinkProposalRow>(BY_ID, [ids]);
}

/** A page of the proposals with this status, the most evidence first, of one customer or of all. */
export function linkProposalPage(
  tx: Tx,
  { status, customerId }: { status: LinkProposalStatus; customerId: string | null },
  after: LinkProposalKey | null,
  limit: number,
): Promise<LinkProposalRow[]> {
  const values = [status, after?.bits ?? null, after?.id ?? null, limit] as const;
  return customerId === null
    ? tx.rows<LinkProposalRow>(PAGE, [...values])
    : tx.rows<LinkProposalRow>(PAGE_OF_CUSTOMER, [...values, customerId]);
}

/** A row of the log of links with both identifiers. */
export interface LoggedLink {
  id: number;
  kind: LinkKind;
  origin: LinkOrigin;
  version: number;
  evidence: { bits?: number; parts?: StoredEvidence[] };
  actorId: number;
  reason: string | null;
  at: Date;
  lowKind: IdentifierKind;
  lowValue: string | null;
  lowCustomerId: string;
  highKind: IdentifierKind;
  highValue: string | null;
  highCustomerId: string;
}

const LOG = `
  WITH member AS MATERIALIZED (
    SELECT m.id FROM identifier t JOIN identifier m ON m.customer_id = t.customer_id WHERE t.own_id = $1::uuid)
  SELECT k.id, k.kind, k.origin, k.version, k.evidence, k.actor_id AS "actorId", k.reason, k.at,
         l.kind AS "lowKind", l.value AS "lowValue", l.customer_id AS "lowCustomerId",
         h.kind AS "highKind", h.value AS "highValue", h.customer_id AS "highCustomerId"
  FROM identity_link k JOIN identifier l ON l.id = k.low_id JOIN identifier h ON h.id = k.high_id
  WHERE ($2::bigint IS NULL OR k.id < $2) AND k.id IN (
    SELECT a.id FROM identity_link a JOIN member ON member.id = a.low_id
    UNION SELECT a.id FROM identity_link a JOIN member ON member.id = a.high_id)
  ORDER BY k.id DESC LIMIT $3`;

/** A page of the log of one customer: what brought its identifiers together, and what keeps them from others; the newest first. */
export function linkLogPage(
  tx: Tx,
  customerId: string,
  after: number | null,
  limit: number,
): Promise<LoggedLink[]> {
  return tx.rows<LoggedLink>(LOG, [customerId, after, limit]);
}
