// Final treatment of errors: what a client may read, and what is only logged under an id.

import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { isUnreachable, lostToOthers } from '../db/transaction';
import { REFUSAL_KINDS, refusals, unexpectedErrors } from '../metrics';
import { Forbidden, type RefusalKind, Refused } from '../refusals';

/** A request that cannot be meant, as queries answer it. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** A cursor that no answer of ours ever gave. */
export function badCursor(path?: string): GraphQLError {
  return badInput(`${path ?? 'This'} is not a cursor of this list; send the cursor of an earlier page.`);
}

/** Our own messages are a sentence or two; a longer one quotes the client's input and is cut. */
const MAX_MESSAGE = 1_000;

/** The hint in which graphql-js suggests valid names; removed for callers that may not introspect the schema. */
const SUGGESTION = / Did you mean [^?]*\?$/;

/** The error with its message cut to a readable length, and with a code: this one when it has none. */
export function clipped(error: GraphQLError, code: string, suggests = true): GraphQLError {
  const message = suggests ? error.message : error.message.replace(SUGGESTION, '');
  const { extensions, nodes, source, positions, path, originalError } = error;
  const short = message.length <= MAX_MESSAGE;
  if (short && message === error.message && extensions.code !== undefined) return error;
  return new GraphQLError(short ? message : `${message.slice(0, MAX_MESSAGE)}…`, {
    nodes,
    source,
    positions,
    path,
    originalError,
    extensions: { ...extensions, code: extensions.code ?? code },
  });
}

/** Seconds a client should wait before it retries. */
export const RETRY_AFTER_SECONDS = '1';

/** Answers before GraphQL like GraphQL does, so that a client needs one way to read errors. */
export function answerError(res: Response, status: number, code: string, message: string): void {
  res.status(status).json({ errors: [{ message, extensions: { code } }] });
}

/** A refusal as an error code, in the case of all other codes: InvalidInput is INVALID_INPUT. */
export function refusalCode(kind: RefusalKind): string {
  return kind.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

/** Turns any error of execution into what the client may see. Unknown ones are logged and answered with their id. */
export function presentError(error: unknown, log: Logger, suggests = false): GraphQLError {
  const original = error instanceof GraphQLError ? error.originalError : error;
  const where = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  if (original instanceof Refused) {
    const { kind, message, ...facts } = original.data;
    refusals.inc({ kind: REFUSAL_KINDS.of(kind) });
    return new GraphQLError(message, { ...where, extensions: { code: refusalCode(kind), ...facts } });
  }
  if (original instanceof Forbidden) {
    return new GraphQLError(original.message, { ...where, extensions: { code: 'FORBIDDEN' } });
  }
  // graphql-js' own errors (syntax, validation, coercion) speak about the request only. Those that wrap a
  // foreign error could carry anything.
  if (error instanceof GraphQLError && (original == null || original instanceof GraphQLError)) {
    return clipped(error, 'BAD_USER_INPUT', suggests);
  }
  const lost = lostToOthers(original);
  if (lost || isUnreachable(original)) {
    const what = lost ? 'Too many requests want the same things just now' : 'The database is out of reach';
    log.warn({ err: original }, what);
    return new GraphQLError(`${what}; try again in a moment with the same idempotencyKey.`, {
      ...where,
      extensions: {
        code: 'UNAVAILABLE',
        http: { status: 503, headers: { 'retry-after': RETRY_AFTER_SECONDS } },
      },
    });
  }
  unexpectedErrors.inc();
  const id = randomUUID();
  log.error({ err: original, errorId: id }, 'unexpected error');
  return new GraphQLError(`Something went wrong on our side; the log has it under ${id}.`, {
    ...where,
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  });
}
