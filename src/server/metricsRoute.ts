// GET /metrics: who may read it, also while the database is away, and what it answers then.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Response } from 'express';
import { callerRemembered, hashToken } from '../access/queries';
import type { Caller, Role } from '../access/rules';
import { isUnreachable } from '../db/transaction';
import type { Parts } from '../graphql/context';
import { answerError, RETRY_AFTER_SECONDS } from '../graphql/errors';
import { FIGURES_TYPE, figuresText } from '../metrics';
import { vitalsText } from '../vitals';
import { type Callers, refuseOverRate } from './authenticate';
import { bearerOf } from './bearer';
import type { ApiRequest } from './request';
import { OverRate, type SignIns } from './signIns';

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

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether two texts are the same, in a time that tells nothing about where they differ. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

/**
 * The caller of a scrape. The database is asked; where it cannot be, a token that was good in the last quarter of an
 * hour still is, for nothing but this. 'AWAY': nothing is known of this token and nobody can be asked.
 */
async function monitorOf(
  { clock }: Parts,
  signIns: SignIns,
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
export function showMetrics(parts: Parts, { rates, addresses, refuser, signIns }: Callers) {
  const { db, clock, log, config } = parts;

  /** Whether this request may read them; answers it when it may not. @throws OverRate */
  async function isAllowed(req: ApiRequest, res: Response): Promise<boolean> {
    const token = bearerOf(req);
    if (config.metricsToken !== null && token != null && isSame(token, config.metricsToken)) return true;
    const hash = token == null ? null : hashToken(token);
    const caller = hash === null ? null : await monitorOf(parts, signIns, hash, addresses.keyOf(req));
    if (caller === 'AWAY') {
      res.setHeader('retry-after', RETRY_AFTER_SECONDS);
      const message =
        'The database is out of reach and this token was not seen lately; the METRICS_TOKEN of this server needs no database.';
      answerError(res, 503, 'UNAVAILABLE', message);
    } else if (hash === null || caller === null) {
      res.setHeader('www-authenticate', 'Bearer');
      answerError(res, 401, 'UNAUTHENTICATED', NEEDED);
    } else if (ALLOWED.includes(caller.role)) {
      req.caller = caller;
      const taken = await rates.take('token', hash);
      if (!taken.allowed) throw new OverRate(taken);
      return true;
    } else answerError(res, 403, 'FORBIDDEN', NEEDED);
    return false;
  }

  // Without the database the program's own figures are what one wants to see most.
  const vitals = shared(() =>
    inTime(vitalsText(db, clock())).catch((error: unknown) => {
      log.warn({ err: error }, 'vitals are out of reach');
      return '';
    }),
  );
  const figures = shared(figuresText);
  return async (req: ApiRequest, res: Response): Promise<void> => {
    try {
      if (!(await isAllowed(req, res))) return;
    } catch (error) {
      if (!(error instanceof OverRate)) throw error;
      refuseOverRate(res, refuser, error.taken);
      return;
    }
    const text = (await Promise.all([figures(), vitals()])).join('');
    res.setHeader('content-type', FIGURES_TYPE);
    res.send(text);
  };
}

/** The same work for all who ask for it at a time. */
function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let working: Promise<T> | null = null;
  return () => {
    working ??= work().finally(() => {
      working = null;
    });
    return working;
  };
}
