// npm start: database, migrations, demonstration chain, API and jobs; and their end, in the reverse order.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEMO_TOKENS, loadDemo } from '../prisma/seed/load';
import { createApp } from './app';
import { boot, run } from './boot';
import { type Config, ConfigProblem } from './config';
import { sqlState } from './db/transaction';
import type { Parts } from './graphql/context';

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

/** A first query that answers something in the demonstration chain. */
const FIRST_QUERY = `{
  availability(skus: ["GAZ-230"], at: { near: { latitude: 48.8566, longitude: 2.3522, radiusKm: 500 } }) {
    sku { code name }
    places { location { code name } distanceKm band asOf }
  }
}`;

async function listen(parts: Parts): Promise<Server> {
  const { host, port } = parts.config;
  const server = createApp(parts).listen(port, host);
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => {
      const taken = sqlState(error) === 'EADDRINUSE';
      reject(
        taken
          ? new ConfigProblem(`Port ${port} on ${host} is in use; stop what uses it, or set PORT to another.`)
          : error,
      );
    });
  });
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

/** Lets requests that are under way finish, up to the drain time; connections without one are closed at once. */
function drain(server: Server, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const tooLate = setTimeout(() => server.closeAllConnections(), seconds * 1_000);
    server.close(() => {
      clearTimeout(tooLate);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function main(): Promise<void> {
  const { parts, close } = await boot(say);
  const { config, db, log } = parts;
  let server: Server;
  try {
    if (config.demo) await loadDemo(db, parts.clock(), say);
    server = await listen(parts);
  } catch (error) {
    await close();
    throw error;
  }
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping: requests under way may finish');
    await drain(server, config.drainSeconds);
    await close();
    log.info('stopped');
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  const { port } = server.address() as AddressInfo;
  welcome(
    config,
    `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    config.demo,
  );
}

void run(main);
