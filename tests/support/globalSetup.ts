// Starts one PostgreSQL server for the whole run, with a migrated template database for the test files to clone.

import { rmSync } from 'node:fs';
import { Client } from 'pg';
import { type Embedded, startEmbedded } from '../../src/db/embedded/embedded';
import { migrate } from '../../src/db/migrate';
import { ADMIN_URL, TEMPLATE } from './database';
import { sweepLeftovers, temporaryFolder } from './leftovers';

/** What globalTeardown needs; jest runs both in one process but in separate module registries. */
interface RunServer {
  embedded: Embedded;
  folder: string;
}

declare global {
  var comptoirRunServer: RunServer | undefined;
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

export default async function globalSetup(): Promise<void> {
  sweepLeftovers();
  // A server a run: several runs in one checkout must not see each other.
  const folder = temporaryFolder();
  const embedded = await startEmbedded({ dataDir: folder, fsync: false });
  globalThis.comptoirRunServer = { embedded, folder };
  try {
    await withClient(embedded.url, (client) => client.query(`CREATE DATABASE ${TEMPLATE}`));
    const template = new URL(embedded.url);
    template.pathname = `/${TEMPLATE}`;
    await withClient(template.href, (client) => migrate(client));
  } catch (error) {
    await embedded.stop();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  process.env[ADMIN_URL] = embedded.url;
}
