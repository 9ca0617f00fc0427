// Worker thread of dry runs: what-if of policies and of prices, and policy replay, on a read-only connection.

import {
  type WhatIfPriceRequest,
  type WhatIfPriceResult,
  whatIfPrice,
} from '../../forecast/queries/whatIfPrice';
import { type RefusalData, Refused } from '../../refusals';
import { serveOnDatabase } from '../../runtime/jobs';
import { type ReplayRequest, type ReplayResult, replayPolicy } from '../queries/replay';
import { type WhatIfRequest, type WhatIfResult, whatIf } from '../queries/whatIf';

/** What is to be run; `now` is the clock of the caller. */
export type DryRunTask = { now: Date } & (
  | { whatIf: WhatIfRequest }
  | { price: WhatIfPriceRequest }
  | { replay: ReplayRequest }
);

/** The result, or the refusal as data: an Error would lose its facts between threads. */
export type DryRunAnswer =
  | { whatIf: WhatIfResult }
  | { price: WhatIfPriceResult }
  | { replay: ReplayResult }
  | { refused: RefusalData };

serveOnDatabase<DryRunTask, DryRunAnswer>(async (task, db) => {
  try {
    if ('price' in task) return { price: await whatIfPrice(db, task.price) };
    return 'whatIf' in task
      ? { whatIf: await whatIf(db, task.whatIf, task.now) }
      : { replay: await replayPolicy(db, task.replay, task.now) };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.data };
    throw error;
  }
});
