// Forecasts demand in the night of each place, for every shelf with a history.

import { forecastNight, type Progress } from '../src/forecast/actions/demand/run';
import type { Parts } from '../src/graphql/context';

export function forecastDemand(
  parts: Parts,
  dueAt: Date,
  progress: Progress,
): Promise<Record<string, number>> {
  return forecastNight(parts, dueAt, progress);
}
