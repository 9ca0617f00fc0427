// Forecasts returns in the night of each place, after its demand, for every shelf that sold or took back something.

import { forecastReturnsNight } from '../src/forecast/actions/returns';
import type { Parts } from '../src/graphql/context';
import type { Figures, Progress } from './timetable';

export function forecastReturns(parts: Parts, dueAt: Date, progress: Progress): Promise<Figures> {
  return forecastReturnsNight(parts, dueAt, progress);
}
