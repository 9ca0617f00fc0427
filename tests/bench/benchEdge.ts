// The edge: an empty query through our /graphql beside graphql-js on a bare Express, each a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { TYPESCRIPT } from '../support/typescript';
import { newToken } from '../support/world';
import { type BenchSetup, type Findings, withProgram } from './benchSetup';
import { type Client, newClient } from './load';
import { clientRunner, inTurns, type Runner } from './rounds';
import type { Line } from './table';

const CONNECTIONS = 64;
const EMPTY = '{ __typename }';
const YARDSTICK = 'graphql-js on a bare Express: an empty query';
const REQUIRED_RATIO = 0.8;
/** A core counts as busy above this; below it the client was the bottleneck, and the ratio is not meaningful. */
const BUSY = 0.85;

async function startYardstick(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [...TYPESCRIPT, join(__dirname, 'yardstickEdge.ts')], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the yardstick of the edge ended with ${code}`)));
    child.stdout!.once('data', (bytes: Buffer) => resolve(String(bytes).trim()));
  });
  return { child, url };
}

/** Sends the empty query to one path, with or without a token. */
function emptyQuery(client: Client, token: string | null, path = '/graphql'): () => Promise<void> {
  const bytes = client.prepare(token, EMPTY, {});
  const request = Buffer.from(String(bytes).replace('POST /graphql ', `POST ${path} `));
  return async () => {
    const { status, body } = await client.sendBytes(request);
    if (status !== 200 || !body.includes('"__typename":"Query"'))
      throw new Error(`an empty query was answered ${status}: ${body}`);
  };
}

/** Measures both with one process each, without a token (the yardstick knows none) and with one. */
export async function edge(setup: BenchSetup): Promise<Findings> {
  const token = await newToken(setup.db, 'STOREFRONT', 'edge');
  const yardstick = await startYardstick();
  const theirs = newClient(yardstick.url, CONNECTIONS);
  try {
    return await withProgram(
      setup,
      async ({ url, measured }) => {
        const ours = newClient(url, CONNECTIONS);
        const run = (name: string, server: number | null, send: () => Promise<void>): Runner =>
          clientRunner(name, { server, database: null }, CONNECTIONS, send);
        const yardstickPid = yardstick.child.pid ?? null;
        const runners = [
          run(YARDSTICK, yardstickPid, emptyQuery(theirs, null)),
          run('our /graphql: an empty query', measured.server, emptyQuery(ours, null)),
          run('our /graphql: an empty query with a token', measured.server, emptyQuery(ours, token)),
          run(
            'graphql-js on a bare Express, its document parsed and validated once',
            yardstickPid,
            emptyQuery(theirs, null, '/kept'),
          ),
        ];
        const samples = await inTurns(runners, setup.turns);
        ours.close();
        const lines = runners.map(
          ({ name }): Line => ({
            name,
            ...samples.get(name)!,
            ...(name.startsWith('our') && { beside: YARDSTICK }),
            ...(name === runners[1]!.name && { requiredRatio: REQUIRED_RATIO }),
          }),
        );
        return { lines, notes: idleNotes(lines), wrongs: [] };
      },
      { processes: 1 },
    );
  } finally {
    theirs.close();
    yardstick.child.kill('SIGKILL');
  }
}

/** Names the lines in which the server had time to spare. */
function idleNotes(lines: readonly Line[]): string[] {
  return lines.flatMap(({ name, perSecond, serverMs }) => {
    const busy = serverMs === null ? 1 : (perSecond * serverMs) / 1_000;
    return busy >= BUSY
      ? []
      : [
          `${name}: the server was busy for ${Math.round(100 * busy)} % of the time, so its CPU ms tell more than the ratio.`,
        ];
  });
}
