// answerSurvey: stores the one answer to a survey, and records it for its customer.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { IdentityConfig } from '../../config/identity';
import { recordInteractions } from '../../customer/actions/recordInteractions';
import type { IdentifierKind } from '../../customer/rules/identifiers';
import { refuse } from '../../refusals';
import type { SurveyAnswer } from '../rules/contact';
import type { SurveyKind } from '../rules/surveys';

const LOCK = `
  SELECT s.kind::text AS kind, s.order_id AS "orderId", coalesce(s.expires_at, s.sent_at) AS "expiresAt", s.answered_at AS "answeredAt",
         i.kind::text AS "identifierKind", i.scope, i.hash, i.value,
         coalesce(o.channel, c.channel::text) AS channel, coalesce(o.location_id, c.location_id) AS "locationId"
  FROM survey s JOIN identifier i ON i.id = s.identifier_id
  LEFT JOIN customer_order o ON o.id = s.order_id LEFT JOIN service_case c ON c.id = s.case_id
  WHERE s.id = $1 FOR UPDATE OF s`;
const ANSWER = `
  UPDATE survey SET answered_at = $2, csat = $3, nps = $4, ces = $5, was_resolved = $6 WHERE id = $1`;

interface LockedSurvey {
  kind: SurveyKind;
  orderId: string | null;
  expiresAt: Date;
  answeredAt: Date | null;
  identifierKind: IdentifierKind;
  scope: string;
  hash: string;
  value: string | null;
  channel: string;
  locationId: number | null;
}

export interface SurveyReply extends SurveyAnswer {
  surveyId: string;
}

/** Stores the answer to a survey; a second one is refused. @throws Refused SurveyAnswered, SurveyExpired, InvalidInput */
export const answerSurvey = ({ identity }: IdentityConfig) =>
  defineCommand('answerSurvey', async (tx, { input, now }: Command<SurveyReply>) => {
    const { surveyId, csat, nps, ces, wasResolved } = input;
    const [survey] = await tx.rows<LockedSurvey>(LOCK, [surveyId]);
    if (survey === undefined)
      refuse('InvalidInput', 'token is of a survey that is no more.', { path: 'token' });
    const { answeredAt, expiresAt, kind, orderId, channel, locationId } = survey;
    if (answeredAt !== null) {
      const message = `The survey was answered at ${answeredAt.toISOString()}; the first answer counts.`;
      refuse('SurveyAnswered', message, { answeredAt: answeredAt.toISOString() });
    }
    if (expiresAt <= now) {
      const message = `The survey could be answered until ${expiresAt.toISOString()}.`;
      refuse('SurveyExpired', message, { expiredAt: expiresAt.toISOString() });
    }
    await tx.rows(ANSWER, [surveyId, now, csat, nps, ces, wasResolved]);
    const { identifierKind, scope, hash, value } = survey;
    // Without its value the identifier was erased: nothing new is recorded of that customer.
    if (value !== null)
      await recordInteractions(tx, { identity, now }, [
        {
          ...{ kind: 'SURVEY', source: 'survey', sourceKey: surveyId, at: now, channel, locationId, orderId },
          facts: { about: kind, csat, nps, ces, wasResolved },
          identifiers: [{ kind: identifierKind, scope, hash, value, verifiedBy: null }],
        },
      ]);
    return { answeredAt: now.toISOString() };
  });
