// Forecasts returns in the night of each location, after its demand, for every shelf that sold or took back something.

import type { DemandProgress } from '../src/forecast/actions/demand/run';
import { runReturnsForecast } from '../src/forecast/actions/returns/run';
import type { Parts } from '../src/graphql/context';

export function forecastReturns(
  parts: Parts,
  dueAt: Date,
  progress: DemandProgress,
): Promise<Record<string, number>> {
  return runReturnsForecast(parts, dueAt, progress);
}
