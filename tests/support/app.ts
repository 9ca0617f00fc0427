// The real application on a database of its own, with a small world in it, for one test file.

import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type Logger, pino } from 'pino';
import type { Role } from '../../src/access/rules/roles';
import { readConfig } from '../../src/config/config';
import { type Db, openDb } from '../../src/db/pool';
import { openReads } from '../../src/db/replica';
import type { Parts } from '../../src/graphql/context';
import { createHub, hubLimits } from '../../src/graphql/hub/hub';
import { createApp } from '../../src/server/app';
import { stockDrift } from '../../src/stock/queries/levels';
import { emptyDatabase } from './database';
import { type GraphQLClient, graphqlClient } from './graphqlClient';
import { fillWorld, newToken } from './world';

/** The time every test file starts at: a Wednesday, 10:00 in Paris, shops open. */
export const START = new Date('2026-11-25T09:00:00.000Z');

export interface TestApp extends GraphQLClient {
  url: string;
  databaseUrl: string;
  db: Db;
  parts: Parts;
  /** A token of a new actor. STAFF names the codes of its locations. */
  token(role: Role, name?: string, locations?: string[]): Promise<string>;
  /** Moves the clock forward. */
  wait(minutes: number): void;
  /** Stops the app and proves its books: throws when a level differs from its moves and the open documents. */
  close(): Promise<void>;
}

/**
 * Starts the app on an empty database with three locations (paris, lyon, depot) and four SKUs (TENT-2, LAMP, SOCK-M, MUG),
 * or `beside` another app, on its database, as a second process would; close that one first.
 */
export async function startApp(
  env: Record<string, string> = {},
  beside?: TestApp,
  log: Logger = pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
): Promise<TestApp> {
  const own = beside === undefined ? await emptyDatabase() : null;
  const databaseUrl = beside?.databaseUrl ?? own!.url;
  if (own !== null) await fillWorld(own);
  const db = own?.db ?? openDb(databaseUrl, 20);
  let now = START;
  const config = readConfig({
    LOG_LEVEL: 'silent',
    SECRET_KEY: 'a long random text of the tests, 40 bytes',
    DATABASE_URL: databaseUrl,
    ...env,
  });
  const reads = openReads(db, {
    urls: config.databaseReplicaUrls,
    poolSize: 20,
    maxLagMs: config.replicaMaxLagMs,
    log,
  });
  const parts: Parts = {
    config,
    db,
    reads,
    log,
    clock: () => now,
    secretKey: beside?.parts.secretKey ?? randomBytes(32),
    hub: createHub({ url: databaseUrl, log, limits: hubLimits(config.callerLimits) }),
  };
  const server = createApp(parts).listen(0, '127.0.0.1');
  // As the program has it: with Node's 5 s a connection could be closed at the moment in which a slow test uses it again.
  server.keepAliveTimeout = 65_000;
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    databaseUrl,
    db,
    parts,
    ...graphqlClient(() => url),
    token: (role, name, locations) => newToken(db, role, name, locations),
    wait(minutes) {
      now = new Date(now.getTime() + minutes * 60_000);
    },
    async close() {
      await parts.hub.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await reads.close();
      const drift = await stockDrift(db);
      await (own === null ? db.close() : own.giveBack());
      if (drift.length > 0) throw new Error(`the books do not balance: ${JSON.stringify(drift, null, 2)}`);
    },
  };
}
