// The job matchCustomers: one task in a worker thread, so that nothing else waits for its arithmetic.

import path from 'node:path';
import type { IdentityConfig } from '../../../config/identity';
import {
  type JobContext,
  type JobFigures,
  type ReportProgress,
  type TaskKind,
  type TaskLimits,
  throwFailure,
  withExecutor,
} from '../../../runtime/jobs';
import { applySharedValues } from '../applySharedValues';
import type { MatchTask } from './thread';

export const MATCHING_TASKS: TaskKind = {
  name: 'matchCustomers',
  version: 1,
  workerFile: path.join(__dirname, './thread.ts'),
};
/** The largest run takes minutes. It is tried again at once only because the machine that does it may die. */
const LIMITS: TaskLimits = { timeoutMs: 3_600_000, tries: 2 };

/**
 * Applies a changed list of shared identifiers, then joins and proposes customers by probability. The run is one task: what it did not write, the next attempt
 * does.
 */
export async function runMatching(
  context: JobContext & { config: IdentityConfig },
  dueAt: Date,
  progress: ReportProgress,
): Promise<JobFigures> {
  const { limits, trustedSources, matching } = context.config.identity;
  const shared = await applySharedValues(context.db, context.config.identity, context.clock());
  const task: MatchTask = { limits, trustedSources, ...matching, dueAt: dueAt.toISOString() };
  return withExecutor<MatchTask, JobFigures>(
    context,
    MATCHING_TASKS,
    { figures: async (soFar) => ({ ...shared, ...(await soFar()).sums }), progress },
    async (executor) => {
      const end = await executor.runAll({
        ...{ name: 'match', tasks: [task], numberOf: () => 0, limits: LIMITS },
        warning: 'customers could not be matched',
      });
      throwFailure(end, (why) => `customers could not be matched: ${why}`);
      const { leftOut = 0 } = end.sums;
      if (leftOut > 0)
        context.log.warn(
          { leftOut },
          'more records of people than CUSTOMER_MATCH_MAX_RECORDS: the oldest were not compared',
        );
      return { ...shared, ...end.sums };
    },
  );
}
