// Where the database may be: by itself, behind a pooler, with replicas; and what is refused before anything is opened.

import { readConfig } from '../../src/config/config';
import { OperatorError } from '../../src/refusals';

const SECRET_KEY = 'a long random text of the tests, 40 bytes';
const HERE = 'postgresql://a:b@db:5432/shop';
const POOL = 'postgresql://a:b@pool:6432/shop';

const read = (env: Record<string, string>) => readConfig({ SECRET_KEY, ...env });

test('the pgbouncer parameter is ours: PostgreSQL never sees it, and the rest of the address stays', () => {
  const config = read({ DATABASE_URL: `${POOL}?pgbouncer=true&sslmode=disable`, DATABASE_DIRECT_URL: HERE });
  expect(config).toMatchObject({
    databaseUrl: `${POOL}?sslmode=disable`,
    databasePooled: true,
    databaseDirectUrl: HERE,
  });
  expect(read({ DATABASE_URL: `${HERE}?pgbouncer=false` })).toMatchObject({
    databaseUrl: HERE,
    databasePooled: false,
    databaseDirectUrl: HERE,
  });
});

test('replicas are a list; spaces and empty parts do not count', () => {
  const [one, two] = ['postgresql://a:b@r1/shop', 'postgres://a:b@r2/shop'];
  const config = read({
    DATABASE_URL: HERE,
    DATABASE_REPLICA_URL: ` ${one}, ${two},`,
    REPLICA_MAX_LAG_MS: '5',
  });
  expect(config).toMatchObject({ databaseReplicaUrls: [one, two], replicaMaxLagMs: 5 });
  expect(read({ DATABASE_URL: HERE })).toMatchObject({ databaseReplicaUrls: [], replicaMaxLagMs: 50 });
});

test.each([
  [
    { DATABASE_URL: `${POOL}?pgbouncer=true` },
    'DATABASE_URL has pgbouncer=true; set DATABASE_DIRECT_URL to the address of the database behind it, for migrations, ' +
      'notices of changes and imports.',
  ],
  [{ DATABASE_URL: `${POOL}?pgbouncer=1` }, 'DATABASE_URL has pgbouncer=1; it must be true or false.'],
  [
    { DATABASE_URL: HERE, DATABASE_DIRECT_URL: `${POOL}?pgbouncer=true` },
    'DATABASE_DIRECT_URL has pgbouncer=true; it must lead to the database itself, not to a pooler.',
  ],
  [{ DATABASE_DIRECT_URL: HERE }, 'DATABASE_DIRECT_URL is set without DATABASE_URL; set both, or neither.'],
  [{ DATABASE_REPLICA_URL: HERE }, 'DATABASE_REPLICA_URL is set without DATABASE_URL; set both, or neither.'],
  [
    { DATABASE_URL: HERE, DATABASE_REPLICA_URL: `${HERE},replica` },
    'DATABASE_REPLICA_URL is not a URL; write postgresql://user:password@host:5432/database.',
  ],
  [
    { DATABASE_URL: HERE, DATABASE_REPLICA_URL: `${POOL}?pgbouncer=true` },
    'DATABASE_REPLICA_URL has pgbouncer=true; name each replica itself, because its replay position is read.',
  ],
  [
    { DATABASE_URL: HERE, REPLICA_MAX_LAG_MS: '0' },
    "REPLICA_MAX_LAG_MS is '0'; it must be a whole number from 1 to 10000.",
  ],
])('%j is refused', (env, sentence) => {
  expect(() => read(env)).toThrow(new OperatorError(sentence));
});
