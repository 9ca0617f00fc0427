// GET /metrics: who may read it, also while the database is away, and what it answers then.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import { callerByHash, callerRemembered, hashToken, isDemonstrationToken } from '../access/queries';
import type { Caller, Role } from '../access/rules';
import { isUnreachable } from '../db/transaction';
import type { Parts } from '../graphql/context';
import { answerError, RETRY_AFTER_SECONDS } from '../graphql/errors';
import { FIGURES_TYPE, figuresText } from '../metrics';
import { vitalsText } from '../vitals';
import type { ApiRequest } from './request';

const ALLOWED: readonly Role[] = ['MONITOR', 'ADMIN'];
const NEEDED = '/metrics needs a MONITOR or ADMIN token, or the METRICS_TOKEN of this server.';
/** A scrape is given up after some ten seconds: what the database does not say in this time is left out. */
const DATABASE_LIMIT_MS = 2_000;

class TooLate extends Error {}

function inTime<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new TooLate('the database did not answer')), DATABASE_LIMIT_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

/**
 * The bearer token that a request brings; undefined: no authorization at all, null: one that is not a token. In production
 * the demonstration's tokens are none, whatever the database holds.
 */
export function bearerOf(req: Request, { production }: { production: boolean }): string | null | undefined {
  const header = req.headers.authorization;
  if (header === undefined) return undefined;
  const token = /^Bearer ([\w.~+/=-]{1,512})$/i.exec(header)?.[1] ?? null;
  return token !== null && production && isDemonstrationToken(token) ? null : token;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether two texts are the same, in a time that tells nothing about where they differ. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

/**
 * The caller of a scrape. The database is asked; where it cannot be, a token that was good in the last quarter of an
 * hour still is, for nothing but this. 'AWAY': nothing is known of this token and nobody can be asked.
 */
async function monitorOf({ db, clock }: Parts, hash: string): Promise<Caller | null | 'AWAY'> {
  try {
    return await inTime(callerByHash(db, hash, clock()));
  } catch (error) {
    if (!(error instanceof TooLate) && !isUnreachable(error)) throw error;
    return callerRemembered(hash, clock()) ?? 'AWAY';
  }
}

/** Figures for Prometheus: how a business goes is not for the public. */
export function showMetrics(parts: Parts) {
  const { db, clock, log, config } = parts;
  return async (req: ApiRequest, res: Response): Promise<void> => {
    const token = bearerOf(req, config);
    const isMetricsToken =
      config.metricsToken !== null && token != null && isSame(token, config.metricsToken);
    const caller = isMetricsToken || token == null ? null : await monitorOf(parts, hashToken(token));
    if (caller === 'AWAY') {
      res.setHeader('retry-after', RETRY_AFTER_SECONDS);
      const message =
        'The database is out of reach and this token was not seen lately; the METRICS_TOKEN of this server needs no database.';
      return answerError(res, 503, 'UNAVAILABLE', message);
    }
    req.caller = caller;
    if (!isMetricsToken && (caller === null || !ALLOWED.includes(caller.role))) {
      if (caller !== null) return answerError(res, 403, 'FORBIDDEN', NEEDED);
      res.setHeader('www-authenticate', 'Bearer');
      return answerError(res, 401, 'UNAUTHENTICATED', NEEDED);
    }
    // Without the database the program's own figures are what one wants to see most.
    const vitals = await inTime(vitalsText(db, clock())).catch((error: unknown) => {
      log.warn({ err: error }, 'vitals are out of reach');
      return '';
    });
    res.setHeader('content-type', FIGURES_TYPE);
    res.send((await figuresText()) + vitals);
  };
}
