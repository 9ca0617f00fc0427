// Several processes behind one port: one count whichever is asked, who dies is replaced, and nobody outlives the first.

import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type Db, openDb } from '../../src/db/pool';
import { stockDrift } from '../../src/stock/queries/levels';
import type { DataOf, Readable } from '../support/graphqlAnswer';
import type { GraphQLAnswer } from '../support/graphqlClient';
import { untilLocked } from '../support/lockWaits';
import {
  databaseUrl,
  endPrograms,
  migratedFolder,
  newFolder,
  type Program,
  startProgram,
} from '../support/process';
import { fillWorld, newToken } from '../support/world';

jest.setTimeout(180_000);

const PROCESSES = 3;
const POLL_MS = 20;
/** Requests without a token in ten seconds. */
const RATE = 30;
const LAST_UNITS = 50;
const RECEIVE = `mutation ($key: String!, $quantity: Int!) { receiveStock(input: { idempotencyKey: $key, location: "paris",
  lines: [{ sku: "LAMP", quantity: $quantity }] }) { ... on ReceiveStockSuccess { levels { available } } } }`;
const RECEIVE_MUGS = RECEIVE.replace('LAMP', 'MUG') as typeof RECEIVE;
const RESERVE = `mutation ($key: String!) { reserveStock(input: { idempotencyKey: $key, location: "paris",
  lines: [{ sku: "LAMP", quantity: 1 }] }) { __typename ... on ReserveStockSuccess { reservation { id } } } }`;
const LEVEL = '{ availability(skus: ["LAMP"], at: { locations: ["paris"] }) { locations { quantity } } }';
const REVOKE = `mutation ($token: ID!) { revokeToken(input: { idempotencyKey: "revoke", token: $token }) { __typename } }`;
const WATCH = 'subscription { stockChanged(skus: ["MUG"], locations: ["paris"]) { available } }';

let db: Db | undefined;

async function end(): Promise<void> {
  await db?.close().catch(() => {});
  db = undefined;
  await endPrograms();
}

interface Opened {
  program: Program;
  db: Db;
  token: Record<'feed' | 'shop' | 'admin', string>;
}

async function opened(env: Record<string, string> = {}, dataDir = migratedFolder()): Promise<Opened> {
  const program = await startProgram({ dataDir, env: { API_PROCESSES: String(PROCESSES), ...env } }).ready();
  db = openDb(databaseUrl(dataDir), 3);
  await fillWorld(db);
  const token = {
    feed: await newToken(db, 'FEED'),
    shop: await newToken(db, 'STOREFRONT'),
    admin: await newToken(db, 'ADMIN'),
  };
  return { program, db, token };
}

/** Sends something over a connection of its own, which may be dealt to any process. */
function alone(
  program: Program,
  path: string,
  token: string | null,
  body?: object,
  accept = '*/*',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      'content-type': 'application/json',
      accept,
    };
    const asked = request(`${program.url}${path}`, { agent: false, method: body ? 'POST' : 'GET', headers });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.on('data', (bytes: Buffer) => {
        text += bytes;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.end(body && JSON.stringify(body));
  });
}

async function gql<const Text extends string>(
  program: Program,
  token: string,
  query: Text & Readable<Text>,
  variables: object = {},
): Promise<GraphQLAnswer<DataOf<Text>>> {
  const { status, text } = await alone(program, '/graphql', token, { query, variables });
  return { status, ...JSON.parse(text) };
}

type Reserved = GraphQLAnswer<DataOf<typeof RESERVE>>;

/** The same request until it is answered, over cut connections and while the answer is to come again, as a good client does. */
async function patientReserve(program: Program, token: string, key: string): Promise<Reserved> {
  for (;;) {
    const answer = await gql(program, token, RESERVE, { key }).catch(() => null);
    const later = answer?.errors?.[0]?.extensions?.code === 'UNAVAILABLE';
    if (answer !== null && !later && answer.data?.reserveStock.__typename !== 'Busy') return answer;
    await sleep(POLL_MS);
  }
}

async function until(test: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await test())) await sleep(POLL_MS);
}

/** The processes that have logged requests. */
function answering(program: Program): Set<number> {
  const lines = program.stdout().matchAll(/"pid":(\d+),.*"msg":"request"/g);
  return new Set([...lines].map((line) => Number(line[1])));
}

