// A private PostgreSQL server with fsync on, for tests that kill it.

import { rmSync } from 'node:fs';
import { startEmbedded } from '../../src/db/embedded/embedded';
import { endsWithin } from '../../src/db/embedded/processes';
import { postmasterOf, temporaryFolder } from './leftovers';

const KILL_LIMIT_MS = 10_000;

export interface OwnServer {
  /** Address of an empty database; it stays the same over `restart`. */
  url: string;
  /** SIGKILLs the postmaster: what a power cut looks like to clients. */
  kill9(): Promise<void>;
  /** Starts the server again on the same data and port, which recovers what was committed. */
  restart(): Promise<void>;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
}

/** Starts such a server, on a folder of its own or the one that is given; takes about a second. */
export async function ownServer(dataDir = temporaryFolder()): Promise<OwnServer> {
  const first = await startEmbedded({ dataDir });
  return {
    url: first.url,
    async kill9() {
      const pid = postmasterOf(dataDir);
      if (pid === null) throw new Error('The server does not run, so it cannot be killed.');
      process.kill(pid, 'SIGKILL');
      if (!(await endsWithin(pid, KILL_LIMIT_MS))) throw new Error(`Process ${pid} survived SIGKILL.`);
    },
    async restart() {
      const again = await startEmbedded({ dataDir });
      if (again.url !== first.url)
        throw new Error('Another program took the server’s port: run the test again.');
    },
    async stop() {
      await first.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
