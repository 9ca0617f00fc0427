// Forecasts that add up: all series are forecast into a file of drafts, their cells are forecast, and the drafts are scaled to these.

import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { csvCell } from '../../csv/rules/cells';
import { addUnits, type CellSums, nodeKey, type Reconciled, sharedGroups } from '../../forecaster/hierarchy';
import type { Series } from '../../forecaster/series';
import { distributionMean, type StoredScale } from '../../forecaster/spread/stored';
import { put } from './output';
import type { ForecastRequest } from './request';
import { type KeyedForecast, periodLines } from './tables';
import type { ReconcileTask, ScaleTask } from './worker';

/** The sums of one cell over its series, at all origins. */
interface Cell {
  /** Those that all its series so far share. */
  groups: Readonly<Record<string, string>>;
  values: Float64Array;
  sums: { expected: Float64Array; unbiased: Float64Array }[];
}

/** Forecasts kept on disk until their cells are known: memory grows with the cells, not with the series. */
export class Drafts {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'comptoir-drafts-'));
  readonly #file = path.join(this.#folder, 'drafts');
  readonly #stream = createWriteStream(this.#file);
  readonly #cells = new Map<string, Cell>();
  readonly #by: [string, string];
  readonly #request: ForecastRequest;

  constructor(request: ForecastRequest) {
    this.#request = request;
    this.#by = request.reconcile!;
  }

  /** Adds the forecasts of these series, all origins of each. */
  async add(series: readonly Series[], forecasts: readonly KeyedForecast[]): Promise<void> {
    const cells = new Map(series.map((one) => [one.key, nodeKey(this.#by, one.groups)]));
    for (const one of series) this.#addHistory(cells.get(one.key)!, one);
    for (const forecast of forecasts) {
      const { expected, unbiased } = this.#cells.get(cells.get(forecast.key)!)!.sums[forecast.originIndex]!;
      const means = distributionMean(forecast);
      for (let h = 0; h < means.length; h++) {
        expected[h]! += forecast.mean[h]!;
        unbiased[h]! += means[h]!;
      }
    }
    const drafts = forecasts.map((forecast) => ({ cell: cells.get(forecast.key)!, forecast }));
    await put(this.#stream, `${JSON.stringify(drafts)}\n`);
  }

  #addHistory(key: string, { groups, values }: Series): void {
    const { horizon, origins } = this.#request;
    const zeros = (): Float64Array => new Float64Array(horizon);
    const cell = this.#cells.get(key) ?? {
      groups,
      values: new Float64Array(values.length).fill(Number.NaN),
      sums: origins.map(() => ({ expected: zeros(), unbiased: zeros() })),
    };
    this.#cells.set(key, cell);
    cell.groups = sharedGroups(cell.groups, groups);
    addUnits(cell.values, values, 0);
  }

  /** Ends adding. @returns one task an origin */
  async reconcileTasks(): Promise<ReconcileTask[]> {
    this.#stream.end();
    await finished(this.#stream);
    return this.#request.origins.map((_, originIndex) => ({
      originIndex,
      cells: [...this.#cells].map(([key, { groups, values, sums }]): CellSums => {
        const { expected, unbiased } = sums[originIndex]!;
        return { key, groups, start: 0, values, expected: [...expected], unbiased: [...unbiased] };
      }),
    }));
  }

  /** The forecasts in the order in which they were added, each with its scale. @param scales of each origin, by cell */
  async *scaleTasks(scales: readonly Map<string, StoredScale>[]): AsyncGenerator<ScaleTask, void, undefined> {
    for await (const line of createInterface({ input: createReadStream(this.#file) })) {
      const drafts = JSON.parse(line) as { cell: string; forecast: KeyedForecast }[];
      yield {
        drafts: drafts.map(({ cell, forecast }) => ({
          forecast,
          scale: scales[forecast.originIndex]!.get(cell) ?? null,
        })),
      };
    }
  }

  remove(): void {
    this.#stream.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Writes the forecasts of all levels: an empty cell where a level goes over all values of a grouping. */
export async function writeLevels(
  sink: Writable | null,
  { levels }: Reconciled,
  by: readonly [string, string],
  origin: { label: string; number: number },
): Promise<void> {
  for (const { groups, mean, spread } of levels) {
    const key = by.map((name) => csvCell(groups[name] ?? '')).join(',');
    await put(sink, periodLines(key, { mean, spread }, origin));
  }
}
