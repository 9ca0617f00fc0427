// Scores past forecasts in the night of each place, against what was sold since, and looks for series that break.

import { scoreNight } from '../src/forecast/actions/accuracy/night';
import type { Parts } from '../src/graphql/context';
import type { Figures, Progress } from './timetable';

export function scoreForecasts(parts: Parts, dueAt: Date, progress: Progress): Promise<Figures> {
  return scoreNight(parts, dueAt, progress);
}
