// Starts one PostgreSQL server for the whole run, with a migrated template database for the test files to clone, and
// leaves a migrated data folder for the programs that tests start.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Embedded, startEmbedded } from '../../src/db/embedded/embedded';
import { migrate } from '../../src/db/migrate';
import { ADMIN_URL, TEMPLATE } from './database';
import { copyFolder, MIGRATED_FOLDER, sweepLeftovers, temporaryFolder } from './leftovers';

/** What globalTeardown needs; jest runs both in one process but in separate module registries. */
interface RunServer {
  embedded: Embedded;
  folders: string[];
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

/** Makes the data folder that others are copies of: migrated, with nothing in it, and no server on it. */
async function makeMigratedFolder(folder: string): Promise<void> {
  const embedded = await startEmbedded({ dataDir: folder, fsync: false });
  try {
    await withClient(embedded.url, (client) => migrate(client));
  } finally {
    await embedded.stop();
  }
  // Each copy finds a port of its own.
  rmSync(join(folder, 'port'));
}

export default async function globalSetup(): Promise<void> {
  sweepLeftovers();
  // Of this run alone: several runs in one checkout must not see each other.
  const [migrated, folder] = [temporaryFolder(), temporaryFolder()];
  try {
    await makeMigratedFolder(migrated);
    copyFolder(migrated, folder);
    const embedded = await startEmbedded({ dataDir: folder, fsync: false });
    globalThis.comptoirRunServer = { embedded, folders: [migrated, folder] };
    // Not to the database itself: one with a session cannot be cloned.
    const admin = embedded.url.replace(/comptoir$/, 'postgres');
    // Statistics that come at some moment would make plans differ from run to run.
    await withClient(admin, (client) => client.query('ALTER SYSTEM SET autovacuum = off'));
    await withClient(admin, (client) => client.query('SELECT pg_reload_conf()'));
    await withClient(admin, (client) => client.query(`CREATE DATABASE ${TEMPLATE} TEMPLATE comptoir`));
    process.env[ADMIN_URL] = admin;
    process.env[MIGRATED_FOLDER] = migrated;
  } catch (error) {
    await globalThis.comptoirRunServer?.embedded.stop();
    for (const path of [migrated, folder]) rmSync(path, { recursive: true, force: true });
    throw error;
  }
}
