// Request id, log line and metrics of each request, with labels from fixed lists.

import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { Logger } from 'pino';
import { httpRequestSeconds, httpRequests, LabelValues, streamSeconds, streamsOpen } from '../metrics';
import { pagePaths } from './pages/addresses';
import type { ApiHandler, ApiRequest } from './request';

const ROUTES = new LabelValues(['/', '/graphql', '/session', '/metrics', '/health/live', '/health/ready']);
/** One label for all charts: one for each would be a series for each SKU and location. */
const CHARTS = '/charts';
/** So are the pages and their files. */
const PAGES = pagePaths(true);
const METHODS = new LabelValues(['GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS']);
const STATUSES = new LabelValues(
  [...[200, 204, 304, 400, 401, 403, 404, 405, 406, 408, 413, 415, 417, 429], ...[500, 502, 503, 504]].map(
    String,
  ),
);
/** The client went before there was an answer. */
const ABORTED = 'aborted';

/** The route a path belongs to, as a label. */
export function routeOf(path: string): string {
  const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  if (bare === CHARTS || bare.startsWith(`${CHARTS}/`)) return CHARTS;
  const page = PAGES.find((path) => bare === path || bare.startsWith(`${path}/`));
  return page ?? ROUTES.of(bare);
}

/** Counts a request that has ended. */
function count(req: ApiRequest, res: Response, route: string, ms: number): void {
  const status = res.headersSent ? STATUSES.of(res.statusCode) : ABORTED;
  const operation = req.operation ?? 'none';
  httpRequests.inc({ route, method: METHODS.of(req.method), status, operation });
  if (!req.isStream) httpRequestSeconds.observe({ route, status }, ms / 1_000);
}

/** The answer of this request is a stream from now on: it has a gauge and a duration of its own. */
export function observeStream(req: ApiRequest, res: Response): void {
  if (res.destroyed) return;
  req.isStream = true;
  const begin = performance.now();
  streamsOpen.inc();
  res.once('close', () => {
    streamsOpen.dec();
    streamSeconds.observe((performance.now() - begin) / 1_000);
  });
}

/**
 * Gives each request an id, logs it when it is done (never its body, its token or its address), and counts it. The Date header is the
 * time by which commands are judged: pages correct the clocks of their devices by it.
 */
export function observe(log: Logger, clock: () => Date): ApiHandler {
  return (req, res, next) => {
    req.id = randomUUID();
    res.setHeader('x-request-id', req.id);
    res.setHeader('date', clock().toUTCString());
    const begin = performance.now();
    const route = routeOf(req.path);
    res.once('close', () => {
      const ms = performance.now() - begin;
      count(req, res, route, ms);
      const line = {
        requestId: req.id,
        actorId: req.caller?.actorId,
        method: METHODS.of(req.method),
        route,
        status: res.statusCode,
        ms: Math.round(ms),
      };
      if (route.startsWith('/health') || route === '/metrics') log.debug(line, 'request');
      else log.info(line, 'request');
    });
    next();
  };
}
