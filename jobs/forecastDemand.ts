// Forecasts demand in the night of each location, for every shelf with a history.

import { type DemandProgress, runDemandForecast } from '../src/forecast/actions/demand/run';
import type { Parts } from '../src/graphql/context';

export function forecastDemand(
  parts: Parts,
  dueAt: Date,
  progress: DemandProgress,
): Promise<Record<string, number>> {
  return runDemandForecast(parts, dueAt, progress);
}
