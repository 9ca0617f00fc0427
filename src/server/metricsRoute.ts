// GET /metrics: authorization, also while the database is unreachable, and the response.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Response } from 'express';
import { callerRemembered, hashToken } from '../access/queries/callers';
import type { Caller, Role } from '../access/rules/roles';
import { isUnreachable } from '../db/transaction';
import type { Parts } from '../graphql/context';
import { answerError, RETRY_AFTER_SECONDS } from '../graphql/errors';
import { FIGURES_TYPE, figuresText } from '../metrics';
import { type AuthenticationParts, bearerOf } from './authenticate';
import { vitalsText } from './businessGauges';
import type { ApiRequest } from './request';
import { OverRate } from './signIns';

const ALLOWED: readonly Role[] = ['MONITOR', 'ADMIN'];
const NEEDED = '/metrics needs a MONITOR or ADMIN token, or the METRICS_TOKEN of this server.';
/** Prometheus gives up a scrape after ten seconds: figures that the database does not deliver in this time are left out. */
const DATABASE_LIMIT_MS = 2_000;

class TooLate extends Error {}

function inTime<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new TooLate('the database did not answer')), DATABASE_LIMIT_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares two texts in constant time. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

/**
 * The caller of a scrape, read from the database; while that is unreachable, a token that was valid in the last quarter of an
 * hour is still accepted, for /metrics only. 'AWAY': the token is not cached and the database is unreachable.
 */
async function monitorOf(
  { clock }: Parts,
  { signIns }: AuthenticationParts,
  hash: string,
  address: string,
): Promise<Caller | null | 'AWAY'> {
  try {
    return await inTime(signIns.callerOf(hash, address));
  } catch (error) {
    if (!(error instanceof TooLate) && !isUnreachable(error)) throw error;
    return callerRemembered(hash, clock()) ?? 'AWAY';
  }
}

/** Figures for Prometheus: how a business goes is not for the public. */
export function showMetrics(parts: Parts, edge: AuthenticationParts) {
  const { db, clock, log, config } = parts;
  const { rates, addresses, refuser } = edge;
  /** Answers a caller that may not read the figures. */
  async function refuse(res: Response, caller: Caller | null, address: string): Promise<void> {
    if (caller !== null) return answerError(res, 403, 'FORBIDDEN', NEEDED);
    const state = await rates.count('no-token', address);
    if (state?.isExceeded) return refuser.refuseRate(res, state);
    res.setHeader('www-authenticate', 'Bearer');
    answerError(res, 401, 'UNAUTHENTICATED', NEEDED);
  }
  async function answer(req: ApiRequest, res: Response): Promise<void> {
    const token = bearerOf(req, config);
    const address = addresses.keyOf(req);
    const isMetricsToken =
      config.metricsToken !== null && token != null && isSame(token, config.metricsToken);
    const caller =
      isMetricsToken || token == null ? null : await monitorOf(parts, edge, hashToken(token), address);
    if (caller === 'AWAY') {
      res.setHeader('retry-after', RETRY_AFTER_SECONDS);
      const message =
        'The database is out of reach and this token was not seen lately; the METRICS_TOKEN of this server needs no database.';
      return answerError(res, 503, 'UNAVAILABLE', message);
    }
    req.caller = caller;
    if (!isMetricsToken && (caller === null || !ALLOWED.includes(caller.role))) {
      return refuse(res, caller, address);
    }
    // Without the database the program's own figures are what one wants to see most.
    const vitals = await inTime(vitalsText(db, clock())).catch((error: unknown) => {
      log.warn({ err: error }, 'vitals are out of reach');
      return '';
    });
    res.setHeader('content-type', FIGURES_TYPE);
    res.send((await figuresText()) + vitals);
  }
  return async (req: ApiRequest, res: Response): Promise<void> => {
    try {
      await answer(req, res);
    } catch (error) {
      if (!(error instanceof OverRate)) throw error;
      refuser.refuseRate(res, error.state);
    }
  };
}
