// Start of every program of Comptoir: settings, database, migrations, and a message for the operator when one fails.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GraphQLError } from 'graphql';
import { type DestinationStream, type Logger, pino } from 'pino';
import { type Config, readConfig } from '../config/config';
import { type Embedded, startEmbedded } from '../db/embedded/embedded';
import { openDb } from '../db/pool';
import { poolerHint, reachDatabase } from '../db/reach';
import { openReads } from '../db/replica';
import { sqlState } from '../db/transaction';
import type { Parts } from '../graphql/context';
import { createHub, hubLimits } from '../graphql/hub/hub';
import { OperatorError, Refused } from '../refusals';

export interface Booted {
  parts: Parts;
  /** Settings for another process of this program: with the database's address and the secret that were found or made. */
  shared: Config;
  /** Closes the pool and stops the embedded server if it is ours. Call it after everything else. */
  close(): Promise<void>;
}

/** Secrets and personal data that a log line might contain by mistake. Errors are reduced by `loggable`. */
const REDACTED = ['*.token', '*.email', '*.phone', '*.code_hash', 'req.headers.authorization'];

/** What a log may have of an error: where and which, not the values that PostgreSQL and Prisma quote from a statement. */
function loggable(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack = '' } = error;
  const { constraint, table } = error as { constraint?: string; table?: string };
  const code = sqlState(error);
  const dataException = code?.length === 5 && code.startsWith('22');
  const prisma = error.constructor.name.startsWith('PrismaClient');
  return {
    type: prisma ? error.constructor.name : name,
    code,
    // Prisma's message begins with the whole call and ends with the error.
    message: dataException
      ? 'a value in a statement was not valid'
      : prisma
        ? message.split('\n').at(-1)
        : message,
    constraint,
    table,
    hint: poolerHint(error),
    stack: stack
      .split('\n')
      .filter((line) => /^ +at /.test(line))
      .join('\n'),
  };
}

