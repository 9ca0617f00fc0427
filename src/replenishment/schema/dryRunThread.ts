// The thread of dry runs: what-if and policy replay, on a connection that cannot write.

import { type Db, openDb } from '../../db/pool';
import { type RefusalData, Refused } from '../../refusals';
import { serve } from '../../runtime/threads';
import { type ReplayRequest, type ReplayResult, replayPolicy } from '../queries/replay';
import { type WhatIfRequest, type WhatIfResult, whatIf } from '../queries/whatIf';

/** What is to be run; `now` is the clock of the caller. */
export type DryRunTask = { now: Date } & ({ whatIf: WhatIfRequest } | { replay: ReplayRequest });

/** What came out, or the business "no": an Error would lose its facts on the way. */
export type DryRunAnswer = { whatIf: WhatIfResult } | { replay: ReplayResult } | { refused: RefusalData };

export interface DryRunWorkerData {
  databaseUrl: string;
}

let opened: Db | undefined;

/** The same database, where every transaction is read-only. */
function readOnly(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const options = url.searchParams.get('options');
  url.searchParams.set('options', `${options ? `${options} ` : ''}-c default_transaction_read_only=on`);
  return url.href;
}

serve<DryRunTask, DryRunAnswer, DryRunWorkerData>(async (task, { databaseUrl }) => {
  opened ??= openDb(readOnly(databaseUrl), 1);
  try {
    return 'whatIf' in task
      ? { whatIf: await whatIf(opened, task.whatIf, task.now) }
      : { replay: await replayPolicy(opened, task.replay, task.now) };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.data };
    throw error;
  }
});
