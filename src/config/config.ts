// Reads and checks the settings; their defaults and descriptions are in settings.ts.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { OperatorError } from '../refusals';
import { type ContactConfig, readContact } from './contact';
import { type EdgeConfig, readEdge } from './edge';
import { type Env, flag, whole, wholeOr } from './env';
import { type IdentityConfig, readIdentity } from './identity';
import { type ActConfig, readActs } from './occurredAt';
import { type PrivacyConfig, readPrivacy } from './privacy';
import { type QueryLimits, readQueryLimits } from './queryLimits';
import { type QuotaConfig, readQuotas } from './quotas';
import { checkSecret } from './secrets';
import { readService, type ServiceConfig } from './service';
import { readSessions, type SessionConfig } from './sessions';
import { readSingleSignOn, type SingleSignOnConfig } from './singleSignOn';

export interface Config
  extends EdgeConfig,
    QuotaConfig,
    IdentityConfig,
    ContactConfig,
    PrivacyConfig,
    SessionConfig,
    SingleSignOnConfig,
    ActConfig,
    ServiceConfig {
  /** TCP port of the API. 0 lets the system choose (tests). */
  port: number;
  /** Interface to listen on. */
  host: string;
  /** PostgreSQL to use; null means the embedded server. */
  databaseUrl: string | null;
  /** `databaseUrl` leads to a pooler that lends its connections for a transaction at a time (`?pgbouncer=true` in it). */
  databasePooled: boolean;
  /** The database itself, for what needs a session of its own; `databaseUrl` where no pooler stands in between. */
  databaseDirectUrl: string | null;
  /** Streaming replicas that answer reads when they have all that was committed. */
  databaseReplicaUrls: string[];
  /** Milliseconds that a read waits for a replica to catch up at most; one that is further behind is not used. */
  replicaMaxLagMs: number;
  /** Folder of the embedded server and of secrets made for it. */
  dataDir: string;
  /** Processes that answer the API; 1: one process does everything. */
  apiProcesses: number;
  /**
   * Connections that the whole program may open to PostgreSQL, shared out among its processes (`ofOneProcess`); beside
   * them each API process has one that listens for changes, and a nightly job one a thread.
   */
  databasePoolSize: number;
  production: boolean;
  /** GraphiQL and introspection; off in production unless requested. */
  graphiql: boolean;
  /** Run the timetable inside the API process. */
  jobs: boolean;
  /** Seconds without a heartbeat after which the runs and partitions of a machine are taken over by others. */
  jobTakeoverSeconds: number;
  /** Load the demonstration chain into an empty database; never in production. */
  demo: boolean;
  /** Origins that browsers may call from; '*' for any. */
  corsOrigins: string[];
  /** File with the operations that clients may name instead of sending them; null: there is no list. */
  persistedOperations: string | null;
  /** Storefronts may execute the operations of that list and nothing else. */
  persistedOperationsOnly: boolean;
  /** Key from which pickup codes and webhook secrets are derived; null: made and kept with the embedded data. */
  secretKey: string | null;
  logLevel: string;
  queryLimits: QueryLimits;
  /** Seconds that the simulations of one request may take. */
  dryRunSeconds: number;
  /** Webhooks may go to private and plain-http addresses (development). */
  webhooksToPrivateAddresses: boolean;
  /** Days for which rejected lines of imports are kept. */
  importRejectDays: number;
  /** Seconds that in-flight requests get to finish on SIGTERM. */
  drainSeconds: number;
}

function checkPostgresUrl(name: string, text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new OperatorError(`${name} is not a URL; write postgresql://user:password@host:5432/database.`);
  }
  if (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:') {
    throw new OperatorError(`${name} begins with ${url.protocol}; it must begin with postgresql:.`);
  }
  return text;
}

const POOLED = 'pgbouncer';

/** An address and the value of its `pgbouncer` parameter, which is for Comptoir and not for PostgreSQL. */
function withoutFlag(name: string, text: string): { url: string; pooled: boolean } {
  const url = new URL(text);
  const pooled = url.searchParams.get(POOLED);
  if (pooled === null) return { url: text, pooled: false };
  if (pooled !== 'true' && pooled !== 'false') {
    throw new OperatorError(`${name} has ${POOLED}=${pooled}; it must be true or false.`);
  }
  url.searchParams.delete(POOLED);
  return { url: url.href, pooled: pooled === 'true' };
}

