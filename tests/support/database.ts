// An empty, migrated database for one test file: a clone of the run's template.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** The template every test database is cloned from, with all migrations applied. */
export const TEMPLATE = 'comptoir_template';
/** Where globalSetup leaves the address of the run's server for the workers. */
export const ADMIN_URL = 'COMPTOIR_TEST_ADMIN_URL';

const CLONE_TRIES = 50;
const CLONE_PAUSE_MS = 50;
const LEAVE_TRIES = 100;
const LEAVE_PAUSE_MS = 10;
const OBJECT_IN_USE = '55006';

function adminUrl(): string {
  const url = process.env[ADMIN_URL];
  if (!url) throw new Error('There is no test server: run the tests with jest from the root of the project.');
  return url;
}

async function asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs again while another clone of the same template is being made. */
async function whenFree(work: () => Promise<unknown>): Promise<void> {
  for (let left = CLONE_TRIES; ; left -= 1) {
    try {
      await work();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== OBJECT_IN_USE || left === 0) throw error;
      await sleep(CLONE_PAUSE_MS);
    }
  }
}

/**
 * Waits shortly until no session is connected: a pool that has ended does not wait until its connections are closed,
 * and the error of one that is cut off then has no listener. Remaining sessions are ended by the DROP.
 */
async function leftAlone(client: Client, name: string): Promise<void> {
  for (let left = LEAVE_TRIES; left > 0; left -= 1) {
    const { rows } = await client.query('SELECT 1 FROM pg_stat_activity WHERE datname = $1 LIMIT 1', [name]);
    if (rows.length === 0) return;
    await sleep(LEAVE_PAUSE_MS);
  }
}

async function makeDatabase(source: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  // FILE_COPY needs two checkpoints, which cost nothing without fsync: 12 ms a clone, WAL_LOG takes 20.
  await asAdmin((client) =>
    whenFree(() => client.query(`CREATE DATABASE ${name} TEMPLATE ${source} STRATEGY FILE_COPY`)),
  );
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () =>
      asAdmin(async (client) => {
        await leftAlone(client, name);
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

/** A database with all migrations applied and no rows. Call `drop` at the end of the file. */
export function freshDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  return makeDatabase(TEMPLATE);
}

/** A database with nothing in it, not even migrations. */
export function bareDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  return makeDatabase('template0');
}
