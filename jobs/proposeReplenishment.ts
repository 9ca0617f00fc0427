// Proposes replenishment in the night of each location, from its newest forecasts.

import type { Parts } from '../src/graphql/context';
import { type ProposalProgress, runProposals } from '../src/replenishment/actions/proposalRun/run';

export function proposeReplenishment(
  parts: Parts,
  dueAt: Date,
  progress: ProposalProgress,
): Promise<Record<string, number>> {
  return runProposals(parts, dueAt, progress);
}
