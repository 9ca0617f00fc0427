// Forecasts returns in the night of each place, after its demand, for every shelf that sold or took back something.

import type { Progress } from '../src/forecast/actions/demand/run';
import { forecastReturnsNight } from '../src/forecast/actions/returns/run';
import type { Parts } from '../src/graphql/context';

export function forecastReturns(
  parts: Parts,
  dueAt: Date,
  progress: Progress,
): Promise<Record<string, number>> {
  return forecastReturnsNight(parts, dueAt, progress);
}
