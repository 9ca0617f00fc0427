// The thread of a run: learns at one origin over the sample it was started with, forecasts series, scales forecasts to sums.

import { forecast, type LearnedModel, learn } from '../../forecaster/forecaster';
import { type CellSums, type Reconciled, reconcile } from '../../forecaster/hierarchy';
import type { Panel, Series } from '../../forecaster/series';
import { rescaled, type StoredScale } from '../../forecaster/spread/stored';
import { serve } from '../../runtime/threads';
import type { WorkerInputs } from './request';
import { type KeyedForecast, tablesOf, type WrittenTables } from './tables';

/** Learn at `origin`; the thread's data is the panel. */
export interface LearnTask {
  origin: number;
  horizon: number;
}

/** Forecast these series from every origin; the thread's data are the inputs. */
export interface ForecastTask {
  series: Series[];
}

/** Forecast the cells at an origin and what they add up to; the thread's data are the inputs. */
export interface ReconcileTask {
  cells: CellSums[];
  originIndex: number;
}

/** Write these forecasts, each scaled. */
export interface ScaleTask {
  drafts: { forecast: KeyedForecast; scale: StoredScale | null }[];
}

/** The tables of forecasts; where they are to be scaled the forecasts themselves. */
export type ForecastResult = WrittenTables | KeyedForecast[];

type Task = LearnTask | ForecastTask | ReconcileTask | ScaleTask;

serve<Task, LearnedModel | ForecastResult | Reconciled, Panel | WorkerInputs>((task, data) => {
  if ('horizon' in task) return learned(task, data as Panel);
  const inputs = data as WorkerInputs;
  if ('cells' in task) return reconciled(task, inputs);
  if ('drafts' in task) return scaled(task, inputs);
  const forecasts = task.series.flatMap((one) => forecastsOf(one, inputs));
  return inputs.request.reconcile ? forecasts : tablesOf(forecasts, task.series.length, inputs.request);
});

function learned({ origin, horizon }: LearnTask, panel: Panel): LearnedModel {
  const series = panel.series.filter(({ start }) => start <= origin);
  return learn({ ...panel, series }, origin, horizon);
}

function forecastsOf(one: Series, { axis, marks, learnts, request }: WorkerInputs): KeyedForecast[] {
  return request.origins.map((origin, originIndex) => {
    const learnt = learnts.findLast((each) => each.origin <= origin.number)!;
    const { mean, spread } = forecast(one, axis, marks, learnt, origin.number, request.horizon);
    return { key: one.key, originIndex, mean, spread };
  });
}

function reconciled(
  { cells, originIndex }: ReconcileTask,
  { axis, marks, request }: WorkerInputs,
): Reconciled {
  return reconcile(cells, request.reconcile!, axis, marks, request.origins[originIndex]!.number);
}

function scaled({ drafts }: ScaleTask, { request }: WorkerInputs): WrittenTables {
  const forecasts = drafts.map(({ forecast: draft, scale }) =>
    scale ? { ...draft, ...rescaled(draft, scale) } : draft,
  );
  const firsts = forecasts.filter(({ originIndex }) => originIndex === 0);
  return tablesOf(forecasts, firsts.length, request);
}
