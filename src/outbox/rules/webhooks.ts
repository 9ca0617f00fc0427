// Signing, retries and URLs of webhooks: the Standard Webhooks specification 1.0 (standardwebhooks.com).

import { createHmac } from 'node:crypto';
import { BlockList, isIP, isIPv4 } from 'node:net';

/** One attempt to send: the message's own id (the same at every retry), Unix seconds of the attempt, the exact body. */
export type WebhookMessage = { id: string; timestamp: number; body: string };

/** The three headers that make a request a Standard Webhook. */
export type WebhookHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>;

/** Seconds to wait after each failed attempt: the specification's example schedule, 75.6 hours in all. */
const RETRY_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** Attempts before a message is dead: the first one at once and a retry for each wait. */
export const MAX_ATTEMPTS = RETRY_SECONDS.length + 1;

// Jitter of a tenth of the wait, so that receivers that failed together are not called together.
const JITTER_SHARE = 0.1;

const URL_MAX_LENGTH = 2_048;
/** Ports below belong to well-known services (RFC 6335): a webhook must not reach a mail or a database server. */
const FIRST_FREE_PORT = 1_024;
const WEB_PORTS = ['80', '443'];
/**
 * Top-level names that no public registry gives out: reserved for local use or tests (RFC 2606, 6761, 6762, 8375, 9476, ICANN's
 * .internal), and those that routers and company networks use as if they were (RFC 6762, appendix G).
 */
const LOCAL_NAMES = [
  ...['localhost', 'local', 'localdomain', 'internal', 'intranet', 'private', 'corp', 'home', 'lan', 'host'],
  ...[
    'arpa',
    'test',
    'invalid',
    'example',
    'onion',
    'alt',
    'workgroup',
    'domain',
    'belkin',
    'dlink',
    'router',
  ],
];
const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = { least: 24, most: 64 };

/** The signing secret of one receiver, derived from the server's own key so that the database contains none;
 * `generation` counts its replacements, and while one is going on the two last are signed with. */
export function endpointSecret(key: Buffer, endpointId: string, generation: number): string {
  const purpose = JSON.stringify(['webhook-secret', endpointId, generation]);
  return SECRET_PREFIX + createHmac('sha256', key).update(purpose).digest('base64');
}

/** The value of `webhook-signature`: one 'v1,<base64>' per secret, separated by spaces. While a secret is being
 * replaced, pass the new one and the old one. */
export function sign(secrets: string | readonly string[], message: WebhookMessage): string {
  // A dot in the id would let one text stand for two different messages.
  if (!/^[^.\s]+$/.test(message.id))
    throw new RangeError(`webhook id '${message.id}' is empty or has dots or spaces`);
  if (!Number.isSafeInteger(message.timestamp))
    throw new RangeError('a webhook timestamp is whole Unix seconds');
  const list = typeof secrets === 'string' ? [secrets] : secrets;
  if (list.length === 0) throw new RangeError('a webhook needs at least one secret to be signed with');
  return list.map((secret) => `v1,${signature(secret, message)}`).join(' ');
}

/** The signed headers of one attempt. */
export function webhookHeaders(secrets: string | readonly string[], message: WebhookMessage): WebhookHeaders {
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': sign(secrets, message),
  };
}

/** Seconds to wait after the `attempt`-th failure (from 1), or null when no attempt is left. `jitter01` is a
 * random number from 0 up to 1: up to a tenth is added to the wait. */
export function backoffSeconds(attempt: number, jitter01: number): number | null {
  if (!Number.isInteger(attempt) || attempt < 1)
    throw new RangeError(`attempts count from 1, not ${attempt}`);
  const seconds = RETRY_SECONDS[attempt - 1];
  return seconds === undefined ? null : seconds * (1 + JITTER_SHARE * jitter01);
}

/** The maximum delay of the next attempt that a receiver may request. */
const MAX_RETRY_AFTER_SECONDS = 86_400;

/**
 * Seconds that the header `retry-after` of an answer asks for (RFC 9110: a number of seconds, or a date), at most a day; 0
 * without one, or with another value.
 */
