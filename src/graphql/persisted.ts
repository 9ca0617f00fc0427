// Persisted operations: a list of the operations of a client, made when that client is built; it then sends an operation's id
// instead of its text, and a storefront can be restricted to the list.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { NextFunction, Request, Response } from 'express';
import { type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import type { Caller } from '../access/rules/roles';
import type { Config } from '../config/config';
import { OperatorError } from '../refusals';
import { answerError } from './errors';
import { isRecord, PARAMETERS } from './plainPost';
import { withWideVariables } from './wideVariables';

export const MAX_OPERATIONS = 10_000;
/** An id in a message: it came from outside. */
const MAX_SHOWN = 80;
/** Ids that begin so are the document's own hash (GraphQL over HTTP, Appendix A); every other id is the client's affair. */
const HASH_PREFIX = 'sha256:';

const shown = (id: string): string => `'${id.slice(0, MAX_SHOWN)}'`;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const bare = (id: string): string => (id.startsWith(HASH_PREFIX) ? id.slice(HASH_PREFIX.length) : id);

type Listed = [id: string, text: unknown];

/** Ids and texts of `{"<id>": "<document>"}` (GraphQL Code Generator, Relay) or of Apollo's manifest. */
function entriesOf(manifest: unknown): Listed[] | null {
  if (!isRecord(manifest)) return null;
  if (!Array.isArray(manifest.operations)) return Object.entries(manifest);
  if (!manifest.operations.every((one) => isRecord(one) && typeof one.id === 'string')) return null;
  return (manifest.operations as { id: string; body: unknown }[]).map(({ id, body }) => [id, body]);
}

/** Why a text cannot be answered under its id; null when it can. */
function faultOf([id, text]: Listed, schema: GraphQLSchema, maxCharacters: number): string | null {
  if (typeof text !== 'string') return 'has no text';
  if (text.length > maxCharacters) return `has more than ${maxCharacters} characters`;
  if (id.startsWith(HASH_PREFIX) && bare(id) !== hashOf(text)) return 'is not the hash of its text';
  try {
    const [fault] = validate(schema, parse(text), withWideVariables(specifiedRules));
    return fault ? `does not fit the schema: ${fault.message}` : null;
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}

/**
 * The texts by id (without `sha256:`), each of them valid: a deployment fails early instead of a request in its
 * shop. @throws OperatorError
 */
function readOperations(file: string, schema: GraphQLSchema, maxCharacters: number): Map<string, string> {
  const problem = (what: string): OperatorError =>
    new OperatorError(`PERSISTED_OPERATIONS (${file}): ${what.replace(/\.$/, '')}.`);
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw problem(error instanceof SyntaxError ? 'the file is not JSON' : (error as Error).message);
  }
  const listed = entriesOf(manifest);
  if (listed === null) {
    throw problem('the file must be {"<id>": "<document>", …} or a manifest of Apollo’s with its operations');
  }
  if (listed.length > MAX_OPERATIONS) {
    throw problem(`the file has ${listed.length} operations; the most allowed is ${MAX_OPERATIONS}`);
  }
  const texts = new Map<string, string>();
  for (const one of listed) {
    const fault = faultOf(one, schema, maxCharacters);
    if (fault !== null) throw problem(`operation ${shown(one[0])} ${fault}`);
    const [id, text] = [bare(one[0]), one[1] as string];
    if ((texts.get(id) ?? text) !== text) throw problem(`operation ${shown(id)} has two texts`);
    texts.set(id, text);
  }
  return texts;
}

/** The id in the parameters of a request: `documentId`, or Apollo's extension. Undefined: no id. */
function idOf({ documentId, extensions }: Record<string, unknown>): unknown {
  if (documentId != null) return documentId;
  const named = isRecord(extensions) ? extensions.persistedQuery : undefined;
  return isRecord(named) ? named.sha256Hash : undefined;
}

/** The parameters in the address of a GET, read as Yoga will read it. */
function parametersInAddress(address: string): URLSearchParams {
  const mark = address.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : address.slice(mark + 1));
}

function parsedOrNothing(json: string | null): unknown {
  try {
    return JSON.parse(json ?? 'null');
  } catch {
    return undefined;
  }
}

