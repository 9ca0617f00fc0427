// Reads surveys that are due or to be sent: whose they are, and the addresses that stood in what they are about.

import { contactPermissions } from '../../customer/queries/consents';
import type { IdentifierKey } from '../../customer/rules/identifiers';
import { nameOf } from '../../customer/rules/survivorship';
import type { Tx } from '../../db/pool';
import type { ContactChannel } from '../../order/rules/status';
import { groupBy } from '../../values/lists';
import { type CustomerAddress, surveyAddress } from '../rules/recipient';
import type { SurveyKind } from '../rules/surveys';
import { customerReaches, type PreferenceRules } from './preferences';

/** What a survey is about. Its key is the id of the order or of the case. */
export interface SurveySubject {
  kind: SurveyKind;
  key: string;
  /** The identifier by which it belongs to its customer. */
  identifierId: number;
}

/** A subject that a survey is due about. */
export interface DueSurvey extends SurveySubject {
  number: string;
  customerId: string;
  location: string | null;
  /** Channel of sale of an order, of service of a case. */
  channel: string;
  at: Date;
}

/** Where the last page ended. */
export interface DuePosition {
  at: Date;
  key: string;
}

const DUE_COLLECTIONS = `
  SELECT 'AFTER_COLLECTION' AS kind, o.id AS key, i.id AS "identifierId", o.number,
         i.customer_id AS "customerId", p.code AS location, o.channel, coalesce(o.closed_at, o.updated_at) AS at
  FROM customer_order o JOIN location p ON p.id = o.location_id
  JOIN interaction n ON n.source = 'order' AND n.source_key = o.id::text || ':collected'
  JOIN identifier i ON i.id = n.identifier_id
  WHERE o.status = 'COLLECTED' AND (o.closed_at, o.id) > ($1::timestamptz, $2::uuid) AND o.closed_at <= $3
    AND o.erased_at IS NULL AND NOT EXISTS (SELECT FROM survey s WHERE s.order_id = o.id)
  ORDER BY o.closed_at, o.id LIMIT $4`;
const CASE_COLUMNS = `
  SELECT 'AFTER_CASE' AS kind, c.id AS key, i.id AS "identifierId", c.number, i.customer_id AS "customerId",
         p.code AS location, c.channel::text AS channel, coalesce(c.resolved_at, c.opened_at) AS at
  FROM service_case c JOIN identifier i ON i.id = c.identifier_id LEFT JOIN location p ON p.id = c.location_id
  WHERE c.status = 'RESOLVED' AND c.inbound_count > 0 AND NOT EXISTS (SELECT FROM survey s WHERE s.case_id = c.id)
    AND NOT EXISTS (SELECT FROM contact n JOIN survey s ON s.contact_id = n.id WHERE n.case_id = c.id)`;
const DUE_CASES = `
  ${CASE_COLUMNS} AND (c.resolved_at, c.id) > ($1::timestamptz, $2::uuid) AND c.resolved_at <= $3
  ORDER BY c.resolved_at, c.id LIMIT $4`;
const DUE_CASE = `${CASE_COLUMNS} AND c.id = $1`;

/** Orders that were collected until `until` and have no survey, after a position. */
export function dueCollections(tx: Tx, after: DuePosition, until: Date, limit: number): Promise<DueSurvey[]> {
  return tx.rows<DueSurvey>(DUE_COLLECTIONS, [after.at, after.key, until, limit]);
}

/** Cases that were resolved until `until` and have no survey, after a position. One whose source sent a survey of its own has one. */
export function dueCases(tx: Tx, after: DuePosition, until: Date, limit: number): Promise<DueSurvey[]> {
  return tx.rows<DueSurvey>(DUE_CASES, [after.at, after.key, until, limit]);
}

/** A case, if a survey about it can be sent. */
export async function dueCase(tx: Tx, caseId: string): Promise<DueSurvey[]> {
  return tx.rows<DueSurvey>(DUE_CASE, [caseId]);
}

const STOOD = `
  SELECT DISTINCT f.key, i.id, i.kind, i.scope, i.hash, i.value, i.shared_reason AS "sharedReason"
  FROM unnest($1::uuid[], $2::text[]) AS f(key, kind)
  CROSS JOIN LATERAL (
    SELECT n.id FROM interaction n
    WHERE f.kind = 'AFTER_COLLECTION' AND n.source = 'order' AND n.source_key = f.key::text || ':collected'
    UNION ALL
    SELECT c.interaction_id FROM contact c WHERE f.kind = 'AFTER_CASE' AND c.case_id = f.key) n
  JOIN interaction_identifier o ON o.interaction_id = n.id
  JOIN identifier i ON i.id = o.identifier_id AND i.kind IN ('EMAIL', 'PHONE')
  ORDER BY f.key, i.id`;
