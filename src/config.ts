// Every setting Comptoir reads from the environment: named once, with its default, checked at start.

import path from 'node:path';

export interface Config {
  /** TCP port of the API. 0 lets the system choose (tests). */
  port: number;
  /** Interface to listen on. */
  host: string;
  /** PostgreSQL to use; null means the embedded server. */
  databaseUrl: string | null;
  /** Folder of the embedded server and of secrets made for it. */
  dataDir: string;
  /** Connections this process may open to PostgreSQL. */
  databasePoolSize: number;
  production: boolean;
  /** GraphiQL and introspection; off in production unless asked for. */
  graphiql: boolean;
  /** Run the timetable inside the API process. */
  jobs: boolean;
  /** Load the demonstration chain into an empty embedded database. */
  demo: boolean;
  /** Origins that browsers may call from; '*' for any. */
  corsOrigins: string[];
  /** Key from which pickup codes and webhook secrets are derived; null: made and kept with the embedded data. */
  secretKey: string | null;
  logLevel: string;
  /** Webhooks may go to private and plain-http addresses (development). */
  webhooksToPrivateAddresses: boolean;
  /** Seconds that in-flight requests get to finish on SIGTERM. */
  drainSeconds: number;
}

/** A setting that cannot be used; the message is the one sentence the operator needs. */
export class ConfigProblem extends Error {}

type Env = Record<string, string | undefined>;

function whole(env: Env, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new ConfigProblem(`${name} is '${text}'; it must be a whole number from ${min} to ${max}.`);
  }
  return value;
}

function flag(env: Env, name: string, fallback: boolean): boolean {
  const text = env[name]?.toLowerCase();
  if (text === undefined || text === '') return fallback;
  if (['1', 'true', 'yes', 'on'].includes(text)) return true;
  if (['0', 'false', 'no', 'off'].includes(text)) return false;
  throw new ConfigProblem(`${name} is '${env[name]}'; it must be true or false.`);
}

function postgresUrl(env: Env, name: string): string | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ConfigProblem(`${name} is not a URL; write postgresql://user:password@host:5432/database.`);
  }
  if (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:') {
    throw new ConfigProblem(`${name} begins with ${url.protocol}; it must begin with postgresql:.`);
  }
  return text;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const MIN_SECRET_LENGTH = 32;

/** Reads and checks all settings. Throws ConfigProblem with one sentence that says what to do. */
export function readConfig(env: Env = process.env): Config {
  const production = env.NODE_ENV === 'production';
  const databaseUrl = postgresUrl(env, 'DATABASE_URL');
  const secretKey = env.SECRET_KEY || null;
  if (secretKey !== null && secretKey.length < MIN_SECRET_LENGTH) {
    throw new ConfigProblem(
      `SECRET_KEY is shorter than ${MIN_SECRET_LENGTH} characters; use a long random text.`,
    );
  }
  if (databaseUrl !== null && secretKey === null) {
    throw new ConfigProblem(
      'SECRET_KEY is not set; with your own DATABASE_URL it must be the same long random text on every instance.',
    );
  }
  const logLevel = env.LOG_LEVEL || 'info';
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new ConfigProblem(`LOG_LEVEL is '${logLevel}'; it must be one of ${LOG_LEVELS.join(', ')}.`);
  }
  return {
    port: whole(env, 'PORT', 4000, 0, 65535),
    host: env.HOST || '127.0.0.1',
    databaseUrl,
    dataDir: path.resolve(env.DATA_DIR || '.comptoir'),
    databasePoolSize: whole(env, 'DATABASE_POOL_SIZE', 20, 2, 500),
    production,
    graphiql: flag(env, 'GRAPHIQL', !production),
    jobs: flag(env, 'JOBS', true),
    demo: flag(env, 'DEMO', databaseUrl === null),
    corsOrigins: (env.CORS_ORIGINS ?? '')
      .split(',')
      .map((o) => o.trim())
      .filter(Boolean),
    secretKey,
    logLevel,
    webhooksToPrivateAddresses: flag(env, 'WEBHOOKS_TO_PRIVATE_ADDRESSES', !production),
    drainSeconds: whole(env, 'DRAIN_SECONDS', 20, 0, 600),
  };
}