/** Where the database is: by itself, or behind a pooler and itself, and its replicas. */
function databases(
  env: Env,
): Pick<Config, 'databaseUrl' | 'databasePooled' | 'databaseDirectUrl' | 'databaseReplicaUrls'> {
  const given = env.DATABASE_URL ? checkPostgresUrl('DATABASE_URL', env.DATABASE_URL) : null;
  const direct = env.DATABASE_DIRECT_URL || null;
  const replicas = (env.DATABASE_REPLICA_URL ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean);
  if (given === null) {
    const lone = direct ? 'DATABASE_DIRECT_URL' : replicas.length > 0 ? 'DATABASE_REPLICA_URL' : null;
    if (lone) throw new OperatorError(`${lone} is set without DATABASE_URL; set both, or neither.`);
    return { databaseUrl: null, databasePooled: false, databaseDirectUrl: null, databaseReplicaUrls: [] };
  }
  const { url, pooled } = withoutFlag('DATABASE_URL', given);
  if (pooled && direct === null) {
    throw new OperatorError(
      `DATABASE_URL has ${POOLED}=true; set DATABASE_DIRECT_URL to the address of the database behind it, ` +
        'for migrations, notices of changes and imports.',
    );
  }
  if (direct && withoutFlag('DATABASE_DIRECT_URL', checkPostgresUrl('DATABASE_DIRECT_URL', direct)).pooled) {
    throw new OperatorError(
      `DATABASE_DIRECT_URL has ${POOLED}=true; it must lead to the database itself, not to a pooler.`,
    );
  }
  for (const text of replicas) {
    if (!withoutFlag('DATABASE_REPLICA_URL', checkPostgresUrl('DATABASE_REPLICA_URL', text)).pooled) continue;
    throw new OperatorError(
      `DATABASE_REPLICA_URL has ${POOLED}=true; name each replica itself, because its replay position is read.`,
    );
  }
  return {
    databaseUrl: url,
    databasePooled: pooled,
    databaseDirectUrl: direct ?? url,
    databaseReplicaUrls: replicas,
  };
}

/** Maximum of API processes, and the maximum of the default number: more cores than that are left to the database. */
const MAX_PROCESSES = 64;
const MAX_PROCESSES_UNASKED = 8;
/** A process with fewer connections would keep its reads waiting behind a few commands that wait for a shelf. */
const MIN_CONNECTIONS = 4;
/** What one process has had since the first version. */
const CONNECTIONS_ALONE = 20;
/** Default pool size per process when there are several, so that all of them fit PostgreSQL's default of 100 connections. */
const CONNECTIONS_EACH = 10;
const MAX_CONNECTIONS_UNASKED = 80;

/** API processes and the connections of all. Beside several of them one process has the jobs, with a share like theirs. */
function processesAndPool(env: Env): Pick<Config, 'apiProcesses' | 'databasePoolSize'> {
  const configured = wholeOr(env, 'DATABASE_POOL_SIZE', 0, 2, 500);
  const fitting = configured === 0 ? MAX_PROCESSES : Math.floor(configured / MIN_CONNECTIONS) - 1;
  const defaultProcesses = Math.max(1, Math.min(availableParallelism(), MAX_PROCESSES_UNASKED, fitting));
  const apiProcesses = wholeOr(env, 'API_PROCESSES', defaultProcesses, 1, MAX_PROCESSES);
  if (apiProcesses > 1 && apiProcesses > fitting) {
    const needed = (apiProcesses + 1) * MIN_CONNECTIONS;
    throw new OperatorError(
      `DATABASE_POOL_SIZE is '${configured}'; ${apiProcesses} API processes and the jobs need ${needed}: raise it, or lower API_PROCESSES.`,
    );
  }
  const several = Math.min(CONNECTIONS_EACH * (apiProcesses + 1), MAX_CONNECTIONS_UNASKED);
  const needed =
    apiProcesses === 1 ? CONNECTIONS_ALONE : Math.max(several, (apiProcesses + 1) * MIN_CONNECTIONS);
  return { apiProcesses, databasePoolSize: configured === 0 ? needed : configured };
}

