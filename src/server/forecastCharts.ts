// Charts of forecasts over HTTP, for clients that cannot query GraphQL: mails, wikis, dashboards.

import express, { type Request, type Response, type Router } from 'express';
import type { Caller } from '../access/rules/roles';
import { chartOf, type MissingChartPart } from '../forecast/queries/chart';
import { type ChartSize, drawForecast } from '../forecast/rules/chart/chart';
import { checkChartSignature } from '../forecast/rules/chart/link';
import type { Parts } from '../graphql/context';
import { answerError } from '../graphql/errors';
import { dayNumber, dayOf } from '../values/time';
import type { ApiRequest } from './request';

const WIDTH = { usual: 960, min: 320, max: 2_000 };
const HEIGHT = { usual: 420, min: 200, max: 1_200 };
const HISTORY = { usual: 84, min: 7, max: 730 };
const MAX_CODE = 100;
const DAY = /^[1-8]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
/** A chart changes after each nightly forecast, and when sales come in late. */
const MAX_AGE_SECONDS = 300;
/** Nothing but its own styles: content of codes and names is never executed. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** An error response of the charts route, in the form of GraphQL's errors. */
class NoChart extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const badRequest = (message: string): NoChart => new NoChart(400, 'BAD_USER_INPUT', message);

function number(req: Request, name: string, { usual, min, max }: typeof WIDTH): number {
  const text = req.query[name];
  if (text === undefined) return usual;
  const value = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badRequest(`${name} must be a whole number from ${min} to ${max}.`);
}

function day(req: Request): string | null {
  const text = req.query.cutDay;
  if (text === undefined) return null;
  if (typeof text === 'string' && DAY.test(text) && dayOf(dayNumber(text)) === text) return text;
  throw badRequest('cutDay must be a day like 2026-11-24.');
}

/** Access: planners and administrators by token, or anyone with a signed address without a token. @throws NoChart */
function checkAccess(
  { secretKey, clock }: Parts,
  req: Request & { caller?: Caller | null },
  charted: { sku: string; location: string },
): void {
  const { caller } = req;
  if (caller) {
    if (caller.role === 'PLANNER' || caller.role === 'ADMIN') return;
    throw new NoChart(
      403,
      'FORBIDDEN',
      `Charts are for PLANNER and ADMIN tokens, not for ${caller.role} ones.`,
    );
  }
  const { expires, signature } = req.query;
  if (signature === undefined) {
    const message =
      'Send Authorization: Bearer <token>, or use the address that chartUrl of a forecast gives.';
    throw new NoChart(401, 'UNAUTHENTICATED', message);
  }
  const worth = checkChartSignature(secretKey, charted, { expires, signature }, clock());
  if (worth === 'EXPIRED') {
    throw new NoChart(403, 'FORBIDDEN', 'This address has expired; ask for chartUrl of the forecast again.');
  }
  if (worth === 'WRONG') {
    throw new NoChart(
      403,
      'FORBIDDEN',
      'This address was not signed by us for this chart; ask for chartUrl again.',
    );
  }
}

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

/** The route of charts, for callers that were looked up before (or have none). */
export function charts(parts: Parts): Router {
  const router = express.Router();
  router.get('/forecast/:sku/:location.svg', async (req: Request, res: Response) => {
    try {
      const svg = await draw(parts, req);
      res.setHeader('cache-control', `private, max-age=${MAX_AGE_SECONDS}`);
      res.setHeader('content-security-policy', POLICY);
      // Pages of other hosts may show it: it comes with its own permission.
      res.setHeader('cross-origin-resource-policy', 'cross-origin');
      res.type('image/svg+xml').send(svg);
    } catch (error) {
      if (!(error instanceof NoChart)) throw error;
      res.setHeader('cache-control', 'no-store');
      if (error.status === 401) res.setHeader('www-authenticate', 'Bearer');
      answerError(res, error.status, error.code, error.message);
    }
  });
  return router;
}
