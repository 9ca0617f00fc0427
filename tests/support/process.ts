// Starts the real program as its users do, in a process of its own, and leaves nothing of it behind.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { QUOTA_NAMES, QUOTAS } from '../../src/access/rules/quotas';
import { endsWithin } from '../../src/db/embedded/processes';
import { type GraphQLClient, graphqlClient } from './graphqlClient';
import { copyFolder, MIGRATED_FOLDER, postmasterOf, temporaryFolder } from './leftovers';

const ROOT = join(__dirname, '../..');
const READY_LIMIT_MS = 120_000;
const END_LIMIT_MS = 10_000;
const POLL_MS = 20;
/** What a program needs of our own environment; all else would make tests depend on the environment of their user. */
const KEPT = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'];

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A call of `gql` rejects when the process goes away under it. */
export interface Program extends GraphQLClient {
  readonly pid: number;
  /** Folder of the embedded server; the next `startProgram` may take it over. */
  readonly dataDir: string;
  /** Its address; call it only after `ready`. */
  readonly url: string;
  /** Resolves when /health/ready answers 200; rejects with its whole output when it ended before. */
  ready(): Promise<Program>;
  stdout(): string;
  stderr(): string;
  /** Waits until its output has this text. */
  waitForOutput(words: string | RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
}

interface ProcessOptions {
  dataDir?: string;
  env?: Record<string, string>;
  /** Flags of the node that runs it. */
  flags?: readonly string[];
  /** Run it under npm, as `npm start` does, in a process group of its own (`pid` is then npm's). */
  npm?: boolean;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What `npm start` gives to node. */
function startWords(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const [node, ...words] = scripts.start.split(' ');
  if (node !== 'node') throw new Error(`npm start runs '${scripts.start}', which is not node.`);
  return words;
}

function environment(dataDir: string, env: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(KEPT.map((name) => [name, process.env[name]]));
  return { ...kept, DATA_DIR: dataDir, PORT: '0', DEMO: 'false', LOG_LEVEL: 'info', ...env };
}

/** Settings without limits and quotas per caller, for programs that one client loads as much as it can with one token or none. */
export const UNLIMITED = {
  ...{ RATE_PER_TOKEN: 'off', RATE_PER_ADDRESS: 'off' },
  ...{ RATE_WITHOUT_TOKEN: 'off', WRONG_TOKENS_PER_ADDRESS: 'off' },
  ...Object.fromEntries(QUOTA_NAMES.map((name) => [QUOTAS[name].setting, String(QUOTAS[name].most)])),
  ...{ CONCURRENT_PER_TOKEN: 'off', CONCURRENT_WITHOUT_TOKEN: 'off', CONNECTIONS_PER_ADDRESS: 'off' },
};

/**
 * For tests in which the API need not have processes of its own: each loads the whole schema, so that a program with two
 * of them takes 13 s of processor time to open, and with none 4 s.
 */
export const ONE_PROCESS = { API_PROCESSES: '1' };

/** Starts the program: on a folder with an empty database, a free port and without the demonstration chain unless configured otherwise. */
export function startProgram({
  dataDir = migratedFolder(),
  env = {},
  flags = [],
  npm = false,
}: ProcessOptions = {}): Program {
  const words = npm ? ['npm', 'start'] : [process.execPath, ...flags, ...startWords()];
  const child = spawn(words[0]!, words.slice(1), {
    cwd: ROOT,
    env: environment(dataDir, env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: npm,
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes;
  });
  let ended = false;
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    // Not 'exit': what it wrote last may still be on its way.
    child.once('close', (code, signal) => {
      ended = true;
      running.delete(child);
      resolve({ code, signal });
    });
  });
  const url = (): string => {
    const found = /^Comptoir is open at (http\S+)\/graphql/m.exec(stdout)?.[1];
    if (found === undefined) throw new Error('The program has not said its address yet.');
    return found;
  };
  const until = async (what: string, test: () => boolean | Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await test())) {
      if (ended) throw new Error(`The program ended before ${what}: ${stdout}${stderr}`);
      if (Date.now() > deadline) throw new Error(`No ${what} in ${READY_LIMIT_MS} ms: ${stdout}${stderr}`);
      await sleep(POLL_MS);
    }
  };
  const program: Program = {
    pid: child.pid ?? 0,
    dataDir,
    get url() {
      return url();
    },
    async ready() {
      await until('its address', () => stdout.includes('Comptoir is open at'));
      await until('readiness', async () => {
        const answer = await fetch(`${url()}/health/ready`).catch(() => null);
        await answer?.arrayBuffer();
        return answer?.status === 200;
      });
      return program;
    },
    stdout: () => stdout,
    stderr: () => stderr,
    waitForOutput: (expected) =>
      until(`'${expected}'`, () =>
        typeof expected === 'string' ? stdout.includes(expected) : expected.test(stdout),
      ),
    kill(signal) {
      child.kill(signal);
    },
    exited,
    ...graphqlClient(url),
  };
  return program;
}

/**
 * A folder with a migrated, empty database: a copy of the run's, which saves a program half of what its first start on an
 * empty folder takes. Outside of jest there is none to copy.
 */
export function migratedFolder(folder = newFolder()): string {
  const migrated = process.env[MIGRATED_FOLDER];
  if (migrated !== undefined) copyFolder(migrated, folder);
  return folder;
}

/** An empty folder for programs that share one; `endPrograms` removes it. */
export function newFolder(): string {
  const folder = temporaryFolder();
  folders.add(folder);
  return folder;
}

/** Address of the embedded database of a program that has been up, with its password. */
export function databaseUrl(dataDir: string): string {
  const [password, port] = ['password', 'port'].map((name) =>
    readFileSync(join(dataDir, name), 'utf8').trim(),
  );
  return `postgresql://comptoir:${password}@127.0.0.1:${port}/comptoir`;
}

/** Kills every program started here and its server, and removes their folders: for afterEach. */
export async function endPrograms(): Promise<void> {
  const children = [...running];
  for (const child of children) killGroup(child);
  await Promise.all(children.map((child) => endsWithin(child.pid ?? 0, END_LIMIT_MS)));
  for (const folder of folders) {
    const server = postmasterOf(folder);
    if (server !== null) {
      process.kill(server, 'SIGQUIT');
      await endsWithin(server, END_LIMIT_MS);
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  folders.clear();
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // not a group of its own
  }
}
