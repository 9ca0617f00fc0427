// Settings of contacts: windows of cases, secrets of help desks' webhooks, and surveys.

import { OperatorError } from '../refusals';
import { type Env, whole } from './env';
import { checkSecret } from './secrets';

export interface ContactConfig {
  contact: {
    /** Days after its resolution in which a contact reopens a case. */
    reopenDays: number;
    /** Days between contacts with one topic that are about one thing. */
    topicDays: number;
    /** Secrets that help desks sign their webhooks with; null: their endpoint is closed. */
    webhookSecrets: { chatwoot: string | null; zendesk: string | null };
    /** Days in which a survey can be answered; 0: no surveys are sent. */
    surveyDays: number;
  };
}

const MIN_SECRET_LENGTH = 16;

function secret(env: Env, name: 'CHATWOOT_WEBHOOK_SECRET' | 'ZENDESK_WEBHOOK_SECRET'): string | null {
  const text = env[name] || null;
  if (text === null) return null;
  if (text.length < MIN_SECRET_LENGTH) {
    throw new OperatorError(
      `${name} is shorter than ${MIN_SECRET_LENGTH} characters; copy the whole secret that the help desk shows.`,
    );
  }
  checkSecret(name, text);
  return text;
}

/** @throws OperatorError */
export function readContact(env: Env): ContactConfig {
  return {
    contact: {
      reopenDays: whole(env, 'CASE_REOPEN_DAYS', 0, 365),
      topicDays: whole(env, 'CASE_TOPIC_DAYS', 0, 365),
      webhookSecrets: {
        chatwoot: secret(env, 'CHATWOOT_WEBHOOK_SECRET'),
        zendesk: secret(env, 'ZENDESK_WEBHOOK_SECRET'),
      },
      surveyDays: whole(env, 'SURVEY_DAYS', 0, 365),
    },
  };
}