/** An address with exactly these parameters: Yoga reads parameters behind the first `?` of the whole URL. */
function addressOf(path: string, parameters: URLSearchParams, query: unknown): string {
  const kept = new URLSearchParams();
  for (const name of PARAMETERS) if (parameters.has(name)) kept.set(name, parameters.get(name)!);
  if (query != null) kept.set('query', String(query));
  return `${path}?${kept}`;
}

type HttpRefusal = [status: number, code: string, message: string];

/** The query of a request, from its own text or the list, or the reason why it is refused. */
function queryOf(
  parameters: Record<string, unknown>,
  texts: Map<string, string> | null,
  pageTexts: ReadonlyMap<string, string>,
): { query: unknown; named: boolean } | HttpRefusal {
  const id = idOf(parameters);
  if (parameters.query != null) {
    return parameters.documentId != null
      ? [400, 'BAD_REQUEST', 'Send documentId or query, not both.']
      : { query: parameters.query, named: false };
  }
  if (id === undefined) return { query: null, named: false };
  if (typeof id !== 'string') return [400, 'BAD_REQUEST', 'The id of an operation must be a text.'];
  const ofPage = pageTexts.get(bare(id));
  if (ofPage !== undefined) return { query: ofPage, named: true };
  if (texts === null) {
    const message = 'This server has no list of operations; send the query itself.';
    return [400, 'PERSISTED_QUERY_NOT_SUPPORTED', message];
  }
  const query = texts.get(bare(id));
  if (query !== undefined) return { query, named: true };
  const message = `There is no operation ${shown(id)} in this server’s list; send the query itself, or put it on the list.`;
  return [400, 'PERSISTED_QUERY_NOT_FOUND', message];
}

const UNLISTED: HttpRefusal = [
  403,
  'PERSISTED_QUERY_ONLY',
  'A storefront may run only the operations of this server’s list; name one by documentId.',
];

const NOT_OF_A_PAGE: HttpRefusal = [
  403,
  'PERSISTED_QUERY_ONLY',
  'Sessions of people run only the operations of the pages of this server; a program signs in with a token.',
];

/** A request with what its sign-in found. */
type AuthenticatedRequest = Request & { caller?: Caller | null; credential?: { kind: 'TOKEN' | 'SESSION' } };

/**
 * Puts the listed text into requests that name it, so that later handlers see an ordinary request; requests cannot add to the
 * list. The operations of our own pages (`pageTexts`) can always be named. Where storefronts are restricted to the list, their tokens
 * (and requests without one) get nothing else answered, by text or by id: a stolen token can do no more than the website does. Where
 * sessions are restricted to pages, a script that got into a page can do no more than the page. @throws OperatorError
 */
export function persistedOperations(
  { persistedOperations: file, persistedOperationsOnly: only, queryLimits, sessions }: Config,
  schema: GraphQLSchema,
  pageTexts: ReadonlyMap<string, string> = new Map(),
) {
  const texts = file === null ? null : readOperations(file, schema, queryLimits.characters);
  const listed = new Set<unknown>(texts?.values());
  const ofPages = new Set<unknown>(pageTexts.values());
  return (req: AuthenticatedRequest, res: Response, next: NextFunction): void => {
    const address = req.method === 'GET' ? parametersInAddress(req.originalUrl) : null;
    const parameters: unknown = address
      ? { ...Object.fromEntries(address), extensions: parsedOrNothing(address.get('extensions')) }
      : req.body;
    if (isRecord(parameters)) {
      const resolved = queryOf(parameters, texts, pageTexts);
      if (Array.isArray(resolved)) return void answerError(res, ...resolved);
      const { query, named } = resolved;
      const bound = only && (req.caller == null || req.caller.role === 'STOREFRONT');
      if (bound && query != null && !listed.has(query)) return void answerError(res, ...UNLISTED);
      const isPage = sessions.pageOperationsOnly && req.credential?.kind === 'SESSION';
      if (isPage && query != null && !ofPages.has(query)) return void answerError(res, ...NOT_OF_A_PAGE);
      if (address !== null && (named || bound)) req.originalUrl = addressOf(req.path, address, query);
      else if (named) {
        const { documentId, ...others } = parameters;
        req.body = { ...others, query };
      }
    }
    next();
  };
}