const OWN_CHANNELS = 'SELECT id, contact_channel AS channel FROM customer_order WHERE id = ANY($1::uuid[])';
const SUBJECT_KEYS = 'SELECT id, kind, scope, hash FROM identifier WHERE id = ANY($1::bigint[])';

/** Where a survey goes, or why none is sent. */
export type SurveyRecipient =
  | { channel: 'EMAIL' | 'SMS'; address: string; name: string | null; language: string | null }
  | { refused: string };

type StoodRow = CustomerAddress & { key: string; id: number };

/**
 * The recipients of surveys, by the key of their subjects. A survey is no message that an order needs: it passes the gate of consents, for
 * its address and for the identifier of its subject, so that an objection of either is respected.
 */
export async function surveyRecipients(
  tx: Tx,
  rules: PreferenceRules,
  subjects: readonly SurveySubject[],
): Promise<Map<string, SurveyRecipient>> {
  const ids = subjects.map((one) => one.identifierId);
  const [reaches, stood, channels, keys] = await Promise.all([
    customerReaches(tx, rules, ids),
    tx.rows<StoodRow>(STOOD, [subjects.map((one) => one.key), subjects.map((one) => one.kind)]),
    tx.rows<{ id: string; channel: ContactChannel }>(OWN_CHANNELS, [subjects.map((one) => one.key)]),
    tx.rows<IdentifierKey & { id: number }>(SUBJECT_KEYS, [ids]),
  ]);
  const stoodIn = groupBy(stood, (row) => row.key);
  const channelOf = new Map(channels.map((row) => [row.id, row.channel]));
  const keyOf = new Map(keys.map((row) => [row.id, row]));
  const chosen = subjects.map((subject) => {
    const reach = reaches.get(subject.identifierId);
    const preferred = reach?.channel ?? channelOf.get(subject.key) ?? null;
    return surveyAddress<CustomerAddress>(preferred, stoodIn.get(subject.key) ?? [], reach?.addresses ?? []);
  });
  const permissions = await contactPermissions(
    tx,
    subjects.flatMap(({ identifierId }, i) => {
      const found = chosen[i] ?? null;
      if (found === null) return [];
      const { channel, address } = found;
      const request = { purpose: 'SURVEY', channel } as const;
      return [
        { identifier: address, ...request },
        { identifier: keyOf.get(identifierId)!, ...request },
      ];
    }),
  );
  const recipients = new Map<string, SurveyRecipient>();
  for (const [i, { key, identifierId }] of subjects.entries()) {
    const found = chosen[i] ?? null;
    if (found === null) {
      recipients.set(key, {
        refused: 'no address of the customer is known on a channel that was not declined',
      });
      continue;
    }
    const denied = permissions.splice(0, 2).find(({ isAllowed }) => !isAllowed);
    const reach = reaches.get(identifierId);
    recipients.set(
      key,
      denied !== undefined
        ? { refused: `surveys to the customer are not allowed (${denied.reason})` }
        : {
            ...{ channel: found.channel, address: found.address.value! },
            name: nameOf(reach?.values ?? []),
            language: reach?.language ?? null,
          },
    );
  }
  return recipients;
}

/** A survey that was sent, or is about to be. */
export interface StoredSurvey extends SurveySubject {
  id: string;
  expiresAt: Date;
  answeredAt: Date | null;
}

const BY_ID = `
  SELECT s.id, s.kind::text AS kind, coalesce(s.order_id, s.case_id) AS key, i.id AS "identifierId",
         coalesce(s.expires_at, s.sent_at) AS "expiresAt", s.answered_at AS "answeredAt"
  FROM survey s JOIN identifier i ON i.id = s.identifier_id
  WHERE s.id = ANY($1::uuid[]) AND s.kind <> 'FROM_SOURCE'`;

/** These surveys of our own. */
export function surveysById(tx: Tx, ids: readonly string[]): Promise<StoredSurvey[]> {
  return tx.rows<StoredSurvey>(BY_ID, [ids]);
}
