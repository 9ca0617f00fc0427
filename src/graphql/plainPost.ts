// A short path for the usual request, a JSON POST that accepts JSON: Yoga's own pipeline (its plugins, caches, limits
// and masking) without a Fetch request and response being made for each. Everything else goes Yoga's own way.

import type { Request, Response } from 'express';
import {
  type FetchAPI,
  type GraphQLParams,
  processRegularResult,
  type YogaServerInstance,
} from 'graphql-yoga';

const JSON_TYPE = 'application/json';
const GRAPHQL_JSON_TYPE = 'application/graphql-response+json';
/** The `accept` of clients that want one JSON answer, and the content type they get; Yoga negotiates all others. */
const ANSWERED_WITH = new Map<string, string>([
  ['', JSON_TYPE],
  ['*/*', JSON_TYPE],
  [JSON_TYPE, JSON_TYPE],
  [GRAPHQL_JSON_TYPE, GRAPHQL_JSON_TYPE],
  ['application/json, text/plain, */*', JSON_TYPE],
  ['application/graphql-response+json, application/json', GRAPHQL_JSON_TYPE],
  ['application/graphql-response+json,application/json;q=0.9', GRAPHQL_JSON_TYPE],
]);

/** Forms that an answer may have. */
const FORMS = [JSON_TYPE, GRAPHQL_JSON_TYPE, 'text/event-stream', 'multipart/mixed'];
export const ANSWER_FORMS = FORMS.join(', ');

/** Whether Yoga will find a form for this `accept`. Yoga checks only after execution: a refusal must come before. */
export function isAnswerable(accept = ''): boolean {
  if (ANSWERED_WITH.has(accept)) return true;
  const accepted = accept.replace(/\s/g, '').toLowerCase().split(',');
  return accepted.some((one) => {
    const [range, ...parameters] = one.split(';');
    const [type, subtype] = range!.split('/');
    const charset = parameters.find((parameter) => parameter.includes('charset='));
    if (charset !== undefined && charset !== 'charset=utf-8') return false;
    return FORMS.some((form) => {
      const [ours, our] = form.split('/');
      return (type === '*' || type === ours) && (subtype === '*' || subtype === our);
    });
  });
}

/** An object of JSON, not a list. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The parameters that a GraphQL request may have. */
export const PARAMETERS = ['query', 'variables', 'operationName', 'extensions'];

/** A body that Yoga would take as it is. Whatever has a fault is left to Yoga to explain; a subscription is a stream. */
function isPlain(body: unknown): body is GraphQLParams {
  if (!isRecord(body)) return false;
  const { query, variables, operationName, extensions } = body;
  return (
    typeof query === 'string' &&
    !query.includes('subscription') &&
    (variables == null || isRecord(variables)) &&
    (extensions == null || isRecord(extensions)) &&
    (operationName == null || typeof operationName === 'string') &&
    Object.keys(body).every((name) => PARAMETERS.includes(name))
  );
}

/** What `processRegularResult` returns instead of a Fetch response: the plain facts of the answer. */
class PlainAnswer {
  constructor(
    readonly body: string,
    readonly init: { status: number; headers: Record<string, string> },
  ) {}
}
const PLAIN = { Response: PlainAnswer } as unknown as FetchAPI;
/** The parts of the Fetch request that Yoga's plugins read. */
const POST = { method: 'POST' } as unknown as globalThis.Request;

/**
 * Answers the request when it is a plain one; false when it is Yoga's to answer. What a client sees is the same on both
 * ways: status, headers and body come from the same functions of Yoga's.
 */
export async function answerPlainPost<C extends { req: Request; res: Response }, U extends object>(
  yoga: YogaServerInstance<C, U>,
  incoming: C,
): Promise<boolean> {
  const { req, res } = incoming;
  const type = ANSWERED_WITH.get(req.headers.accept ?? '');
  if (req.method !== 'POST' || type === undefined || !isPlain(req.body)) return false;
  const context = { ...incoming, request: POST, waitUntil: () => {} } as unknown as C;
  const result = await yoga.getResultForParams({ params: req.body, request: POST }, context);
  const { body, init } = processRegularResult(
    result as Parameters<typeof processRegularResult>[0],
    PLAIN,
    type,
  ) as unknown as PlainAnswer;
  const headers: Record<string, string | number> = { 'content-length': Buffer.byteLength(body) };
  for (const [name, value] of Object.entries(init.headers)) headers[name.toLowerCase()] = value;
  res.writeHead(init.status, headers).end(body);
  return true;
}
