// Sends surveys: about orders some time after they were collected and about cases after they were resolved, at most one a customer in so many days.

import { v7 as uuid } from 'uuid';
import { type Command, defineCommand } from '../../access/actions/execute';
import { SYSTEM } from '../../access/rules/roles';
import type { ContactConfig } from '../../config/contact';
import type { IdentityConfig } from '../../config/identity';
import type { Db, Tx } from '../../db/pool';
import { enqueue } from '../../outbox/actions/enqueue';
import { DAY_MS, HOUR_MS } from '../../values/time';
import {
  type DuePosition,
  type DueSurvey,
  dueCases,
  dueCollections,
  surveyRecipients,
} from '../queries/surveys';

/** Subjects of one transaction. */
const BATCH = 500;
/**
 * Hours after its time in which a survey is still sent. What was not reached until then is left: its customer no longer remembers it, and a
 * program that was off for a week does not send a week of surveys at once.
 */
const LATE_HOURS = 6;
const NO_KEY = '00000000-0000-0000-0000-000000000000';

/** What the settings decide about surveys. */
export type SurveyConfig = IdentityConfig & ContactConfig;

/** Whether surveys are sent at all: their links need an address. */
export const areSurveysSent = ({ contact }: ContactConfig): boolean =>
  contact.publicUrl !== null && contact.surveyDays > 0;

const LATELY = `
  SELECT DISTINCT f.id AS "customerId" FROM unnest($1::uuid[]) AS f(id)
  JOIN identifier m ON m.customer_id = f.id JOIN survey s ON s.identifier_id = m.id AND s.sent_at > $2`;
const INSERT = `
  INSERT INTO survey (id, kind, order_id, case_id, identifier_id, sent_at, expires_at)
  SELECT id, kind, "orderId", "caseId", "identifierId", $2, $3
  FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, kind survey_kind, "orderId" uuid, "caseId" uuid, "identifierId" bigint)
  ORDER BY id
  ON CONFLICT DO NOTHING RETURNING id`;

/** Sends surveys about these subjects, as far as their customers may get one. Answers how many. */
export async function sendSurveysAbout(
  tx: Tx,
  now: Date,
  { identity, contact }: SurveyConfig,
  due: readonly DueSurvey[],
): Promise<number> {
  const since = new Date(now.getTime() - contact.surveyIntervalDays * DAY_MS);
  const lately = await tx.rows<{ customerId: string }>(LATELY, [due.map((one) => one.customerId), since]);
  const served = new Set(contact.surveyIntervalDays === 0 ? [] : lately.map((row) => row.customerId));
  const recipients = await surveyRecipients(
    tx,
    identity,
    due.filter(({ customerId }) => !served.has(customerId)),
  );
  const chosen: (DueSurvey & { id: string })[] = [];
  for (const one of due) {
    const recipient = recipients.get(one.key);
    if (served.has(one.customerId) || recipient === undefined || 'refused' in recipient) continue;
    if (contact.surveyIntervalDays > 0) served.add(one.customerId);
    chosen.push({ ...one, id: uuid() });
  }
  if (chosen.length === 0) return 0;
  const expiresAt = new Date(now.getTime() + contact.surveyDays * DAY_MS);
  const rows = chosen.map(({ id, kind, key, identifierId }) => ({
    ...{ id, kind, identifierId },
    ...{
      orderId: kind === 'AFTER_COLLECTION' ? key : null,
      caseId: kind === 'AFTER_CASE' ? key : null,
    },
  }));
  const inserted = await tx.rows<{ id: string }>(INSERT, [JSON.stringify(rows), now, expiresAt]);
  const stored = new Set(inserted.map((row) => row.id));
  const sent = chosen.filter(({ id }) => stored.has(id));
  await enqueue(
    tx,
    now,
    sent.map(({ id, kind, key, number, location, channel }) => ({
      topic: 'notice.survey',
      orderId: kind === 'AFTER_COLLECTION' ? key : null,
      payload: { surveyId: id, kind, number, location, channel, expiresAt },
    })),
  );
  return sent.length;
}

/** Instants as ISO text: a command's input is JSON. */
interface DueSurveyPage {
  kind: DueSurvey['kind'];
  after: { at: string; key: string };
  until: string;
}
interface SentBatch {
  sent: number;
  after: { at: string; key: string } | null;
}

const sendBatch = (config: SurveyConfig) =>
  defineCommand('sendSurveys', async (tx, { now, input }: Command<DueSurveyPage>): Promise<SentBatch> => {
    const { kind, after, until } = input;
    const page = kind === 'AFTER_CASE' ? dueCases : dueCollections;
    const due = await page(tx, { at: new Date(after.at), key: after.key }, new Date(until), BATCH);
    const sent = await sendSurveysAbout(tx, now, config, due);
    const last = due.length < BATCH ? undefined : due.at(-1);
    return { sent, after: last === undefined ? null : { at: last.at.toISOString(), key: last.key } };
  });

/** Sends all surveys that are due at `dueAt`. Running it again sends none twice. */
export async function sendSurveys(
  db: Db,
  config: SurveyConfig,
  dueAt: Date,
  now = dueAt,
): Promise<{ surveys: number }> {
  if (!areSurveysSent(config)) return { surveys: 0 };
  const until = new Date(dueAt.getTime() - config.contact.surveyDelayHours * HOUR_MS);
  const from: DuePosition = { at: new Date(until.getTime() - LATE_HOURS * HOUR_MS), key: NO_KEY };
  const send = sendBatch(config);
  let surveys = 0;
  for (const kind of ['AFTER_COLLECTION', 'AFTER_CASE'] as const) {
    const page = kind === 'AFTER_CASE' ? dueCases : dueCollections;
    // Looked at first, so that an idle run records no command.
    if ((await page(db, from, until, 1)).length === 0) continue;
    let after: SentBatch['after'] = { at: from.at.toISOString(), key: from.key };
    while (after !== null) {
      const input: DueSurveyPage = { kind, after, until: until.toISOString() };
      const done: SentBatch = await send(db, { actor: SYSTEM, idempotencyKey: uuid(), input, now });
      surveys += done.sent;
      after = done.after;
    }
  }
  return { surveys };
}
