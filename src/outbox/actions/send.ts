// Sends one webhook request over HTTP: bounded in time and size, without redirects, never to a private address.

import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPrivateAddress, webhookUrlProblem } from '../rules/webhooks';

export interface SendLimits {
  /** Milliseconds for the whole exchange, name look-up and answer included. */
  timeoutMs: number;
  /** Bytes of the answer's body that are read, and thrown away; past it the connection is closed. */
  answerBytes: number;
}

export const SEND_LIMITS: SendLimits = { timeoutMs: 10_000, answerBytes: 65_536 };

/** The outcome of an attempt: the status of the answer, or one sentence with the reason why there was none. */
export type SendResult = ({ status: number; error: null } | { status: null; error: string }) & {
  /** The header `retry-after` of the answer. */
  retryAfter?: string | undefined;
};

class NotPublic extends Error {}

/** Checks the address a name resolves to at the moment of connecting, because a second look-up could differ. */
const publicLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '', 0);
    const inside = addresses.find(({ address }) => isPrivateAddress(address));
    const first = addresses[0];
    if (inside !== undefined || first === undefined) {
      return done(new NotPublic(`${hostname} does not lead to the public internet`), '', 0);
    }
    if (options.all) return (done as unknown as (e: null, all: typeof addresses) => void)(null, addresses);
    done(null, first.address, first.family);
  });
};

function reason(error: Error & { code?: string }, timeoutMs: number): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  if (error instanceof NotPublic) return error.message;
  return error.code ? `the connection failed (${error.code})` : 'the connection failed';
}

/** POSTs a body and waits for the answer's end. Never throws: a failure is an outcome. */
export function send(
  url: string,
  headers: Record<string, string>,
  body: string,
  options: { allowPrivate: boolean; limits?: SendLimits },
): Promise<SendResult> {
  const { allowPrivate, limits = SEND_LIMITS } = options;
  const problem = webhookUrlProblem(url, { allowPrivate });
  if (problem !== null) return Promise.resolve({ status: null, error: problem });
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) && isPrivateAddress(host)) {
    return Promise.resolve({ status: null, error: `${host} is not on the public internet` });
  }
  return new Promise((resolve) => {
    const request = (target.protocol === 'https:' ? https : http).request(target, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Comptoir-Webhooks/1',
        ...headers,
      },
      agent: false,
      signal: AbortSignal.timeout(limits.timeoutMs),
      ...(allowPrivate ? {} : { lookup: publicLookup }),
    });
    let status: number | null = null;
    let retryAfter: string | undefined;
    const finish = (error: string): void =>
      resolve(status === null ? { status, error } : { status, error: null, retryAfter });
    request.on('error', (error) => finish(reason(error, limits.timeoutMs)));
    request.on('response', (response) => {
      // The status line decides the outcome, whether the body arrives or not.
      status = response.statusCode ?? 0;
      retryAfter = response.headers['retry-after'];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.answerBytes) response.destroy();
      });
      response.on('error', () => {});
      response.on('close', () => finish(''));
    });
    request.end(body);
  });
}
