// The embedded PostgreSQL: a real server from an npm package, so that a newcomer needs nothing but Node.

import { type Cluster, ensureInitialised, openCluster, urlOf } from './cluster';
import { clearOwner, exclusively, livingOwner, newClaim, setOwner } from './ownership';
import { ensureDatabase, findRunning, launch, shutDown } from './server';

const DATABASE = 'comptoir';

/** A running server, and whether this process owns it. */
export interface Embedded {
  /** Address of the database 'comptoir' on it, with its password: never log it. */
  url: string;
  /** This call created the database: it is empty. */
  firstStart: boolean;
  /** Another living process (or an earlier handle of this one) owns the server: our `stop` leaves it alone. */
  attached: boolean;
  /** Stops the server and waits until its process has ended; does nothing when attached. Call it after everything else. */
  stop(): Promise<void>;
}

interface OpenedDatabase {
  port: number;
  firstStart: boolean;
}

/**
 * Starts the server whose data lie in `dataDir`, or adopts the one a killed process left running there, or
 * attaches to the one a living process owns. `log` receives messages for a first-time operator (`fsync: false` is for
 * tests: a crash may lose data). The server outlives a crash of this process; the next start finds it.
 *
 * Refused with one sentence: no binaries for this system, root without a user to run the server as, a folder of
 * another user, a lost password, a server that does not start (with the errors of its log).
 */
export async function startEmbedded(opts: {
  dataDir: string;
  log?: (line: string) => void;
  fsync?: boolean;
}): Promise<Embedded> {
  const log = opts.log ?? (() => {});
  const cluster = openCluster(opts.dataDir, opts.fsync ?? true, log);
  const claim = newClaim();

  return exclusively(cluster.folder, async () => {
    await ensureInitialised(cluster, log);
    const attached = livingOwner(cluster.folder) !== null;
    const found = await findRunning(cluster);
    if (found && !attached) log('taking over the embedded PostgreSQL that a killed process left running');
    const { port, firstStart } = await openServer(cluster, found);
    if (!attached) setOwner(cluster.folder, claim);

    let stopping: Promise<void> | undefined;
    const release = () =>
      exclusively(cluster.folder, async () => {
        if (livingOwner(cluster.folder)?.handle !== claim.handle) return;
        await shutDown(cluster);
        clearOwner(cluster.folder);
      });
    const stop = () => {
      stopping ??= attached ? Promise.resolve() : release();
      return stopping;
    };
    return { url: urlOf(cluster, port, DATABASE), firstStart, attached, stop };
  });
}

/** Launches the server unless one was found, and creates its database if it is missing; a failure leaves nothing running. */
async function openServer(cluster: Cluster, found: { port: number } | null): Promise<OpenedDatabase> {
  try {
    const { port } = found ?? (await launch(cluster));
    return { port, firstStart: await ensureDatabase(cluster, port, DATABASE) };
  } catch (error) {
    if (!found) await shutDown(cluster).catch(() => {});
    throw error;
  }
}
