// Scores past forecasts in the night of each location, against what was sold since, and looks for series that break.

import { runScoring, type ScoringProgress } from '../src/forecast/actions/accuracy/run';
import type { Parts } from '../src/graphql/context';

export function scoreForecasts(
  parts: Parts,
  dueAt: Date,
  progress: ScoringProgress,
): Promise<Record<string, number>> {
  return runScoring(parts, dueAt, progress);
}
