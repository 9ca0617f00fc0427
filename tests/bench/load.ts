// A load client that costs little beside what it measures: clients that wait for answers, and clients that come by the clock.

import { Connection, ConnectionLost, type HttpAnswer, type Waiting } from './connection';

export interface Reply {
  // biome-ignore lint/suspicious/noExplicitAny: the benchmark reads answers of every shape
  data: any;
  errors?: unknown[];
}

export interface Client {
  /** Sends one operation and reads its JSON. Rejects on GraphQL errors (with the whole text) and lost connections. */
  send(token: string, query: string, variables: object): Promise<Reply>;
  /** The bytes of a request, to be written as often as one likes. */
  prepare(token: string | null, query: string, variables: object): Buffer;
  /** Sends such bytes; answers of every status resolve. Rejects with ConnectionLost when no answer can come any more. */
  ask(request: Buffer): Promise<HttpAnswer>;
  /** Requests written or waiting for a free connection. */
  waiting(): number;
  close(): void;
}

const PATIENCE_MS = 30_000;
const SWEEP_MS = 1_000;
/** Answered requests at the queue's head are dropped together, this many at a time. */
const COMPACT_AT = 1_024;

/** Request bytes for a server at `host:port`; texts of queries and tokens are turned into JSON and headers once. */
function preparer(host: string): Client['prepare'] {
  const queries = new Map<string, string>();
  const heads = new Map<string | null, string>();
  return (token, query, variables) => {
    let text = queries.get(query);
    if (text === undefined) {
      text = `{"query":${JSON.stringify(query)},"variables":`;
      queries.set(query, text);
    }
    let head = heads.get(token);
    if (head === undefined) {
      const bearer = token === null ? '' : `authorization: Bearer ${token}\r\n`;
      head = `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n${bearer}content-length: `;
      heads.set(token, head);
    }
    const body = `${text}${JSON.stringify(variables)}}`;
    return Buffer.from(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
}

/**
 * A client of the API at `url` over at most so many connections, opened as they are needed and used in turn. Requests
 * beyond them wait here, and wait at most `patienceMs`. It writes bytes to sockets and reads no more than it must,
 * because it shares its cores with what it measures: about 18 µs of processor time a request at 64 connections, 14 of
 * prepared bytes, where Node's own client takes 40.
 */
export function newClient(url: string, connections: number, patienceMs = PATIENCE_MS): Client {
  const { hostname, port, host } = new URL(url);
  const queue: Waiting[] = [];
  let first = 0;
  const idle: Connection[] = [];
  const next = (connection: Connection): void => {
    const waiting = queue[first];
    if (waiting === undefined) {
      idle.push(connection);
      return;
    }
    first += 1;
    if (first === queue.length || first >= COMPACT_AT) {
      queue.splice(0, first);
      first = 0;
    }
    connection.write(waiting);
  };
  const all = Array.from({ length: connections }, () => new Connection(hostname, Number(port), next));
  idle.push(...all);
  const prepare = preparer(host);
  const ask: Client['ask'] = (request) =>
    new Promise((resolve, reject) => {
      const waiting = { request, resolve, reject, since: performance.now() };
      const connection = idle.shift();
      if (connection === undefined) queue.push(waiting);
      else connection.write(waiting);
    });
  const sweep = setInterval(() => {
    const tooOld = performance.now() - patienceMs;
    for (const connection of all) {
      if (connection.current !== null && connection.current.since < tooOld)
        connection.end(`no answer in ${patienceMs} ms`);
    }
    for (; first < queue.length && queue[first]!.since < tooOld; first += 1)
      queue[first]!.reject(new ConnectionLost(`no connection in ${patienceMs} ms`));
  }, SWEEP_MS).unref();
  return {
    prepare,
    ask,
    async send(token, query, variables) {
      const { body } = await ask(prepare(token, query, variables));
      const text = body.toString();
      const reply = JSON.parse(text) as Reply;
      if (reply.errors) throw new Error(text);
      return reply;
    },
    waiting: () => queue.length - first + all.length - idle.length,
    close() {
      clearInterval(sweep);
      for (const waiting of queue.splice(0).slice(first)) waiting.reject(new ConnectionLost('client closed'));
      first = 0;
      for (const connection of all) connection.end('client closed');
    },
  };
}

export interface Measured {
  /** Answers in all. */
  done: number;
  perSecond: number;
  medianMs: number;
  /** 99 of 100 were at least this fast. */
  p99Ms: number;
}

/** The time that so large a share of `sorted` times did not exceed; 0 of none. */
function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Runs `ask` again and again, `width` at a time, until so many seconds have passed: as many as can be answered. */
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
  return {
    done: times.length,
    perSecond: times.length / took,
    medianMs: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  };
}

/** How a request ended: answered; politely refused for now (Busy, or 503 with retry-after); anything else. */
export type Outcome = 'ok' | 'busy' | 'error';

/** What happened to the requests that were due in one second. */
export interface Second {
  ok: number;
  busy: number;
  error: number;
  /** Of those that were answered or refused. */
  p99Ms: number;
  /** Requests without an answer when the second ended. */
  unanswered: number;
}

export interface Offered {
  sent: number;
  counts: Record<Outcome, number>;
  /** Of the answered ones, from when they were due. */
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  /** The slowest polite refusal. */
  slowestBusyMs: number;
  seconds: Second[];
  /** How often each message of an error came; at most 20 messages. */
  messages: Map<string, number>;
}

interface Offer {
  perSecond: number;
  seconds: number;
  /** Asks one question; rejecting counts as an error. */
  ask: (i: number) => Promise<Outcome>;
  /** Told a second's figures about as it ends, when many of its answers may still be on their way. */
  onSecond?: (second: number, unanswered: number) => void;
}

const MAX_MESSAGES = 20;

/**
 * Sends at a fixed rate by the clock, whether or not answers come, and waits for all answers at the end. A latency
 * runs from when its request was due, so that a server which stalls cannot hide it by slowing its clients down
 * ("coordinated omission"); the timers' millisecond is in it.
 */
export async function offer({ perSecond, seconds, ask, onSecond }: Offer): Promise<Offered> {
  const total = Math.round(perSecond * seconds);
  const rows = Array.from({ length: Math.ceil(seconds) }, () => ({
    ...{ ok: 0, busy: 0, error: 0, p99Ms: 0, unanswered: 0 },
    times: [] as number[],
  }));
  const times: number[] = [];
  const messages = new Map<string, number>();
  let [sent, answered, slowestBusyMs, looked] = [0, 0, 0, 0];
  const begin = performance.now();
  const dueAt = (i: number): number => begin + (i * 1_000) / perSecond;
  const note = (i: number, outcome: Outcome): void => {
    const row = rows[Math.floor(i / perSecond)]!;
    const ms = performance.now() - dueAt(i);
    answered += 1;
    row[outcome] += 1;
    if (outcome === 'ok') times.push(ms);
    if (outcome === 'busy') slowestBusyMs = Math.max(slowestBusyMs, ms);
    if (outcome !== 'error') row.times.push(ms);
  };
  const failed = (i: number, error: Error): void => {
    note(i, 'error');
    const message = error.message.slice(0, 300);
    if (messages.has(message) || messages.size < MAX_MESSAGES)
      messages.set(message, (messages.get(message) ?? 0) + 1);
  };
  await new Promise<void>((resolve) => {
    const look = (): void => {
      const now = performance.now();
      for (; sent < total && dueAt(sent) <= now; sent += 1) {
        const i = sent;
        ask(i).then(
          (outcome) => note(i, outcome),
          (error: Error) => failed(i, error),
        );
      }
      for (; looked < rows.length && now >= begin + (looked + 1) * 1_000; looked += 1) {
        rows[looked]!.unanswered = sent - answered;
        onSecond?.(looked, sent - answered);
      }
      if (sent === total && answered === total) resolve();
      else setTimeout(look, 1);
    };
    look();
  });
  const counts = { ok: 0, busy: 0, error: 0 };
  const told = rows.map(({ times: of, ...row }): Second => {
    for (const outcome of ['ok', 'busy', 'error'] as const) counts[outcome] += row[outcome];
    return {
      ...row,
      p99Ms: quantile(
        of.sort((a, b) => a - b),
        0.99,
      ),
    };
  });
  times.sort((a, b) => a - b);
  const [p50Ms, p95Ms, p99Ms, maxMs] = [0.5, 0.95, 0.99, 1].map((share) => quantile(times, share)) as [
    number,
    number,
    number,
    number,
  ];
  return { sent, counts, p50Ms, p95Ms, p99Ms, maxMs, slowestBusyMs, seconds: told, messages };
}
