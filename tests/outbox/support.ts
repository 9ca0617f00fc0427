// A receiver of webhooks on a local port, and the shorthand to register it and to put messages in the outbox.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { completeNotices } from '../../src/contact/actions/completeNotices';
import { inTransaction } from '../../src/db/transaction';
import {
  DELIVER_LIMITS,
  type Delivered,
  type DeliverLimits,
  deliverOutbox,
} from '../../src/outbox/actions/deliver';
import { enqueue, type Message } from '../../src/outbox/actions/enqueue';
import type { TestApp } from '../support/app';

export interface Got {
  headers: IncomingHttpHeaders;
  body: string;
  id: string;
}

export interface Receiver {
  url: string;
  got: Got[];
  /** How the next requests are answered; 200 until told otherwise. */
  answer: (response: ServerResponse, got: Got) => void;
  /** Resolves when so many requests have come. */
  has(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts a receiver. */
export async function startReceiver(): Promise<Receiver> {
  const got: Got[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        id: String(request.headers['webhook-id']),
      };
      got.push(one);
      waiting = waiting.filter(({ count, resolve }) => (got.length >= count ? resolve() : true));
      receiver.answer(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    answer: (response) => response.end(),
    has: (count) =>
      new Promise((resolve) => {
        if (got.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** Answers with this status. */
export const answering = (status: number) => (response: ServerResponse) => {
  response.statusCode = status;
  response.end();
};

let keys = 0;
/** A new idempotency key. */
export function key(): string {
  keys += 1;
  return `outbox-${keys}`;
}

/** Registers a webhook and gives its global id and secret. */
export async function register(
  app: TestApp,
  admin: string,
  url: string,
  topics: string[],
): Promise<{ id: string; secret: string }> {
  const { data, errors } = await app.gql(
    admin,
    `mutation ($input: RegisterWebhookInput!) {
      registerWebhook(input: $input) { ... on Refusal { message } ... on RegisterWebhookSuccess { secret webhook { id } } }
    }`,
    { input: { idempotencyKey: key(), url, topics } },
  );
  if (!data?.registerWebhook?.secret) throw new Error(JSON.stringify(errors ?? data));
  return { id: data.registerWebhook.webhook.id, secret: data.registerWebhook.secret };
}

/** Puts messages in the outbox, as a command would. */
export async function tell(app: TestApp, ...messages: Message[]): Promise<void> {
  await inTransaction(app.db, (tx) => enqueue(tx, app.parts.clock(), messages));
}

/** One run of the dispatcher. */
export function dispatch(app: TestApp, limits: Partial<DeliverLimits> = {}): Promise<Delivered> {
  return deliverOutbox(app.parts, (messages) => completeNotices(app.db, app.parts, messages), {
    ...DELIVER_LIMITS,
    ...limits,
  });
}

/** Whether a receiver with this secret accepts a request at this time, by the specification's own library. */
export function isAccepted(
  secret: string,
  { headers, body }: { headers: IncomingHttpHeaders; body: string },
  now: Date,
): boolean {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now.getTime());
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return false;
  } finally {
    clock.mockRestore();
  }
}
