// The demand of one SKU at another price: its current forecasts, moved by what such prices did before.

import type { Tx } from '../../db/pool';
import type { LearnedModel } from '../../forecaster/forecaster';
import { effectOfPrice, type PriceEffect } from '../../forecaster/prices/whatIf';
import { refuse } from '../../refusals';
import { dayNumber, dayOf, daysAfter } from '../../values/time';
import { eventsBetween, marksOf } from './events';
import { currentForecasts, currentRuns, type LocationRun, type StoredForecast } from './forecasts';
import { AXIS, HISTORY_DAYS, historiesOf } from './history';

export interface WhatIfPriceRequest {
  skuId: number;
  /** Null: all locations. */
  locationIds: readonly number[] | null;
  price: { amountMinor: number; currency: string };
  fromDay: string;
  toDay: string;
}

export interface WhatIfPriceDay {
  day: string;
  before: number;
  after: number;
  low: number;
  high: number;
}

/** One location; prices in minor units, null where unknown. */
export interface WhatIfPriceLocation {
  locationId: number;
  /** Announced for the first of the days. */
  announcedMinor: number | null;
  elasticity: PriceEffect['elasticity'];
  days: WhatIfPriceDay[];
  /** Units × announced prices; null where a price is unknown. */
  revenueBeforeMinor: number | null;
  revenueAfterMinor: number;
}

export interface WhatIfPriceResult {
  currency: string;
  skuId: number;
  locations: WhatIfPriceLocation[];
}

/** Locations of one request at most. */
export const MAX_PRICE_LOCATIONS = 200;

const CURRENCY = `SELECT currency FROM sku WHERE id = $1`;
const LOCATIONS = `SELECT id FROM location WHERE active AND ($1::int[] IS NULL OR id = ANY($1::int[])) ORDER BY id`;
const LEARNT = `SELECT due_at AS "dueAt", learnt FROM forecast_run WHERE id = $1`;

/**
 * What would be sold at a price, by location that has a forecast of the SKU. Reads only.
 * @throws Refused InvalidInput for another currency, for days that are not all ahead, past MAX_PRICE_LOCATIONS
 */
export async function whatIfPrice(tx: Tx, request: WhatIfPriceRequest): Promise<WhatIfPriceResult> {
  const { skuId, price } = request;
  const [sku] = await tx.rows<{ currency: string | null }>(CURRENCY, [skuId]);
  const currency = sku?.currency ?? price.currency;
  if (price.currency !== currency) {
    const message = `price.currency is ${price.currency}; this SKU sells in ${currency}.`;
    refuse('InvalidInput', message, { path: 'price.currency' });
  }
  const locations = await tx.rows<{ id: number }>(LOCATIONS, [request.locationIds]);
  const forecasts = await currentForecasts(
    tx,
    locations.map(({ id }) => ({ locationId: id, skuId })),
  );
  if (forecasts.length > MAX_PRICE_LOCATIONS) {
    const message = `${forecasts.length} locations have a forecast of this SKU; at most ${MAX_PRICE_LOCATIONS} are computed at once. Name locations.`;
    refuse('InvalidInput', message, { path: 'locations' });
  }
  checkDays(request, forecasts);
  const runs = await currentRuns(
    tx,
    forecasts.map(({ locationId }) => locationId),
  );
  const results: WhatIfPriceLocation[] = [];
  for (const runId of [...new Set(runs.map((run) => run.runId))].sort((a, b) => a - b)) {
    const ofRun = forecasts.filter((forecast) => forecast.runId === runId);
    const run = runs.find((one) => one.runId === runId)!;
    results.push(...(await resultsOfRun(tx, request, run, ofRun)));
  }
  return { currency, skuId, locations: results.sort((a, b) => a.locationId - b.locationId) };
}

/** @throws Refused InvalidInput unless every day is one that all these forecasts are for */
function checkDays({ fromDay, toDay }: WhatIfPriceRequest, forecasts: readonly StoredForecast[]): void {
  if (toDay < fromDay) {
    const message = `toDay is ${toDay}, before fromDay, ${fromDay}.`;
    refuse('InvalidInput', message, { path: 'toDay' });
  }
  const firsts = forecasts.map(({ cutDay }) => daysAfter(cutDay, 1)).sort();
  const lasts = forecasts.map(({ cutDay, mean }) => daysAfter(cutDay, mean.length)).sort();
  const first = firsts.at(-1);
  const last = lasts[0];
  if (first === undefined || last === undefined) return;
  for (const [path, day] of [
    ['fromDay', fromDay],
    ['toDay', toDay],
  ] as const) {
    if (day >= first && day <= last) continue;
    const message: string = `${path} is ${day}; these forecasts are for ${first} to ${last}.`;
    refuse('InvalidInput', message, { path });
  }
}

async function resultsOfRun(
  tx: Tx,
  request: WhatIfPriceRequest,
  { runId, cutDay, horizon }: LocationRun,
  forecasts: readonly StoredForecast[],
): Promise<WhatIfPriceLocation[]> {
  const [run] = await tx.rows<{ dueAt: Date; learnt: LearnedModel | null }>(LEARNT, [runId]);
  if (run?.learnt == null) return [];
  const { learnt } = run;
  const cut = dayNumber(cutDay);
  const events = await eventsBetween(tx, dayOf(cut - HISTORY_DAYS), dayOf(cut + horizon), null);
  const marks = marksOf(events);
  const calendar = { events, marks };
  const { histories } = await historiesOf(tx, forecasts, cutDay, run.dueAt, horizon, calendar);
  const [from, to] = [dayNumber(request.fromDay) - cut, dayNumber(request.toDay) - cut];
  return histories.flatMap(({ locationId, series }) => {
    const forecast = forecasts.find((one) => one.locationId === locationId);
    if (forecast === undefined) return [];
    const change = { price: request.price.amountMinor, from, to };
    const effect = effectOfPrice(series, AXIS, marks, learnt, cut, horizon, change);
    const announced = (h: number): number => series.prices?.[cut + h - series.start] ?? Number.NaN;
    return [locationResult(forecast, effect, change, announced)];
  });
}

function locationResult(
  { locationId, cutDay, mean }: StoredForecast,
  { ratio, low, high, elasticity }: PriceEffect,
  { price, from, to }: { price: number; from: number; to: number },
  announced: (h: number) => number,
): WhatIfPriceLocation {
  const days: WhatIfPriceDay[] = [];
  let [revenueBefore, revenueAfter] = [0, 0];
  for (let h = from; h <= to; h++) {
    const units = mean[h - 1]!;
    const [after, least, most] = [ratio, low, high].map((of) => units * of[h - 1]!) as [
      number,
      number,
      number,
    ];
    days.push({ day: daysAfter(cutDay, h), before: units, after, low: least, high: most });
    revenueBefore += units * announced(h);
    revenueAfter += after * price;
  }
  const first = announced(from);
  return {
    locationId,
    announcedMinor: first > 0 ? Math.round(first) : null,
    elasticity,
    days,
    revenueBeforeMinor: Number.isFinite(revenueBefore) ? Math.round(revenueBefore) : null,
    revenueAfterMinor: Math.round(revenueAfter),
  };
}
