// Checks of a request before it is executed: its address, method, body and headers, each with its own answer.

import { answerError } from '../graphql/errors';
import { ANSWER_FORMS, isAnswerable, PARAMETERS } from '../graphql/plainPost';
import type { ApiHandler } from './request';

const TIMEOUT_HEADER = 'x-request-timeout-ms';
const MAX_TIMEOUT_MS = 120_000;

/** Reads the deadline that a client may send, and watches its connection, so that work is not started in vain. */
export const readDeadline: ApiHandler = (req, res, next) => {
  const text = req.headers[TIMEOUT_HEADER];
  const ms = text === undefined ? Number.POSITIVE_INFINITY : Number(text);
  if (text !== undefined && !(Number.isInteger(ms) && ms >= 1 && ms <= MAX_TIMEOUT_MS)) {
    const message = `The header ${TIMEOUT_HEADER} is whole milliseconds from 1 to ${MAX_TIMEOUT_MS}: how long you wait for the answer.`;
    return answerError(res, 400, 'BAD_REQUEST', message);
  }
  req.deadline = { expiresAt: performance.now() + ms, isAborted: () => res.destroyed };
  next();
};

/** Yoga reads the whole address as a URL, and shows its stack where that fails. */
export const onlyUrls: ApiHandler = (req, res, next) => {
  if (URL.canParse(`http://${req.headers.host ?? 'localhost'}${req.originalUrl}`)) return next();
  answerError(
    res,
    400,
    'BAD_REQUEST',
    'The Host header is not a host; send the one of the address you called.',
  );
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A query by GET carries JSON in its address. */
export const onlyJsonParameters: ApiHandler = (req, res, next) => {
  const { query } = req;
  const wrong = ['variables', 'extensions'].find((name) => query[name] && !isJson(String(query[name])));
  if (wrong === undefined) return next();
  answerError(res, 400, 'BAD_REQUEST', `The parameter ${wrong} is not valid JSON.`);
};

/** JSON is the one form a POST may have: any other is refused with that reason instead of being guessed at. */
export const onlyJson: ApiHandler = (req, res, next) => {
  if (req.method !== 'POST' || req.is('application/json')) return next();
  answerError(
    res,
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    'Send the query as JSON with the header content-type: application/json.',
  );
};

/** Refuses a request when the client would not accept the form of its answer, before its command is executed. */
export const onlyAnswerable: ApiHandler = (req, res, next) => {
  if (req.method !== 'POST' || isAnswerable(req.headers.accept)) return next();
  answerError(res, 406, 'NOT_ACCEPTABLE', `The header accept must allow one of ${ANSWER_FORMS}.`);
};

const MAX_SHOWN = 80;

/**
 * Yoga would read an empty body once more, and return the error of JSON.parse; and one with a `then` it would take
 * for a promise.
 */
export const onlyParameters: ApiHandler = (req, res, next) => {
  const isList = Array.isArray(req.body) && req.body.length > 0;
  if (req.method !== 'POST' || isList) return next();
  const entries = Object.entries((req.body as object | undefined) ?? {});
  const odd = entries.find(([name, value]) => value !== null && !PARAMETERS.includes(name));
  if (entries.length > 0 && odd === undefined) return next();
  const message = odd
    ? `Unexpected parameter "${odd[0].slice(0, MAX_SHOWN)}" in the request body.`
    : 'The body has no query; send {"query": "…"}, with variables if it has some.';
  answerError(res, 400, 'BAD_REQUEST', message);
};

/** Answers 405 to methods that the route does not have; Express would answer OPTIONS itself. */
export function onlyMethods(...allowed: string[]): ApiHandler {
  return (req, res, next) => {
    if (allowed.includes(req.method)) return next();
    res.setHeader('allow', allowed.join(', '));
    answerError(res, 405, 'METHOD_NOT_ALLOWED', `This address can be called with ${allowed.join(' and ')}.`);
  };
}
