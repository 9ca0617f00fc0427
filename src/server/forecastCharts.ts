// Charts of forecasts over HTTP, for clients that cannot query GraphQL: mails, wikis, dashboards.

import express, { type Request, type Response, type Router } from 'express';
import { chartOf, type MissingChartPart } from '../forecast/queries/chart';
import { type ChartSize, drawForecast } from '../forecast/rules/chart/chart';
import type { Parts } from '../graphql/context';
import {
  answerChart,
  checkAccess,
  day,
  HEIGHT,
  HISTORY,
  MAX_CODE,
  NoChart,
  number,
  WIDTH,
} from './chartRequests';
import { drawLevel } from './levelCharts';
import type { ApiRequest } from './request';

function absent({ missing }: MissingChartPart, charted: { sku: string; location: string }): NoChart {
  const [sku, location] = [charted.sku, charted.location].map((code) => code.slice(0, MAX_CODE));
  const message = {
    SKU: `There is no SKU '${sku}'.`,
    LOCATION: `There is no location '${location}'.`,
    FORECAST: `There is no forecast of SKU '${sku}' at '${location}' yet.`,
  }[missing];
  return new NoChart(404, 'NOT_FOUND', message);
}

async function draw(parts: Parts, req: Request): Promise<string> {
  const { sku, location } = req.params as { sku: string; location: string };
  const charted = { sku, location };
  checkAccess(parts, req, charted);
  const size: ChartSize = { width: number(req, 'width', WIDTH), height: number(req, 'height', HEIGHT) };
  const query = { ...charted, historyDays: number(req, 'days', HISTORY), cutDay: day(req) };
  // What PostgreSQL could not even compare is the code of nothing.
  const areCodes = [sku, location].every((code) => code.length <= MAX_CODE && !code.includes('\u0000'));
  const data = areCodes ? await chartOf(parts.reads, query, parts.clock()) : ({ missing: 'SKU' } as const);
  if ('missing' in data) throw absent(data, charted);
  const begin = performance.now();
  const svg = drawForecast(data, size);
  (req as ApiRequest).cost = { measuredMs: performance.now() - begin };
  return svg;
}

/** The routes of charts, for callers that were looked up before (or have none). */
export function charts(parts: Parts): Router {
  const router = express.Router();
  router.get('/forecast/:sku/:location.svg', (req: Request, res: Response) =>
    answerChart(res, () => draw(parts, req)),
  );
  router.get('/level-forecast.svg', (req: Request, res: Response) =>
    answerChart(res, () => drawLevel(parts, req)),
  );
  return router;
}
