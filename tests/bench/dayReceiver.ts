// Receivers of webhooks for the mixed day: one that answers, and one that accepts the connection and never answers.

import { createServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import type { Client } from './load';

export interface Receiver {
  url: string;
  /** Ids of the messages that came, each once. */
  got: Set<string>;
  close(): Promise<void>;
}

/** Answers 200 to all. */
export async function goodReceiver(): Promise<Receiver> {
  const got = new Set<string>();
  const server = createServer((request, response) => {
    got.add(String(request.headers['webhook-id']));
    request.resume();
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Accepts and reads, and never answers. */
export async function hangingReceiver(): Promise<Receiver> {
  const sockets = new Set<Socket>();
  const got = new Set<string>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on('data', (bytes) => {
      const id = /webhook-id: (\S+)/i.exec(bytes.toString('latin1'))?.[1];
      if (id !== undefined) got.add(id);
    });
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const REGISTER = `mutation ($input: RegisterWebhookInput!) { answer: registerWebhook(input: $input) {
  __typename ... on Refusal { message } } }`;

/** Has everything that happens sent to this receiver. */
export async function register(client: Client, admin: string, url: string): Promise<void> {
  const input = { idempotencyKey: url, url, topics: ['*'] };
  const { data } = await client.send(admin, REGISTER, { input });
  if (data.answer.__typename !== 'RegisterWebhookSuccess') throw new Error(JSON.stringify(data));
}
