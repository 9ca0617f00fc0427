// Temporary folders of embedded servers, and what killed test runs left of them.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, startOf } from '../../src/db/embedded/processes';

const PREFIX = 'comptoir-test-';

/** A new folder for the data of one server; its name has the number of the process that is to remove it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Where globalSetup leaves the path of the run's migrated data folder for the workers. */
export const MIGRATED_FOLDER = 'COMPTOIR_TEST_MIGRATED_FOLDER';

/** Copies a data folder without a server into an empty one. */
export function copyFolder(from: string, to: string): void {
  // Not cpSync where it can be helped: the files may belong to the server's own user, and their copies must too.
  if (process.platform === 'win32') cpSync(from, to, { recursive: true });
  else execFileSync('cp', ['-a', `${from}/.`, to]);
}

/** The process number of the running server of this data folder, or null. */
export function postmasterOf(dataDir: string): number | null {
  try {
    const pid = Number(readFileSync(join(dataDir, 'pgdata', 'postmaster.pid'), 'utf8').split('\n')[0]);
    const ours = commandLine(pid)?.includes(dataDir) ?? false;
    return ours && startOf(pid) !== null ? pid : null;
  } catch {
    return null;
  }
}

/** Ends the servers and removes the folders of runs that were killed; runs that live are left alone. */
export function sweepLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const maker = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? process.pid);
    if (startOf(maker) !== null) continue;
    const folder = join(tmpdir(), name);
    try {
      const pid = postmasterOf(folder);
      if (pid !== null) process.kill(pid, 'SIGQUIT');
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // Another run sweeps it at the same time, or it is another user's.
    }
  }
}
