// The kinds of tasks that machines share.

import { MATCHING_TASKS } from '../../src/customer/actions/matchCustomers/run';
import { SCORING_TASKS } from '../../src/forecast/actions/accuracy/run';
import { DEMAND_TASKS } from '../../src/forecast/actions/demand/run';
import { RETURNS_TASKS } from '../../src/forecast/actions/returns/run';
import type { TaskKind } from '../../src/runtime/jobs';

export const TASK_KINDS: readonly TaskKind[] = [DEMAND_TASKS, RETURNS_TASKS, SCORING_TASKS, MATCHING_TASKS];
