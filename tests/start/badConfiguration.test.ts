// Settings and databases that cannot work: the program ends at once, with exit code 1 and one sentence that states what to do.

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { readConfig } from '../../src/config/config';
import { OperatorError } from '../../src/refusals';
import { bareDatabase, freshDatabase } from '../support/database';
import { postmasterOf } from '../support/leftovers';
import { endPrograms, migratedFolder, newFolder, ONE_PROCESS, startProgram } from '../support/process';

jest.setTimeout(60_000);

const SECRET_KEY = 'a long random text of the tests, 40 bytes';

/** The one sentence the program ends with. Fails when it says anything else, anywhere. */
async function refused(env: Record<string, string>, dataDir = newFolder()): Promise<string> {
  const program = startProgram({ dataDir, env: { SECRET_KEY, ...ONE_PROCESS, ...env } });
  expect(await program.exited).toEqual({ code: 1, signal: null });
  expect(program.stdout()).toBe('');
  const said = /^comptoir: (.+)\n$/.exec(program.stderr())?.[1];
  if (said === undefined) throw new Error(`Not one line: ${program.stderr()}`);
  return said;
}

async function run(url: string, ...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.end();
  }
}

function changed(url: string, change: (url: URL) => void): string {
  const copy = new URL(url);
  change(copy);
  return copy.href;
}