/** Asks until so many processes have answered. */
async function allAnswering({ program, token }: Opened, processes = PROCESSES): Promise<number[]> {
  await until(async () => {
    await gql(program, token.shop, LEVEL);
    return answering(program).size >= processes;
  });
  return [...answering(program)];
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const answered = (answers: Reserved[]): { __typename: string; reservation?: { id: string } }[] =>
  answers.map((answer) => answer.data.reserveStock);

describe('one program for all of these', () => {
  let all: Opened;
  beforeAll(async () => {
    all = await opened({ RATE_WITHOUT_TOKEN: String(RATE) }, newFolder());
  });
  afterAll(end);

  test('each has its share, what is said at start is said once, and one key is done once whoever is asked', async () => {
    const { program, db: observer, token } = all;
    const pids = await allAnswering(all);
    expect(pids).toHaveLength(PROCESSES);
    expect(pids).not.toContain(program.pid);
    for (const once of ['creating', 'Applied', 'the timetable runs', 'Comptoir is open at']) {
      expect(program.stdout().split(once)).toHaveLength(2);
    }
    const taps = await Promise.all(
      Array.from({ length: 60 }, () => gql(program, token.feed, RECEIVE, { key: 'one', quantity: 7 })),
    );
    for (const tap of taps) expect(tap.data.receiveStock.levels).toEqual([{ available: 7 }]);
    expect(await observer.rows('SELECT available FROM stock_level')).toEqual([{ available: 7 }]);
  });

  test('a subscription hears what was done at another process', async () => {
    const { program, token } = all;
    await gql(program, token.feed, RECEIVE_MUGS, { key: 'stock', quantity: 1 });
    const stream = await fetch(`${program.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${token.feed}`,
      },
      body: JSON.stringify({ query: WATCH }),
    });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    const hears = async (units: number): Promise<void> => {
      while (!heard.includes(`"available":${units}}`)) heard += (await reader.read()).value ?? '';
    };
    await hears(1);
    for (let n = 2; n <= 2 * PROCESSES; n += 1) {
      await gql(program, token.feed, RECEIVE_MUGS, { key: `more-${n}`, quantity: 1 });
      await hears(n);
    }
    await reader.cancel();
  });

  test('a session that one process ends, ends its streams at all of them', async () => {
    const { program, token } = all;
    const own = { 'x-comptoir-request': '1' };
    const signedIn = await fetch(`${program.url}/session`, {
      ...{ method: 'POST', headers: { ...own, authorization: `Bearer ${token.feed}` } },
    });
    const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!;
    const headers = { ...own, cookie, accept: 'text/event-stream', 'content-type': 'application/json' };
    // Each has a connection of its own while it is open; connections are dealt out in turn.
    const streams = await Promise.all(
      Array.from({ length: 2 * PROCESSES }, async () => {
        const body = JSON.stringify({ query: WATCH });
        const stream = await fetch(`${program.url}/graphql`, { method: 'POST', headers, body });
        const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
        let text = '';
        while (!text.includes('"available"')) text += (await reader.read()).value ?? '';
        return reader;
      }),
    );
    expect(
      (await fetch(`${program.url}/session`, { method: 'DELETE', headers: { ...own, cookie } })).status,
    ).toBe(204);
    // A stream looks at its session again with the next event, before it shows anything of it.
    await gql(program, token.feed, RECEIVE_MUGS, { key: 'after the session', quantity: 1 });
    const rests = await Promise.all(
      streams.map(async (reader) => {
        let rest = '';
        for (let read = await reader.read(); !read.done; read = await reader.read()) rest += read.value;
        return rest;
      }),
    );
    for (const rest of rests) {
      expect(rest).toContain('UNAUTHENTICATED');
      expect(rest).not.toContain('"available"');
    }
  });

  test('a token that one process revokes is no longer good at any of them', async () => {
    const { program, db: observer, token } = all;
    await allAnswering(all);
    const status = async (): Promise<number> => (await alone(program, '/metrics', token.feed)).status;
    // Each process has seen the token, and would remember it for some seconds.
    for (let i = 0; i < 3 * PROCESSES; i += 1) expect(await status()).toBe(403);
    const [{ id }] = (await observer.rows<{ id: number }>(
      `SELECT t.id FROM access_token t JOIN actor a ON a.id = t.actor_id WHERE a.role = 'FEED'`,
    )) as [{ id: number }];
    const revoked = Buffer.from(`AccessToken:${id}`).toString('base64');
    const answer = await gql(program, token.admin, REVOKE, { token: revoked });
    expect(answer.data.revokeToken.__typename).toBe('RevokeTokenSuccess');
    for (let i = 0; i < 3 * PROCESSES; i += 1) expect(await status()).toBe(401);
  });

  test('a rate is that of all processes together', async () => {
    const { program } = all;
    await allAnswering(all);
    const statuses: number[] = [];
    // Connections are dealt out in turn: no process alone would get as many as the rate allows.
    while (!statuses.includes(429) && statuses.length < 2 * RATE) {
      const sent = Array.from({ length: 5 }, () =>
        alone(program, '/graphql', null, { query: '{ __typename }' }),
      );
      for (const { status } of await Promise.all(sent)) statuses.push(status);
      // Processes report to each other ten times a second.
      await sleep(150);
    }
    expect(statuses).toContain(429);
    // The revoked token of the test before counts with them for ten seconds.
    const answeredOnes = statuses.filter((status) => status === 200).length;
    expect(answeredOnes).toBeGreaterThanOrEqual(RATE - 3 * PROCESSES);
  });

  test('when the first process is killed the others go with it', async () => {
    const pids = await allAnswering(all);
    all.program.kill('SIGKILL');
    await all.program.exited;
    await until(() => !pids.some(lives));
    await expect(gql(all.program, all.token.shop, LEVEL)).rejects.toThrow();
  });
});