/** The key that the embedded database's codes and secrets are derived from: made once, kept beside it. */
function keptSecret(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, 'secret.key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/** Starts or joins the embedded server; its refusals become OperatorErrors. */
async function openEmbedded(dataDir: string, report: (line: string) => void): Promise<Embedded> {
  try {
    return await startEmbedded({ dataDir, log: report });
  } catch (error) {
    if (error instanceof Error && error.constructor === Error && sqlState(error) === undefined) {
      throw new OperatorError(error.message, { cause: error });
    }
    throw error;
  }
}

/** Opens the database (starting or joining the embedded one when no DATABASE_URL is set) and brings it up to date. */
async function openDatabase(config: Config, log: Logger, report: (line: string) => void): Promise<Booted> {
  const embedded = config.databaseUrl === null ? await openEmbedded(config.dataDir, report) : null;
  const url = config.databaseUrl ?? embedded!.url;
  try {
    const directUrl = config.databaseDirectUrl ?? url;
    await reachDatabase({ url, directUrl, pooled: config.databasePooled }, report, (line) => log.warn(line));
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  const secret = config.secretKey ?? keptSecret(config.dataDir);
  const { parts, close } = openPartitions(config, { url, secret, log });
  return {
    parts,
    shared: { ...config, databaseUrl: url, secretKey: secret },
    async close() {
      await close();
      await embedded?.stop();
    },
  };
}

/** The parts over a database that is up to date; `close` ends what they opened. */
function openPartitions(
  config: Config,
  { url, secret, log }: { url: string; secret: string; log: Logger },
): { parts: Parts; close(): Promise<void> } {
  const directUrl = config.databaseDirectUrl ?? url;
  const db = openDb(url, config.databasePoolSize, {
    pooled: config.databasePooled,
    directUrl,
    onError: (error) => log.warn({ err: error }, 'an idle database connection was lost'),
  });
  const reads = openReads(db, {
    urls: config.databaseReplicaUrls,
    poolSize: config.databasePoolSize,
    maxLagMs: config.replicaMaxLagMs,
    log,
  });
  const hub = createHub({ url: directUrl, log, limits: hubLimits(config.callerLimits) });
  return {
    parts: { config, db, reads, log, clock: () => new Date(), secretKey: Buffer.from(secret), hub },
    async close() {
      await hub.close();
      await reads.close();
      await db.close();
    },
  };
}

/** The program's log, one JSON a line; each names its process. It goes to the standard output, if `destination` is left out. */
export function openLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    serializers: { err: loggable },
    redact: { paths: REDACTED, censor: '[hidden]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Reads the settings and opens the database. `report` is called with progress messages for the operator. */
export async function boot(
  report: (line: string) => void = () => {},
  config: Config = readConfig(),
): Promise<Booted> {
  return openDatabase(config, openLog(config.logLevel), report);
}

/** The parts of a further process of a program that another process has booted, out of what that one `shared`. */
export function join(shared: Config): { parts: Parts; close(): Promise<void> } {
  const { databaseUrl: url, secretKey: secret } = shared;
  if (url === null || secret === null)
    throw new Error('Only settings that were shared after a boot can be joined');
  return openPartitions(shared, { url, secret, log: openLog(shared.logLevel) });
}

/** A stop was requested before the program was up: not a failure. */
class CalledOff extends Error {}

/** Requests to stop this program. */
export interface StopRequest {
  /** Resolves with the cause of the first request to stop: a signal, or the end of the npm process that started this one. */
  requested: Promise<string>;
  /** Resolves at a second request to stop, from an operator who does not want to wait for the drain. */
  again: Promise<void>;
  /** Throws when a stop was requested already: called between the steps of a start, which `run` then ends silently. */
  check(): void;
}

const PARENT_POLL_MS = 500;
/** One Ctrl-C may come to us twice, from the terminal and from npm. */
const SAME_REQUEST_MS = 1_000;

/** Listens for requests to stop from now on; call it once, before anything is opened. */
export function stopRequest(): StopRequest {
  let reason: string | undefined;
  let resolve: (reason: string) => void = () => {};
  const requested = new Promise<string>((r) => {
    resolve = r;
  });
  let requestAgain: () => void = () => {};
  const again = new Promise<void>((r) => {
    requestAgain = r;
  });
  let firstAt = Number.POSITIVE_INFINITY;
  const requestStop = (why: string): void => {
    firstAt = Math.min(firstAt, performance.now());
    reason ??= why;
    resolve(why);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Only a signal counts as a second request; the end of npm may follow from the first.
      if (performance.now() - firstAt > SAME_REQUEST_MS) requestAgain();
      requestStop(signal);
    });
  }
  // npm sends SIGTERM to its shell, which ends without passing it on: it is only noticeable as a change of our parent process.
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && requestStop('npm ended'), PARENT_POLL_MS).unref();
  }
  return {
    requested,
    again,
    check() {
      if (reason !== undefined) throw new CalledOff(reason);
    },
  };
}

/** The final message of a program that cannot continue: one sentence if its operator can fix it. Never an error's other fields. */
function fail(error: unknown): void {
  if (error instanceof CalledOff) return;
  const mendable = error instanceof OperatorError || error instanceof Refused;
  const text = error instanceof Error ? (mendable ? error.message : error.stack) : String(error);
  process.stderr.write(`comptoir: ${text}\n`);
  process.exitCode = 1;
}

/**
 * The executor fails an object with the first error of its fields that cannot be null, and waits for the others no more:
 * when one of those fails later, its error has a path and is not awaited. It must not end the program.
 */
function onUnhandledRejection(reason: unknown): void {
  if (reason instanceof GraphQLError && reason.path !== undefined) return;
  throw reason;
}

/** Runs a program; a problem that its user can mend ends it with one sentence and exit code 1. */
export async function run(program: () => Promise<void>): Promise<void> {
  process.on('unhandledRejection', onUnhandledRejection);
  process.once('uncaughtException', (error) => {
    fail(error);
    process.exit();
  });
  await program().catch(fail);
}