/** A port that is taken by a server that never says a word. */
async function squatter(): Promise<{ port: number; server: Server }> {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

let bare: Awaited<ReturnType<typeof bareDatabase>>;
let fresh: Awaited<ReturnType<typeof freshDatabase>>;

beforeAll(async () => {
  [bare, fresh] = await Promise.all([bareDatabase(), freshDatabase()]);
});

afterEach(endPrograms);

afterAll(async () => {
  await bare.drop();
  await fresh.drop();
});

test.each([
  [{ PORT: 'http' }, "PORT is 'http'; it must be a whole number from 0 to 65535."],
  [{ PORT: '65536' }, "PORT is '65536'; it must be a whole number from 0 to 65535."],
  [{ JOBS: 'perhaps' }, "JOBS is 'perhaps'; it must be true or false."],
  [
    { DATABASE_URL: 'localhost' },
    'DATABASE_URL is not a URL; write postgresql://user:password@host:5432/database.',
  ],
  [{ DATABASE_URL: 'mysql://a:b@c/d' }, 'DATABASE_URL begins with mysql:; it must begin with postgresql:.'],
  [
    { TRUST_PROXY: 'yes' },
    "TRUST_PROXY is 'yes'; name the number of proxies in front of this server, or their addresses.",
  ],
  [
    { TRUST_PROXY: '10.0.0.0/8, balancer' },
    "TRUST_PROXY names 'balancer'; it must be an address, a subnet such as 10.0.0.0/8, or one of loopback, linklocal, uniquelocal.",
  ],
  [{ RATE_PER_TOKEN: '-1' }, "RATE_PER_TOKEN is '-1'; it must be a whole number from 0 to 100000000."],
  [{ SECRET_KEY: 'short' }, 'SECRET_KEY is shorter than 32 characters; use a long random text.'],
  [
    { SECRET_KEY: 'x'.repeat(40) },
    'SECRET_KEY is easy to guess: it is one character, repeated; use a random text, for example from openssl rand -hex 32.',
  ],
  [
    { DATABASE_URL: 'postgresql://a:b@c/d' },
    'SECRET_KEY is not set; with your own DATABASE_URL it must be the same long random text on every instance.',
  ],
])('the settings %j are refused', (env, sentence) => {
  expect(() => readConfig(env)).toThrow(new OperatorError(sentence));
});

test('settings are refused before anything is opened', async () => {
  const dataDir = newFolder();
  const [level, host] = await Promise.all([
    refused({ LOG_LEVEL: 'loud' }, dataDir),
    refused({ HOST: '192.0.2.1' }, dataDir),
  ]);
  expect(level).toBe(
    "LOG_LEVEL is 'loud'; it must be one of fatal, error, warn, info, debug, trace, silent.",
  );
  expect(host).toBe("HOST is '192.0.2.1', which is no address of this machine; try 127.0.0.1 or 0.0.0.0.");
  expect(readdirSync(dataDir)).toEqual([]);
});

test('a port in use is reported before a database is made', async () => {
  const { port, server } = await squatter();
  const dataDir = newFolder();
  expect(await refused({ PORT: String(port) }, dataDir)).toBe(
    `Port ${port} on 127.0.0.1 is in use; stop what uses it, or set PORT to another.`,
  );
  expect(readdirSync(dataDir)).toEqual([]);
  server.close();
});

test('a database that is not there, or does not let us in, is named without its password', async () => {
  const host = new URL(bare.url).host;
  const { port, server } = await squatter();
  const [closed, silent, stranger, wrong, missing] = await Promise.all([
    refused({ DATABASE_URL: changed(bare.url, (url) => (url.port = '1')) }),
    refused({ DATABASE_URL: changed(bare.url, (url) => (url.port = String(port))) }),
    refused({ DATABASE_URL: 'postgresql://a:hidden@no-such-host.invalid/d' }),
    refused({ DATABASE_URL: changed(bare.url, (url) => (url.password = 'hidden')) }),
    refused({ DATABASE_URL: changed(bare.url, (url) => (url.pathname = '/nowhere')) }),
  ]);
  server.close();
  expect(closed).toBe(
    'The database at 127.0.0.1:1 cannot be reached (connect ECONNREFUSED 127.0.0.1:1); start it, or correct DATABASE_URL.',
  );
  expect(silent).toMatch(
    new RegExp(
      `^The database at 127.0.0.1:${port} cannot be reached .*; start it, or correct DATABASE_URL.$`,
    ),
  );
  expect(stranger).toMatch(
    /^The database at no-such-host.invalid cannot be reached .*; start it, or correct/,
  );
  expect(wrong).toBe(`${host} does not accept the user or password of DATABASE_URL; correct them.`);
  expect(missing).toBe(`There is no database 'nowhere' on ${host}; create it, or correct DATABASE_URL.`);
  const words = [closed, silent, stranger, wrong, missing].join();
  expect(words).not.toContain('hidden');
  expect(words).not.toContain(new URL(bare.url).password);
});

test('a password that cannot be decoded is distinguished from a wrong one', async () => {
  expect(await refused({ DATABASE_URL: 'postgresql://a:%ff@127.0.0.1:1/d' })).toMatch(
    /^DATABASE_URL has a part that cannot be decoded; write a % in it as %25/,
  );
});

test('a user who may not create tables', async () => {
  const role = `reader_${process.pid}`;
  await run(bare.url, `CREATE ROLE ${role} LOGIN PASSWORD 'reader'`);
  const DATABASE_URL = changed(bare.url, (url) => {
    url.username = role;
    url.password = 'reader';
  });
  const database = new URL(bare.url).pathname.slice(1);
  expect(await refused({ DATABASE_URL })).toBe(
    `The user of DATABASE_URL may not create tables in '${database}'; grant it, or use the owner.`,
  );
  await run(bare.url, `DROP ROLE ${role}`);
});

test('a database with tables of somebody else', async () => {
  await run(bare.url, 'CREATE TABLE invoices (id int)');
  expect(await refused({ DATABASE_URL: bare.url })).toBe(
    "The database has tables that are not Comptoir's ('invoices' for one): give DATABASE_URL an empty database.",
  );
});

test('a schema newer than the program, and a migration that was edited after it was applied', async () => {
  const later = '29990101000000_later';
  await run(
    fresh.url,
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '${later}', now())`,
  );
  expect(await refused({ DATABASE_URL: fresh.url })).toBe(
    `The database has the migration ${later}, which this program does not know: upgrade Comptoir, or restore a backup from before that migration.`,
  );
  await run(
    fresh.url,
    `DELETE FROM _prisma_migrations WHERE migration_name = '${later}'`,
    "UPDATE _prisma_migrations SET checksum = repeat('0', 64)",
  );
  expect(await refused({ DATABASE_URL: fresh.url })).toMatch(
    /^The file of migration \S+ was changed after it was applied: restore the file, and make the change in a new migration.$/,
  );
});

test('a data folder that cannot be used, and one whose password was lost; no server stays behind', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(await refused({ DATA_DIR: join(folder, 'file', 'data') }, folder)).toMatch(
    /^The database cannot be kept in .*\(ENOTDIR\): start Comptoir as the user who owns that folder/,
  );
  const lost = migratedFolder();
  const program = await startProgram({ dataDir: lost, env: ONE_PROCESS }).ready();
  program.kill('SIGTERM');
  await program.exited;
  expect(existsSync(join(lost, 'password'))).toBe(true);
  writeFileSync(join(lost, 'password'), 'forgotten');
  expect(await refused({}, lost)).toMatch(/does not accept the password kept there: restore the file/);
  expect(postmasterOf(lost)).toBeNull();
});

test('secrets that can be guessed are refused, each with why; random ones are not', () => {
  const weak: [string, RegExp][] = [
    ['abababab'.repeat(5), /2 different characters/],
    ['k3Jw9LqZ'.repeat(4), /8 characters, repeated/],
    ['0123456789abcdefghijklmnopqrstuvwxyz', /neighbouring characters/],
    ['change-me-please-to-a-long-random-text', /placeholder/],
    ['your-secret-key-goes-here-1234567890', /placeholder/],
  ];
  for (const [text, why] of weak) {
    for (const name of ['SECRET_KEY', 'METRICS_TOKEN'])
      expect(() => readConfig({ SECRET_KEY, [name]: text })).toThrow(why);
    expect(() => readConfig({ SECRET_KEY: text })).not.toThrow(text);
  }
  for (let i = 0; i < 200; i += 1)
    readConfig({
      SECRET_KEY: randomBytes(16).toString('hex'),
      METRICS_TOKEN: randomBytes(24).toString('base64url'),
    });
});