describe('a program each', () => {
  afterEach(end);

  test('the last fifty of a shelf for three hundred customers, and one process killed among them', async () => {
    const all = await opened();
    const { program, db: observer, token } = all;
    await gql(program, token.feed, RECEIVE, { key: 'stock', quantity: LAST_UNITS });
    const [victim] = await allAnswering(all);
    const buy = (customers: number, name: string): Promise<Reserved>[] =>
      Array.from({ length: customers }, (_, i) => patientReserve(program, token.shop, `${name}-${i}`));
    const early = await Promise.all(buy(20, 'early'));
    // The shelf is held, so that requests are under way in every process when one is killed.
    const holder = new Client({ connectionString: observer.pool.options.connectionString });
    await holder.connect();
    await holder.query('BEGIN; SELECT FROM stock_level FOR UPDATE');
    const late = buy(280, 'late');
    await untilLocked(observer, PROCESSES);
    process.kill(victim!, 'SIGKILL');
    await program.waitForOutput('an API process died; another takes its place');
    await holder.query('COMMIT');
    await holder.end();

    const answers = answered([...early, ...(await Promise.all(late))]);
    const held = answers.flatMap(({ reservation }) => (reservation ? [reservation.id] : []));
    expect(new Set(held).size).toBe(LAST_UNITS);
    expect(answers.filter((a) => a.__typename === 'NotEnoughStock')).toHaveLength(300 - LAST_UNITS);
    const known = await observer.rows<{ id: string }>('SELECT id FROM reservation');
    const idOf = (global: string): string => Buffer.from(global, 'base64').toString().split(':')[1]!;
    expect(known.map(({ id }) => id).sort()).toEqual(held.map(idOf).sort());
    expect(await stockDrift(observer)).toEqual([]);
    await allAnswering(all, PROCESSES + 1);
    expect(lives(victim!)).toBe(false);
  });

  /** One figure of /metrics; fails when it stands there twice. */
  function figure(text: string, name: string): number {
    const found = text.split('\n').filter((line) => line.startsWith(`${name} `));
    expect(found).toHaveLength(1);
    return Number(found[0]!.split(' ')[1]);
  }

  test('/metrics is of the whole program whoever is asked, and forgets nothing of who died', async () => {
    const all = await opened();
    const { program, token } = all;
    const [victim] = await allAnswering(all);
    await gql(program, token.feed, RECEIVE, { key: 'stock', quantity: LAST_UNITS });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => gql(program, token.shop, RESERVE, { key: `c-${i}` })),
    );
    expect(answered(answers).every(({ reservation }) => reservation)).toBe(true);
    const read = async (): Promise<string> => (await alone(program, '/metrics', token.admin)).text;
    const checks = (text: string): void => {
      expect(figure(text, 'comptoir_processes')).toBe(PROCESSES + 1);
      expect(figure(text, 'comptoir_act_batch_size_sum{action="reserveStock"}')).toBe(30);
      expect(figure(text, 'comptoir_active_holds')).toBe(30);
      // The jobs run in the first process, which answers nobody.
      expect(text).toMatch(/^comptoir_job_runs_total\{job="\w+",status="DONE"\} [1-9]/m);
      const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((line) => line[1]);
      expect(new Set(names).size).toBe(names.length);
    };
    await until(async () => /comptoir_job_runs_total\{.*DONE/.test(await read()));
    for (let i = 0; i < 2 * PROCESSES; i += 1) checks(await read());
    process.kill(victim!, 'SIGKILL');
    await program.waitForOutput('an API process is replaced');
    for (let i = 0; i < 2 * PROCESSES; i += 1) checks(await read());
  });

  test('processes that die again and again end the program with one sentence', async () => {
    const { program } = await opened({ API_PROCESSES: '2', LOG_LEVEL: 'debug' });
    const killed = new Set<string>();
    let ended = false;
    void program.exited.then(() => {
      ended = true;
    });
    while (!ended) {
      for (const [, pid] of program.stdout().matchAll(/"process":(\d+),"msg":"an API process is started"/g)) {
        if (!killed.has(pid!) && lives(Number(pid))) process.kill(Number(pid), 'SIGKILL');
        killed.add(pid!);
      }
      await sleep(POLL_MS);
    }
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.stderr()).toBe(
      'comptoir: An API process died 5 times in a row as soon as it was started (SIGKILL): its output is above\n',
    );
  });
});
