// Clients that ask as fast as they are answered, over connections kept open, and what they measured.

import { Agent, request } from 'node:http';

export interface Reply {
  // biome-ignore lint/suspicious/noExplicitAny: the benchmark reads answers of every shape
  data: any;
  errors?: unknown[];
}

export interface Measured {
  /** Answers in all. */
  done: number;
  perSecond: number;
  medianMs: number;
  /** 99 of 100 were at least this fast. */
  p99Ms: number;
}

export interface Client {
  send(token: string, query: string, variables: object): Promise<Reply>;
  close(): void;
}

/** A client of the API at `url` with at most so many connections. Cheaper than fetch, which would measure itself. */
export function newClient(url: string, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);
  return {
    send: (token, query, variables) =>
      new Promise((resolve, reject) => {
        const body = JSON.stringify({ query, variables });
        const headers = {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          authorization: `Bearer ${token}`,
        };
        const sent = request(
          { agent, hostname, port, path: '/graphql', method: 'POST', headers },
          (answer) => {
            let text = '';
            answer.setEncoding('utf8');
            answer.on('data', (part: string) => {
              text += part;
            });
            answer.on('end', () => {
              const reply = JSON.parse(text) as Reply;
              if (reply.errors) reject(new Error(text));
              else resolve(reply);
            });
          },
        );
        sent.on('error', reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** Runs `ask` again and again, `width` at a time, until so many seconds have passed. */
export async function measure(
  seconds: number,
  width: number,
  ask: (i: number) => Promise<unknown>,
): Promise<Measured> {
  const times: number[] = [];
  const begin = performance.now();
  const end = begin + seconds * 1_000;
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let before = performance.now(); before < end; before = performance.now()) {
      await ask(next++);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  const took = (performance.now() - begin) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { done: times.length, perSecond: times.length / took, medianMs: at(0.5), p99Ms: at(0.99) };
}
