// What is wrong with an answer: a 5xx, words that only we should read, a shape that the schema does not have.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { buildSchema, executeSync, isInterfaceType, parse } from 'graphql';
import { refusalCode } from '../../src/graphql/errors';
import type { RefusalKind } from '../../src/refusals';
import type { FuzzAnswer } from './fuzzClient';
import type { Sending } from './fuzzPost';

/** What no client may read: where our code lies, what the database said, how its tables are called. */
const LEAKS = [
  /node_modules|\.[jt]s:\d|\n\s+at |\bat \S+ \(\S+:\d/,
  /\b(SELECT|INSERT|UPDATE|DELETE)\b[^"]*\b(FROM|INTO|SET|WHERE)\b/,
  /violates|constraint|relation "|column "|duplicate key|out of range for|syntax error at|invalid byte|invalid input syntax/i,
  /prisma|postgres|unsupported unicode|\bpg_[a-z]{3}/i,
  /stock_level|stock_move|customer_order|order_line|_token\b|actor_location|safety_stock|purchase_|_line\b/,
  /Cannot read propert|is not a function|is not iterable|Invalid Date|Invalid time value|\[object/,
];
/** A sentence or two, and the client's own words in it. */
const MAX_MESSAGE = 1_001;
const MAX_ANSWER = 8_000_000;

// The schema as it is published: without resolvers, an answer can be executed as if it were the data.
const SCHEMA = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
const refusal = SCHEMA.getType('Refusal');
const REFUSALS = isInterfaceType(refusal) ? SCHEMA.getPossibleTypes(refusal).map((type) => type.name) : [];
const CODES = new Set([
  ...['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE', 'BAD_USER_INPUT'],
  ...[
    'METHOD_NOT_ALLOWED',
    'QUERY_TOO_LARGE',
    'TOO_MANY_ERRORS',
    'UNAUTHENTICATED',
    'FORBIDDEN',
    'UNAVAILABLE',
    'BAD_REQUEST',
    'NOT_FOUND',
  ],
  ...['UNSUPPORTED_MEDIA_TYPE', 'NOT_ACCEPTABLE', 'PAYLOAD_TOO_LARGE', 'PERSISTED_QUERY_NOT_SUPPORTED'],
  ...REFUSALS.map((name) => refusalCode(name as RefusalKind)),
]);

export interface JudgedAnswer {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: unknown[]; extensions?: { code?: string } }[];
}

/** The answer when it is one of GraphQL, or null. */
export function toldBy({ text, type }: FuzzAnswer): JudgedAnswer | null {
  if (!/json|event-stream|multipart/.test(type)) return null;
  try {
    const told = JSON.parse(
      type.startsWith('multipart') ? text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1) : text,
    ) as JudgedAnswer;
    return typeof told === 'object' && !Array.isArray(told) ? told : null;
  } catch {
    return null;
  }
}

/** Whether data is what this operation may be answered with. */
function shapeFaults(
  { query, variables, operationName }: NonNullable<Sending['operation']>,
  data: unknown,
): string[] {
  const { data: same, errors } = executeSync({
    schema: SCHEMA,
    document: parse(query),
    operationName,
    variableValues: variables,
    rootValue: data,
    fieldResolver: (source, _args, _context, { path }) => (source as Record<string, unknown>)[path.key],
    typeResolver: (value) => (value as { __typename?: string }).__typename,
  });
  // Without __typename in it nobody can tell.
  const first = errors?.find(({ message }) => !/must resolve to an Object type/.test(message));
  if (first) return [`not of the schema: ${first.message} at ${first.path?.join('.')}`];
  if (errors || isDeepStrictEqual(JSON.parse(JSON.stringify(same)), data)) return [];
  return ['the answer is not what was asked for'];
}

function messageFaults(message: unknown): string[] {
  if (typeof message !== 'string' || message.trim() === '') return ['an empty message'];
  if (message.length > MAX_MESSAGE) return [`a message of ${message.length} characters`];
  return LEAKS.filter((leak) => leak.test(message)).map((leak) => `the message shows ${leak}`);
}

/** The answers of a mutation's or query's fields that are refusals: their types' names. */
export function refusalsIn(told: JudgedAnswer | null): string[] {
  return Object.values(told?.data ?? {}).flatMap((answer) => {
    const name = (answer as { __typename?: unknown } | null)?.__typename;
    return typeof name === 'string' && REFUSALS.includes(name) ? [name] : [];
  });
}

/** What is wrong with an answer; empty when nothing is. */
export function faults(sending: Sending, heard: FuzzAnswer): string[] {
  const { status, type, text } = heard;
  if (text.length > MAX_ANSWER) return [`an answer of ${text.length} characters`];
  const told = toldBy(heard);
  const honest = status === 503 && told?.errors?.some((it) => it.extensions?.code === 'UNAVAILABLE');
  if (status >= 500 && !honest) return [`status ${status}`];
  if (told === null) {
    if (sending.operation && status !== 406) return [`no JSON: ${status} ${type}`];
    const shown = type === 'text/plain; version=0.0.4; charset=utf-8' || /svg/.test(type) ? [] : LEAKS;
    return shown.filter((leak) => leak.test(text)).map((leak) => `the answer shows ${leak}`);
  }
  const found: string[] = [];
  if (sending.operation && told.data === undefined && told.errors === undefined)
    found.push('neither data nor errors');
  for (const { message, extensions } of told.errors ?? []) {
    const code = extensions?.code;
    if (code === undefined || !CODES.has(code)) found.push(`the code ${code}`);
    found.push(...messageFaults(message));
  }
  for (const answer of Object.values(told.data ?? {})) {
    if (typeof answer === 'object' && answer !== null && 'message' in answer && '__typename' in answer) {
      if (REFUSALS.includes(String(answer.__typename))) found.push(...messageFaults(answer.message));
    }
  }
  if (told.data && sending.operation) found.push(...shapeFaults(sending.operation, told.data));
  return [...new Set(found)];
}

/** What kind of answer it was, for the shares that are printed at the end. */
export function kindsOf(heard: FuzzAnswer): string[] {
  const told = toldBy(heard);
  const kinds = [`HTTP ${heard.status || 'none'}`];
  if (told?.data) kinds.push(told.errors ? 'data and errors' : 'data');
  kinds.push(...refusalsIn(told).map((name) => `refusal ${name}`));
  kinds.push(...new Set((told?.errors ?? []).map((it) => `error ${it.extensions?.code}`)));
  return kinds;
}
