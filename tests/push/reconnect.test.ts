// A deploy must not freeze pages: the real graphql-sse client subscribes again by itself, to another process.

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createClient } from 'graphql-sse';
import { startApp, type TestApp } from '../support/app';

/** What a load balancer does: forwards connections to the process that is up. */
class Balancer {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  target: number;

  constructor(target: number) {
    this.target = target;
    this.#server = createServer((socket) => {
      const upstream = connect(this.target, '127.0.0.1');
      for (const one of [socket, upstream]) {
        this.#sockets.add(one);
        one.on('error', () => {}).on('close', () => this.#sockets.delete(one));
      }
      socket.pipe(upstream).pipe(socket);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/graphql`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const SUBSCRIPTION = `subscription {
  stockChanged(locations: ["paris"], skus: ["LAMP"]) { available }
}`;
const RECEIVE = `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }`;
const portOf = (app: TestApp): number => Number(new URL(app.url).port);

test('over a rolling restart a page goes on to see what changes, without a reload', async () => {
  const app = await startApp();
  const first = await startApp({}, app);
  const second = await startApp({}, app);
  const balancer = new Balancer(portOf(first));
  const url = await balancer.listen();
  const token = await app.token('FEED');
  const client = createClient({ url, headers: { authorization: `Bearer ${token}` } });
  const seen: number[] = [];
  let ended: unknown = 'no';
  const subscribed = new Promise<void>((resolve) => {
    client.subscribe<{ stockChanged: { available: number }[] }>(
      { query: SUBSCRIPTION },
      {
        next({ data }) {
          seen.push(...data!.stockChanged.map((level) => level.available));
          resolve();
        },
        error: (error) => {
          ended = error;
        },
        complete: () => {
          ended = 'complete';
        },
      },
    );
  });
  try {
    await subscribed;
    balancer.target = portOf(second);
    await first.close();
    const input = { idempotencyKey: 'after', location: 'paris', lines: [{ sku: 'LAMP', quantity: 7 }] };
    await app.gql(token, RECEIVE, { input });
    const deadline = Date.now() + 20_000;
    while (!seen.includes(7) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toContain(7);
    expect(ended).toBe('no');
  } finally {
    client.dispose();
    await balancer.close();
    await second.close();
    await app.close();
  }
});
