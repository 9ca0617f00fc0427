// Runs dry runs in worker threads, so that the API stays responsive; a few at a time, further ones are refused.

import path from 'node:path';
import type { Db } from '../../db/pool';
import type { WhatIfPriceRequest, WhatIfPriceResult } from '../../forecast/queries/whatIfPrice';
import type { Context } from '../../graphql/context';
import { type RefusalData, Refused, refuse } from '../../refusals';
import { databaseThreads } from '../../runtime/jobs';
import type { Threads } from '../../runtime/threads';
import { oncePer } from '../../values/oncePer';
import type { ReplayRequest, ReplayResult } from '../queries/replay';
import type { WhatIfRequest, WhatIfResult } from '../queries/whatIf';
import type { DryRunAnswer, DryRunTask } from './dryRunThread';

/** Dry runs at once, and those that may be under way or waiting in one process. */
const THREADS = 1;
const MAX_UNDER_WAY = 4;
/** Threads idle for so long are ended. */
const IDLE_MS = 60_000;
const RETRY_SECONDS = 20;
const WORKER = path.join(__dirname, './dryRunThread.ts');

interface DryRunPool {
  threads: Threads<DryRunTask, DryRunAnswer>;
  underWay: number;
  idle: NodeJS.Timeout | null;
}

const pools = new WeakMap<Db, DryRunPool>();

/** The same database, where every transaction is read-only. */
function readOnly(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const options = url.searchParams.get('options');
  url.searchParams.set('options', `${options ? `${options} ` : ''}-c default_transaction_read_only=on`);
  return url.href;
}

function poolFor(db: Db): DryRunPool {
  const known = pools.get(db);
  if (known !== undefined) return known;
  const pool: DryRunPool = {
    threads: databaseThreads(WORKER, THREADS, readOnly(db.directUrl)),
    underWay: 0,
    idle: null,
  };
  pools.set(db, pool);
  return pool;
}

function rest(db: Db, pool: DryRunPool): void {
  pool.idle = setTimeout(() => {
    pools.delete(db);
    void pool.threads.close();
  }, IDLE_MS);
  pool.idle.unref();
}

/** Ends the dry runs of one request, however many they are: past it, the client waits for no answer. */
const timeLimitOf = oncePer(({ config }: Context) => AbortSignal.timeout(config.dryRunSeconds * 1_000));

async function run(context: Context, task: DryRunTask): Promise<DryRunAnswer> {
  const { db, config } = context;
  const pool = poolFor(db);
  if (pool.underWay >= MAX_UNDER_WAY) {
    const message = `${MAX_UNDER_WAY} dry runs are under way or waiting already; try again in some seconds.`;
    refuse('Busy', message, { retryAfterSeconds: RETRY_SECONDS });
  }
  if (pool.idle !== null) clearTimeout(pool.idle);
  pool.underWay += 1;
  const signal = timeLimitOf(context);
  try {
    return await pool.threads.run(task, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    const message = `The dry runs of this request took longer than ${config.dryRunSeconds} seconds; ask for fewer shelves or weeks, or in several requests.`;
    return refuse('Busy', message, { retryAfterSeconds: RETRY_SECONDS });
  } finally {
    pool.underWay -= 1;
    if (pool.underWay === 0) rest(db, pool);
  }
}

const no = (refused: RefusalData): never => {
  throw new Refused(refused);
};

/** `whatIf` in a thread. @throws Refused InvalidInput, Busy */
export async function whatIfInThread(context: Context, request: WhatIfRequest): Promise<WhatIfResult> {
  const answer = await run(context, { whatIf: request, now: context.now });
  if ('whatIf' in answer) return answer.whatIf;
  return no((answer as { refused: RefusalData }).refused);
}

/** `whatIfPrice` in a thread. @throws Refused InvalidInput, Busy */
export async function whatIfPriceInThread(
  context: Context,
  request: WhatIfPriceRequest,
): Promise<WhatIfPriceResult> {
  const answer = await run(context, { price: request, now: context.now });
  if ('price' in answer) return answer.price;
  return no((answer as { refused: RefusalData }).refused);
}

/** `replayPolicy` in a thread. @throws Refused InvalidInput, Busy */
export async function replayInThread(context: Context, request: ReplayRequest): Promise<ReplayResult> {
  const answer = await run(context, { replay: request, now: context.now });
  if ('replay' in answer) return answer.replay;
  return no((answer as { refused: RefusalData }).refused);
}
