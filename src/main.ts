// The serving program: database, migrations, demonstration chain, API and what runs beside it; and their end, in the reverse order.

import { createServer, type Server, type ServerOptions } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer } from 'node:net';
import { DEMO_TOKENS, loadDemo } from '../prisma/seed/load';
import { createApp, FIRST_QUERY } from './app';
import { boot, stopRequest } from './boot';
import { type Config, ConfigProblem, readConfig } from './config';
import { sqlState } from './db/transaction';
import type { Parts } from './graphql/context';

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

/** The sentence for an address that cannot be listened on; any other error as it is. */
function listenProblem(error: Error, { host, port }: Config): Error {
  switch (sqlState(error)) {
    case 'EADDRINUSE':
      return new ConfigProblem(
        `Port ${port} on ${host} is in use; stop what uses it, or set PORT to another.`,
      );
    case 'EACCES':
      return new ConfigProblem(`This user may not listen on port ${port}; set PORT to 1024 or above.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigProblem(
        `HOST is '${host}', which is no address of this machine; try 127.0.0.1 or 0.0.0.0.`,
      );
    default:
      return error;
  }
}

async function listening(server: NetServer, config: Config): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => reject(listenProblem(error, config)));
  });
}

/** Tries the address before minutes go into a database that nobody could reach through it. */
async function tryAddress(config: Config): Promise<void> {
  const server = createNetServer().listen(config.port, config.host);
  await listening(server, config);
  await new Promise((resolve) => server.close(resolve));
}

/** How long a client may take. The answer to one that is too slow is 408, and the end of its connection. */
const PATIENCE: ServerOptions = {
  /** From the first byte, or from nothing, to the last header. */
  headersTimeout: 10_000,
  /** To the end of the body: half a megabyte over a bad line. */
  requestTimeout: 30_000,
  /** Between two requests: longer than the minute that load balancers keep theirs, so that it is they who close. */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
};
/** More than the hub's subscriptions; past it connections are closed as they come. */
const MAX_CONNECTIONS = 12_000;

async function listen(parts: Parts): Promise<Server> {
  const server = createServer(PATIENCE, createApp(parts));
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(parts.config.port, parts.config.host);
  await listening(server, parts.config);
  return server;
}

function welcome(config: Config, url: string, demo: boolean): void {
  say();
  say(`Comptoir is open at ${url}/graphql${config.graphiql ? ' (GraphiQL in a browser)' : ''}`);
  if (!demo) return;
  say();
  say('Tokens of the demonstration chain (send the header Authorization: Bearer <token>):');
  for (const t of DEMO_TOKENS) say(`  ${t.token.padEnd(20)} ${t.role.toLowerCase().padEnd(11)} ${t.name}`);
  say();
  say('A first query:');
  say(
    `  curl -s ${url}/graphql -H 'authorization: Bearer demo-storefront' -H 'content-type: application/json' \\`,
  );
  say(`    -d '${JSON.stringify({ query: FIRST_QUERY.replace(/\s+/g, ' ') })}'`);
  say();
  say('npm run demo drives a basket from availability to collected. Ctrl-C stops everything.');
}

const IDLE_POLL_MS = 50;

/**
 * Takes no more requests and lets those that are under way finish, up to the drain time; subscriptions are told to
 * come back, and connections without a request are closed as soon as they have none.
 */
async function drain(server: Server, { hub, config }: Parts): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_POLL_MS);
  const tooLate = setTimeout(() => server.closeAllConnections(), config.drainSeconds * 1_000);
  await hub.close();
  await closed;
  clearInterval(idle);
  clearTimeout(tooLate);
}

/** What may run beside the API. */
interface Company {
  /** Begins once the API answers; what it gives ends it, before the database is closed. */
  alongside(parts: Parts): () => Promise<void>;
}

/** Serves until it is asked to stop. The program around it says what runs alongside: the jobs, which src knows nothing of. */
export async function serve({ alongside }: Company): Promise<void> {
  const stop = stopRequest();
  await tryAddress(readConfig());
  const { parts, close } = await boot(say);
  const { config, db, log } = parts;
  let server: Server;
  try {
    stop.check();
    const tell = (line: string): void => {
      stop.check();
      say(line);
    };
    if (config.demo) await loadDemo(db, parts.clock(), tell);
    server = await listen(parts);
  } catch (error) {
    await close();
    throw error;
  }
  const stopCompany = alongside(parts);
  const { port } = server.address() as AddressInfo;
  welcome(
    config,
    `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    config.demo,
  );
  const reason = await stop.asked;
  log.info({ reason }, 'stopping: requests under way may finish');
  await Promise.all([drain(server, parts), stopCompany()]);
  await close();
  log.info('stopped');
}
