// Signatures of webhooks that help desks send: computed over the exact bytes of the body, and valid for some minutes.

import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds for which a signed delivery is accepted, before and after the time that it was signed at. */
export const REPLAY_SECONDS = 300;

export type SignatureVerdict = 'GOOD' | 'MISSING' | 'WRONG' | 'TOO_OLD';

interface SignedRequest {
  secret: string;
  /** The headers as they came. */
  timestamp: unknown;
  signature: unknown;
  body: Buffer;
  now: Date;
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** How a help desk writes its time and its signature. */
interface SigningForm {
  /** Null: no time is signed. Such a delivery can be repeated by whoever recorded it, and changes nothing the second time. */
  secondsOf: ((timestamp: string) => number) | null;
  signature(secret: string, timestamp: string, body: Buffer): string;
}

/** `sha256=` and hexadecimal digits over the time in seconds, a dot, and the body. */
const CHATWOOT: SigningForm = {
  secondsOf: (timestamp) => (/^\d{1,11}$/.test(timestamp) ? Number(timestamp) : Number.NaN),
  signature: (secret, timestamp, body) =>
    `sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`,
};
/** Base64 over the time in ISO 8601 and the body, with nothing between. */
const ZENDESK: SigningForm = {
  secondsOf: (timestamp) =>
    /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/.test(timestamp)
      ? Date.parse(timestamp) / 1_000
      : Number.NaN,
  signature: (secret, timestamp, body) =>
    createHmac('sha256', secret).update(timestamp).update(body).digest('base64'),
};

/** `sha1=` and hexadecimal digits over the body, with the app's client secret. */
const INTERCOM: SigningForm = {
  secondsOf: null,
  signature: (secret, _timestamp, body) => `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`,
};
/** Freshdesk signs nothing: its automation rule sends the secret itself in a header. */
const FRESHDESK: SigningForm = { secondsOf: null, signature: (secret) => secret };

/** The help desks with signed webhooks, by the name of their contacts' source. */
export const SIGNING_FORMS = {
  chatwoot: CHATWOOT,
  zendesk: ZENDESK,
  intercom: INTERCOM,
  freshdesk: FRESHDESK,
} as const;
export type HelpDesk = keyof typeof SIGNING_FORMS;

/** Checks the signature before the time, so that a stranger learns nothing about our clock. */
export function checkSignature(
  { secondsOf, signature: sign }: SigningForm,
  { secret, timestamp, signature, body, now }: SignedRequest,
): SignatureVerdict {
  if (typeof signature !== 'string') return 'MISSING';
  if (secondsOf === null) return isEqual(sign(secret, '', body), signature) ? 'GOOD' : 'WRONG';
  if (typeof timestamp !== 'string') return 'MISSING';
  if (!isEqual(sign(secret, timestamp, body), signature)) return 'WRONG';
  const ageSeconds = Math.abs(now.getTime() / 1_000 - secondsOf(timestamp));
  return ageSeconds <= REPLAY_SECONDS ? 'GOOD' : 'TOO_OLD';
}
