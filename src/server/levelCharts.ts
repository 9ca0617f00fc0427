// Charts of the forecasts of sums: /charts/level-forecast.svg?category=…&location=…, both left out for all.

import type { Request } from 'express';
import { boundTo, type Caller } from '../access/rules/roles';
import { levelChartOf } from '../forecast/queries/levelChart';
import { type ChartSize, drawForecast } from '../forecast/rules/chart/chart';
import { type ChartedSum, MAX_CHART_LOCATIONS } from '../forecast/rules/chart/link';
import type { Parts } from '../graphql/context';
import { locationLookup } from '../location/queries/locations';
import { badRequest, checkAccess, day, HEIGHT, MAX_CODE, NoChart, number, WIDTH } from './chartRequests';
import type { ApiRequest } from './request';

const HISTORY = { usual: 84, min: 7, max: 182 };
const MAX_CATEGORY = 200;

/** The codes of a parameter that may be given several times. @throws NoChart */
function codesOf(req: Request, name: string, longest: number): string[] {
  const given = req.query[name];
  const codes = given === undefined ? [] : Array.isArray(given) ? given : [given];
  if (
    codes.every(
      (code): code is string =>
        typeof code === 'string' && code.length <= longest && !code.includes('\u0000'),
    )
  )
    return codes;
  throw badRequest(`${name} must be a code of at most ${longest} characters.`);
}

function chartedSum(req: Request): ChartedSum {
  const categories = codesOf(req, 'category', MAX_CATEGORY);
  const locations = codesOf(req, 'location', MAX_CODE);
  if (categories.length > 1) throw badRequest('category must be given once.');
  if (locations.length > MAX_CHART_LOCATIONS)
    throw badRequest(`location can be given ${MAX_CHART_LOCATIONS} times at most.`);
  return { category: categories[0] ?? null, locations };
}

/** The locations of a chart; null: all. @throws NoChart for unknown ones, and those of others */
async function locationIdsOf(
  parts: Parts,
  caller: Caller | null,
  codes: readonly string[],
): Promise<number[] | null> {
  const bound = caller === null ? null : boundTo(caller);
  if (codes.length === 0) return bound === null ? null : [...bound];
  const ids = await locationLookup.known(parts.db, codes);
  const unknown = codes.find((code) => !ids.has(code));
  if (unknown !== undefined) throw new NoChart(404, 'NOT_FOUND', `There is no location '${unknown}'.`);
  const beyond = codes.find((code) => bound !== null && !bound.includes(ids.get(code)!));
  if (beyond !== undefined)
    throw new NoChart(403, 'FORBIDDEN', `${caller!.name} does not work at ${beyond}.`);
  return [...ids.values()];
}

/** Draws the forecast of a sum. @throws NoChart */
export async function drawLevel(parts: Parts, req: Request & { caller?: Caller | null }): Promise<string> {
  const charted = chartedSum(req);
  checkAccess(parts, req, charted);
  const size: ChartSize = { width: number(req, 'width', WIDTH), height: number(req, 'height', HEIGHT) };
  const data = await levelChartOf(parts.reads, {
    ...charted,
    locationIds: await locationIdsOf(parts, req.caller ?? null, charted.locations),
    historyDays: number(req, 'days', HISTORY),
    cutDay: day(req),
  });
  if (data === null) throw new NoChart(404, 'NOT_FOUND', 'There is no forecast of this sum yet.');
  const begin = performance.now();
  const svg = await drawForecast(data, size);
  (req as ApiRequest).cost = { measuredMs: performance.now() - begin };
  return svg;
}
