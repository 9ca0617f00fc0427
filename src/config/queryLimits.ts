// Settings of one GraphQL request: how large its document may be, what it may cost, and how many errors its answer lists.

import { type Env, whole } from './env';

/** Limits of one GraphQL request, the same for every caller. */
export interface QueryLimits {
  /** Points that one request may cost; a point is about a microsecond of processor time. */
  cost: number;
  /** Characters of its text. Texts and comments are one token however long they are, so tokens alone do not limit it. */
  characters: number;
  tokens: number;
  aliases: number;
  /** Fields within fields. */
  depth: number;
  /** Fields, each counted where it is selected. */
  breadth: number;
  /** Fields and fragments between one pair of braces: whether they can be merged is compared for each two of them. */
  selections: number;
  /** Errors that one answer lists. */
  errors: number;
}

/** @throws OperatorError */
export function readQueryLimits(env: Env): QueryLimits {
  return {
    cost: whole(env, 'MAX_QUERY_COST', 10_000, 100_000_000),
    characters: whole(env, 'MAX_QUERY_CHARACTERS', 1_000, 500_000),
    tokens: whole(env, 'MAX_QUERY_TOKENS', 100, 50_000),
    aliases: whole(env, 'MAX_QUERY_ALIASES', 0, 10_000),
    depth: whole(env, 'MAX_QUERY_DEPTH', 3, 50),
    breadth: whole(env, 'MAX_QUERY_BREADTH', 10, 10_000),
    selections: whole(env, 'MAX_QUERY_SELECTIONS', 10, 1_000),
    errors: whole(env, 'MAX_ANSWER_ERRORS', 1, 10_000),
  };
}
