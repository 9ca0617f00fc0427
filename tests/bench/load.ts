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
  sendBytes(request: Buffer): Promise<HttpAnswer>;
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
  const sendBytes: Client['sendBytes'] = (request) =>
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
    sendBytes,
    async send(token, query, variables) {
      const { body } = await sendBytes(prepare(token, query, variables));
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

/** Runs `send` again and again, `width` at a time, until so many seconds have passed: as many as can be answered. */
export async function measure(
  seconds: number,
  width: number,
  send: (i: number) => Promise<unknown>,
): Promise<Measured> {
  const times: number[] = [];
  const begin = performance.now();
  const end = begin + seconds * 1_000;
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let before = performance.now(); before < end; before = performance.now()) {
      await send(next++);
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

/** What happened to the requests that were due in one stretch of time. */
export interface Stretch {
  ok: number;
  busy: number;
  error: number;
  /** Of those that were answered or refused. */
  p99Ms: number;
  /** Requests without an answer when it ended. */
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
  stretches: Stretch[];
  /** How often each message of an error came; at most 20 messages. */
  messages: Map<string, number>;
}

interface Offer {
  perSecond: number;
  seconds: number;
  /** Sends one request; a rejection counts as an error. */
  send: (i: number) => Promise<Outcome>;
  /** Length of a stretch; a second when left out. */
  stretchMs?: number;
  /** Called at the end of every stretch; true ends the offer early. */
  enough?: (stretch: number, unanswered: number) => boolean;
}

const MAX_MESSAGES = 20;
/** An error's id is its own; it would make each a message of its own. */
const UUIDS = /[0-9a-f]{8}-[0-9a-f-]{27}/g;
const STRETCH_MS = 1_000;

/** What came of the requests of an offer, noted as their answers come. */
class Notes {
  answered = 0;
  readonly stretches: (Stretch & { times: number[] })[] = [];
  private readonly counts = { ok: 0, busy: 0, error: 0 };
  private readonly times: number[] = [];
  private readonly messages = new Map<string, number>();
  private slowestBusyMs = 0;

  stretch(index: number): Stretch & { times: number[] } {
    for (; this.stretches.length <= index; )
      this.stretches.push({ ok: 0, busy: 0, error: 0, p99Ms: 0, unanswered: 0, times: [] });
    return this.stretches[index]!;
  }

  note(stretch: number, ms: number, outcome: Outcome): void {
    const its = this.stretch(stretch);
    this.answered += 1;
    this.counts[outcome] += 1;
    its[outcome] += 1;
    if (outcome === 'ok') this.times.push(ms);
    if (outcome === 'busy') this.slowestBusyMs = Math.max(this.slowestBusyMs, ms);
    if (outcome !== 'error') its.times.push(ms);
  }

  complain({ message }: Error): void {
    const text = message.replace(UUIDS, '…').slice(0, 300);
    const before = this.messages.get(text);
    if (before !== undefined || this.messages.size < MAX_MESSAGES) this.messages.set(text, (before ?? 0) + 1);
  }

  sum(sent: number): Offered {
    const { counts, messages, slowestBusyMs } = this;
    const times = this.times.sort((a, b) => a - b);
    return {
      ...{ sent, counts, messages, slowestBusyMs },
      p50Ms: quantile(times, 0.5),
      p95Ms: quantile(times, 0.95),
      p99Ms: quantile(times, 0.99),
      maxMs: quantile(times, 1),
      stretches: this.stretches.map(({ times: its, ...stretch }) => ({
        ...stretch,
        p99Ms: quantile(
          its.sort((a, b) => a - b),
          0.99,
        ),
      })),
    };
  }
}

/**
 * Sends at a fixed rate by the clock, whether or not answers come, and waits for all answers at the end. A latency
 * runs from when its request was due, so that a server which stalls cannot hide it by slowing its clients down
 * ("coordinated omission"); the timers' millisecond is in it.
 */
export async function offer(wanted: Offer): Promise<Offered> {
  const { perSecond, seconds, send, stretchMs = STRETCH_MS, enough } = wanted;
  const total = Math.round(perSecond * seconds);
  const stretches = Math.ceil((seconds * 1_000) / stretchMs);
  const notes = new Notes();
  let [sent, ended, over] = [0, 0, false];
  const begin = performance.now();
  const dueAt = (i: number): number => begin + (i * 1_000) / perSecond;
  const sendAt = (i: number): void => {
    const due = dueAt(i);
    const stretch = Math.floor((due - begin) / stretchMs);
    const note = (outcome: Outcome): void => notes.note(stretch, performance.now() - due, outcome);
    send(i).then(note, (error: Error) => {
      note('error');
      notes.complain(error);
    });
  };
  await new Promise<void>((resolve) => {
    const look = (): void => {
      const now = performance.now();
      for (; !over && sent < total && dueAt(sent) <= now; sent += 1) sendAt(sent);
      for (; !over && ended < stretches && now >= begin + (ended + 1) * stretchMs; ended += 1) {
        notes.stretch(ended).unanswered = sent - notes.answered;
        over = enough?.(ended, sent - notes.answered) ?? false;
      }
      if ((over || sent === total) && notes.answered === sent) resolve();
      else setTimeout(look, 1);
    };
    look();
  });
  return notes.sum(sent);
}
