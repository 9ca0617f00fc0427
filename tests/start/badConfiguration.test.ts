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

/** Settings of single sign-on that cannot be meant, and what is answered. */
function singleSignOnFaults(): [Record<string, string>, string][] {
  const good = {
    ...{ SSO_ISSUER: 'https://login.example', SSO_CLIENT_ID: 'comptoir', PUBLIC_URL: 'https://shop.example' },
    SSO_GROUPS: '{"shop": {"role": "STAFF", "locations": ["paris"]}}',
  };
  const group = (rights: object): Record<string, string> => ({
    ...good,
    SSO_GROUPS: JSON.stringify({ shop: rights }),
  });
  const people = 'STAFF, PLANNER, AGENT, DATA_STEWARD, AUDITOR, ADMIN';
  const example = 'write for example {"rivoli": {"role": "STAFF", "locations": ["paris-rivoli"]}}.';
  return [
    [{ SSO_CLIENT_ID: 'x' }, 'SSO_CLIENT_ID is set without SSO_ISSUER; set that too, or neither.'],
    [{ SSO_GROUPS: '{}' }, 'SSO_GROUPS is set without SSO_ISSUER; set that too, or neither.'],
    [
      { ...good, SSO_CLIENT_ID: '' },
      'SSO_ISSUER needs SSO_CLIENT_ID: the id of this server at the provider.',
    ],
    [{ ...good, PUBLIC_URL: '' }, 'SSO_ISSUER needs PUBLIC_URL: the address that people come back to.'],
    [
      { ...good, SSO_ISSUER: 'login' },
      "SSO_ISSUER is 'login'; it must be an address such as https://login.example.com.",
    ],
    [
      { ...good, SSO_ISSUER: 'http://login.example' },
      "SSO_ISSUER is 'http://login.example'; for single sign-on it must begin with https:.",
    ],
    [
      { ...good, PUBLIC_URL: 'http://shop.example' },
      "PUBLIC_URL is 'http://shop.example'; for single sign-on it must begin with https:.",
    ],
    [{ ...good, SSO_SCOPES: 'profile' }, "SSO_SCOPES is 'profile'; it must contain openid."],
    [{ ...good, SSO_GROUPS: '' }, `SSO_ISSUER needs SSO_GROUPS; ${example}`],
    [{ ...good, SSO_GROUPS: 'shop=STAFF' }, `SSO_GROUPS is no JSON; ${example}`],
    [{ ...good, SSO_GROUPS: '[]' }, `SSO_GROUPS is no object of groups; ${example}`],
    [{ ...good, SSO_GROUPS: '{}' }, 'SSO_GROUPS has 0 groups; it must have 1 to 1000.'],
    [group({ role: 'BOSS' }), `SSO_GROUPS: group 'shop' has the role 'BOSS'; it must be one of ${people}.`],
    [
      group({ role: 'STOREFRONT' }),
      `SSO_GROUPS: group 'shop' has the role 'STOREFRONT'; it must be one of ${people}.`,
    ],
    [group({ role: 'STAFF' }), "SSO_GROUPS: group 'shop' is of STAFF without locations; name at least one."],
    [
      group({ role: 'STAFF', locations: 'paris' }),
      "SSO_GROUPS: group 'shop' has locations that are no list of codes.",
    ],
    [
      group({ role: 'ADMIN', locations: ['paris'] }),
      "SSO_GROUPS: group 'shop' has locations; ADMIN is not bound to any, leave them out.",
    ],
    [
      group({ role: 'PLANNER', manager: true }),
      "SSO_GROUPS: group 'shop' has a manager; only STAFF manage a shop.",
    ],
    [
      group({ role: 'PLANNER', shops: [] }),
      "SSO_GROUPS: group 'shop' has 'shops'; only role, locations and manager are known.",
    ],
  ];
}

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
  ...[
    ['SESSION_IDLE_MINUTES', 2, 1_440],
    ['SESSION_HOURS', 1, 720],
    ['PIN_IDLE_MINUTES', 2, 60],
    ['PIN_LENGTH', 4, 10],
    ['PIN_ATTEMPTS', 3, 20],
    ['WRONG_PINS_PER_DEVICE', 0, 100_000_000],
    ['SSO_CLOCK_TOLERANCE_SECONDS', 0, 300],
  ].flatMap(([name, least, most]): [Record<string, string>, string][] =>
    [String(Number(least) - 1), String(Number(most) + 1), '1.5', 'soon'].map((value) => [
      { [String(name)]: value },
      `${name} is '${value}'; it must be a whole number from ${least} to ${most}.`,
    ]),
  ),
  [
    { RETENTION_PROSPECT_YEARS: '0' },
    "RETENTION_PROSPECT_YEARS is '0'; it must be a whole number from 1 to 30.",
  ],
  [
    { RETENTION_DOCUMENT_YEARS: '4' },
    "RETENTION_DOCUMENT_YEARS is '4', less than RETENTION_CONTRACT_YEARS (5); a document is kept at least as long as its contract.",
  ],
  [{ TOKEN_SIGN_IN: 'maybe' }, "TOKEN_SIGN_IN is 'maybe'; it must be true or false."],
  [{ SESSION_OPERATIONS_ONLY: '2' }, "SESSION_OPERATIONS_ONLY is '2'; it must be true or false."],
  ...singleSignOnFaults(),
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