/** The settings of each process of a program that has several: `databasePoolSize` is then its own share. */
export function ofOneProcess(config: Config): Config {
  const { apiProcesses, databasePoolSize } = config;
  if (apiProcesses === 1) return config;
  return { ...config, databasePoolSize: Math.floor(databasePoolSize / (apiProcesses + 1)) };
}

function persisted(env: Env): Pick<Config, 'persistedOperations' | 'persistedOperationsOnly'> {
  const file = env.PERSISTED_OPERATIONS || null;
  const only = flag(env, 'PERSISTED_OPERATIONS_ONLY', false);
  if (only && file === null) {
    throw new OperatorError(
      'PERSISTED_OPERATIONS_ONLY is set without PERSISTED_OPERATIONS; no storefront could send a request.',
    );
  }
  return { persistedOperations: file && path.resolve(file), persistedOperationsOnly: only };
}

/** The tokens of the demonstration are public, so production never loads it. */
function demonstration(env: Env, production: boolean, embedded: boolean): boolean {
  const demo = flag(env, 'DEMO', embedded && !production);
  if (demo && production) {
    throw new OperatorError(
      'DEMO is set with NODE_ENV=production; its tokens are known to everybody. Unset DEMO, and make a token with npm run token.',
    );
  }
  return demo;
}

/** Less than the server keeps a connection on which nothing is sent. */
const MAX_DRY_RUN_SECONDS = 60;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const MIN_SECRET_LENGTH = 32;

/** Reads and checks all settings. Throws OperatorError with one sentence that states what to do. */
export function readConfig(env: Env = process.env): Config {
  const production = env.NODE_ENV === 'production';
  const database = databases(env);
  const secretKey = env.SECRET_KEY || null;
  if (secretKey !== null && secretKey.length < MIN_SECRET_LENGTH) {
    throw new OperatorError(
      `SECRET_KEY is shorter than ${MIN_SECRET_LENGTH} characters; use a long random text.`,
    );
  }
  if (database.databaseUrl !== null && secretKey === null) {
    throw new OperatorError(
      'SECRET_KEY is not set; with your own DATABASE_URL it must be the same long random text on every instance.',
    );
  }
  if (secretKey !== null) checkSecret('SECRET_KEY', secretKey);
  const logLevel = env.LOG_LEVEL || 'info';
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new OperatorError(`LOG_LEVEL is '${logLevel}'; it must be one of ${LOG_LEVELS.join(', ')}.`);
  }
  return {
    port: whole(env, 'PORT', 0, 65535),
    host: env.HOST || '127.0.0.1',
    ...database,
    replicaMaxLagMs: whole(env, 'REPLICA_MAX_LAG_MS', 1, 10_000),
    dataDir: path.resolve(env.DATA_DIR || '.comptoir'),
    ...processesAndPool(env),
    production,
    graphiql: flag(env, 'GRAPHIQL', !production),
    jobs: flag(env, 'JOBS', true),
    jobTakeoverSeconds: whole(env, 'JOB_TAKEOVER_SECONDS', 2, 3_600),
    demo: demonstration(env, production, database.databaseUrl === null),
    corsOrigins: (env.CORS_ORIGINS ?? '')
      .split(',')
      .map((o) => o.trim())
      .filter(Boolean),
    ...persisted(env),
    secretKey,
    logLevel,
    queryLimits: readQueryLimits(env),
    dryRunSeconds: whole(env, 'DRY_RUN_SECONDS', 1, MAX_DRY_RUN_SECONDS),
    webhooksToPrivateAddresses: flag(env, 'WEBHOOKS_TO_PRIVATE_ADDRESSES', !production),
    importRejectDays: whole(env, 'IMPORT_REJECT_DAYS', 1, 3_650),
    drainSeconds: whole(env, 'DRAIN_SECONDS', 0, 600),
    ...readEdge(env),
    ...readQuotas(env),
    ...readIdentity(env),
    ...readPrivacy(env),
    ...readContact(env),
    ...readSessions(env),
    ...readSingleSignOn(env),
    ...readActs(env),
    ...readService(env),
  };
}
