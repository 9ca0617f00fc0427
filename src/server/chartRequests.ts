// What requests for charts have in common: their numbers and days, who may see them, and how they are answered.

import type { Request, Response } from 'express';
import type { Caller } from '../access/rules/roles';
import { type Charted, checkChartSignature } from '../forecast/rules/chart/link';
import type { Parts } from '../graphql/context';
import { answerError } from '../graphql/errors';
import { dayNumber, dayOf } from '../values/time';

export const WIDTH = { usual: 960, min: 320, max: 2_000 };
export const HEIGHT = { usual: 420, min: 200, max: 1_200 };
export const HISTORY = { usual: 84, min: 7, max: 730 };
export const MAX_CODE = 100;
const DAY = /^[1-8]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
/** A chart changes after each nightly forecast, and when sales come in late. */
const MAX_AGE_SECONDS = 300;
/** Nothing but its own styles: content of codes and names is never executed. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** An error response of the charts route, in the form of GraphQL's errors. */
export class NoChart extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const badRequest = (message: string): NoChart => new NoChart(400, 'BAD_USER_INPUT', message);

/** A whole number of the query. @throws NoChart */
export function number(req: Request, name: string, { usual, min, max }: typeof WIDTH): number {
  const text = req.query[name];
  if (text === undefined) return usual;
  const value = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badRequest(`${name} must be a whole number from ${min} to ${max}.`);
}

/** The cut day of the query. @throws NoChart */
export function day(req: Request): string | null {
  const text = req.query.cutDay;
  if (text === undefined) return null;
  if (typeof text === 'string' && DAY.test(text) && dayOf(dayNumber(text)) === text) return text;
  throw badRequest('cutDay must be a day like 2026-11-24.');
}

/** Access: planners and administrators by token, or anyone with a signed address without a token. @throws NoChart */
export function checkAccess(
  { secretKey, clock }: Parts,
  req: Request & { caller?: Caller | null },
  charted: Charted,
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

/** Answers with the chart that `draw` gives, or with why there is none. */
export async function answerChart(res: Response, draw: () => Promise<string>): Promise<void> {
  try {
    const svg = await draw();
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
}
