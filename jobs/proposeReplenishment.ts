// Proposes replenishment in the night of each place, from its newest forecasts.

import type { Parts } from '../src/graphql/context';
import { type Progress, proposeNight } from '../src/replenishment/actions/proposalRun/run';

export function proposeReplenishment(
  parts: Parts,
  dueAt: Date,
  progress: Progress,
): Promise<Record<string, number>> {
  return proposeNight(parts, dueAt, progress);
}