export function retryAfterSeconds(header: string | undefined, now: Date): number {
  const text = header?.trim() ?? '';
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1_000;
  return seconds > 0 ? Math.min(Math.ceil(seconds), MAX_RETRY_AFTER_SECONDS) : 0;
}

/**
 * Why webhooks can't be sent to this address, in one sentence, or null. `allowPrivate` is for development: it
 * admits http and addresses of this machine and its network. A public name may still resolve to a
 * private address, so the sender also checks the address it connects to with `isPrivateAddress`.
 */
export function webhookUrlProblem(url: string, { allowPrivate }: { allowPrivate: boolean }): string | null {
  if (url.length > URL_MAX_LENGTH) return `a webhook address has at most ${URL_MAX_LENGTH} characters`;
  if (!URL.canParse(url)) return 'a webhook address must be a whole URL, such as https://example.com/hooks';
  const { protocol, username, password, hostname, hash } = new URL(url);
  if (protocol !== 'https:' && !(allowPrivate && protocol === 'http:')) {
    return `a webhook address must begin with https://, not ${protocol}//`;
  }
  // The message omits the address, which would write the password into logs.
  if (username || password) return 'a webhook address must not carry a user name or password';
  if (hash) return `a webhook address must not have a fragment ('${hash}'): it would never be sent`;
  if (!allowPrivate && isPrivateHost(hostname)) {
    return `webhooks can't go to '${hostname}', which is not an address on the public internet`;
  }
  const { port } = new URL(url);
  if (!allowPrivate && port !== '' && Number(port) < FIRST_FREE_PORT && !WEB_PORTS.includes(port)) {
    return `webhooks can't go to port ${port}: ports below ${FIRST_FREE_PORT} other than 80 and 443 belong to other services`;
  }
  return null;
}

/** True unless `ip` is an address anyone on the public internet can have (IANA's special-purpose registries):
 * private, loopback, link-local, carrier, documentation, multicast, IPv4 written as IPv6; also no address at all. */
export function isPrivateAddress(ip: string): boolean {
  if (!isIP(ip)) return true;
  if (isIPv4(ip)) return PRIVATE.check(ip, 'ipv4');
  return PRIVATE.check(ip, 'ipv6') || !PUBLIC_V6.check(ip, 'ipv6');
}

function isPrivateHost(hostname: string): boolean {
  // URL has already turned forms such as 0x7f.1 and 2130706433 into dotted IPv4.
  const bare = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isIP(bare)) return isPrivateAddress(bare);
  // A single label resolves in a local network only.
  const labels = bare.toLowerCase().split('.');
  return labels.length < 2 || LOCAL_NAMES.includes(labels.at(-1)!);
}

const MAPPED_V6 = '::ffff:';
const NAT64_V6 = '64:ff9b::';
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
  ] as const),
  ...([
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
  ] as const),
  ...([
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
  ] as const),
  ...([
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4');
  for (const prefix of [MAPPED_V6, NAT64_V6]) PRIVATE.addSubnet(prefix + network, 96 + bits, 'ipv6');
}
// Inside 2000::/3: protocol assignments with Teredo, documentation, 6to4 (which can carry a private IPv4), documentation.
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv6');
}

const PUBLIC_V6 = new BlockList();
PUBLIC_V6.addSubnet('2000::', 3, 'ipv6');
for (const prefix of [MAPPED_V6, NAT64_V6]) PUBLIC_V6.addSubnet(`${prefix}0.0.0.0`, 96, 'ipv6');

function signature(secret: string, { id, timestamp, body }: WebhookMessage): string {
  return createHmac('sha256', secretKey(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
}

function secretKey(secret: string): Buffer {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  if (
    !secret.startsWith(SECRET_PREFIX) ||
    key.length < SECRET_BYTES.least ||
    key.length > SECRET_BYTES.most
  ) {
    throw new RangeError(`a webhook secret is '${SECRET_PREFIX}' and base64 of 24 to 64 bytes`);
  }
  return key;
}
