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
    webhookSecrets: Record<'chatwoot' | 'zendesk' | 'intercom' | 'freshdesk', string | null>;
    /**
     * Storefronts of the accounts that contacts name without their storefront: by a help desk's account (`chatwoot:1`), by source
     * (`zendesk`), or `*` for all others.
     */
    storefronts: Readonly<Record<string, string>>;
    /** Days after an order is closed in which the link of its page still opens it. */
    orderLinkDays: number;
    /** Days in which a survey can be answered; 0: no surveys are sent. */
    surveyDays: number;
    /** Hours from a collection or a resolution to its survey. */
    surveyDelayHours: number;
    /** Days in which a customer gets one survey at most; 0: no limit. */
    surveyIntervalDays: number;
    /** Address under which customers reach this server, without a slash at its end; null: notices have no links. */
    publicUrl: string | null;
  };
}

const MIN_SECRET_LENGTH = 16;

type SecretSetting = `${'CHATWOOT' | 'ZENDESK' | 'INTERCOM' | 'FRESHDESK'}_WEBHOOK_SECRET`;

function secret(env: Env, name: SecretSetting): string | null {
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

const ANY_SOURCE = '*';
const STOREFRONT = /^(?:([\w.:-]{1,64}|\*)=)?([^=,]{1,200})$/;

/** `web`, or by source: `chatwoot:1=web-fr, zendesk=web-be`. */
function readStorefronts(text: string): Record<string, string> {
  const storefronts = new Map<string, string>();
  for (const entry of text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)) {
    const [, source = ANY_SOURCE, name = ''] = STOREFRONT.exec(entry) ?? [];
    if (name.trim() === '' || storefronts.has(source)) {
      throw new OperatorError(
        `CONTACT_STOREFRONTS has '${entry}'; write the name of one storefront for all help desks, or source=name for each source once, such as chatwoot:1=web, separated by commas.`,
      );
    }
    storefronts.set(source, name.trim());
  }
  return Object.fromEntries(storefronts);
}

/** @throws OperatorError */
function publicUrl(env: Env): string | null {
  const text = env.PUBLIC_URL || null;
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['https:', 'http:'].includes(url.protocol) || url.search || url.hash || url.username) {
    throw new OperatorError(
      `PUBLIC_URL is '${text}'; write the address under which customers reach this server, such as https://shop.example.com.`,
    );
  }
  return url.href.replace(/\/+$/, '');
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
        intercom: secret(env, 'INTERCOM_WEBHOOK_SECRET'),
        freshdesk: secret(env, 'FRESHDESK_WEBHOOK_SECRET'),
      },
      storefronts: readStorefronts(env.CONTACT_STOREFRONTS || ''),
      orderLinkDays: whole(env, 'ORDER_LINK_DAYS', 0, 365),
      surveyDays: whole(env, 'SURVEY_DAYS', 0, 365),
      surveyDelayHours: whole(env, 'SURVEY_DELAY_HOURS', 0, 720),
      surveyIntervalDays: whole(env, 'SURVEY_INTERVAL_DAYS', 0, 3_650),
      publicUrl: publicUrl(env),
    },
  };
}
