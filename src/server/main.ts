// The server program: starts database, migrations, demonstration chain, API and jobs, and stops them in reverse order.

import { loadDemo } from '../../prisma/seed/load';
import { DEMONSTRATION_ACTORS } from '../access/rules/demonstration';
import { type Config, ofOneProcess, readConfig } from '../config/config';
import type { Parts } from '../graphql/context';
import type { Api } from './api';
import { Workers } from './apiWorkers';
import { type Booted, boot, openLog, type StopRequest, stopRequest } from './boot';
import { FIRST_QUERY } from './firstQuery';
import { tryAddress } from './listenAddress';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** What a newcomer reads once the API is open; written at once, so that no process puts a line of its log in between. */
function welcome(config: Config, url: string, demo: boolean): void {
  const lines = [
    '',
    `Comptoir is open at ${url}/graphql${config.graphiql ? ' (GraphiQL in a browser)' : ''}`,
    ...(demo ? firstSteps(url) : []),
  ];
  print(lines.join('\n'));
}

const firstSteps = (url: string): string[] => [
  '',
  'Tokens of the demonstration chain (send the header Authorization: Bearer <token>):',
  ...DEMONSTRATION_ACTORS.map(
    (t) => `  ${t.token.padEnd(20)} ${t.role.toLowerCase().replace('_', ' ').padEnd(12)} ${t.name}`,
  ),
  '',
  'A first query:',
  `  curl -s ${url}/graphql -H 'authorization: Bearer demo-storefront' -H 'content-type: application/json' \\`,
  `    -d '${JSON.stringify({ query: FIRST_QUERY.replace(/\s+/g, ' ') })}'`,
  '',
  `In a browser: ${url}/ (choose a person of the demonstration). The counter of a shop is at ${url}/counter.`,
  'npm run demo drives a basket from availability to collected. Ctrl-C stops everything.',
];

/** The programs that run beside the API. */
interface Alongside {
  /** Begins once the API answers; what it gives ends it, before the database is closed. */
  alongside(parts: Parts): () => Promise<void>;
}

/** The API in this process, or what the first process has in hand of several. */
async function openPart(workers: Workers | null, { parts, shared }: Booted): Promise<Api> {
  if (workers !== null) return workers.open(shared);
  // Only here: beside workers this process needs nothing of the API, which is half of its memory.
  const { openApi } = require('./api') as typeof import('./api');
  return openApi(parts, parts.config.port);
}

/** Brings everything up; what fails, or is called off, on the way leaves nothing running. */
async function start(workers: Workers | null, config: Config, stop: StopRequest) {
  let booted: Booted | undefined;
  try {
    booted = await boot(print, ofOneProcess(config));
    const { clock } = booted.parts;
    const report = (line: string): void => {
      stop.check();
      print(line);
    };
    stop.check();
    if (config.demo) await loadDemo(booted.parts, clock(), report);
    stop.check();
    const opening = openPart(workers, booted);
    opening.catch(() => {});
    await Promise.race([opening, stop.requested]);
    if (workers !== null) stop.check();
    return { booted, api: await opening };
  } catch (error) {
    await workers?.kill();
    await booted?.close();
    throw error;
  }
}

/** Serves until a stop is requested. The program around it passes what runs alongside: the jobs, which src does not import. */
export async function serve({ alongside }: Alongside): Promise<void> {
  const stop = stopRequest();
  const config = readConfig();
  await tryAddress(config);
  const workers =
    config.apiProcesses === 1 ? null : new Workers(config.apiProcesses, openLog(config.logLevel));
  const { booted, api } = await start(workers, config, stop);
  const { parts, close } = booted;
  const stopAlongside = alongside(parts);
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  welcome(config, `http://${host}:${api.port}`, config.demo);
  let failure: unknown;
  const reason = await Promise.race([stop.requested, api.lost]).catch((error: unknown) => {
    failure = error;
    return 'the API was lost';
  });
  await api.leave();
  parts.log.info({ reason }, 'stopping: requests under way may finish');
  void stop.again.then(() => api.closeNow());
  await Promise.all([api.left(), Promise.race([stopAlongside(), stop.again])]);
  await close();
  parts.log.info('stopped');
  if (failure !== undefined) throw failure;
}
