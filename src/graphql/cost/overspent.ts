// Errors of requests with a cost above the limit, when estimated or because their lists turned out longer than usual.

import { GraphQLError } from 'graphql';
import { oncePer } from '../../values/oncePer';
import type { Budget } from './budget';

export const TOO_COSTLY = 'QUERY_TOO_LARGE';
const HOW = 'Ask for fewer fields, shorter lists or smaller pages, or in several requests.';

const points = (n: number): string => Math.round(n).toLocaleString('en');

/** @param dearest the most expensive fields, the first first */
export function tooCostly(
  cost: number,
  limit: number,
  mostExpensive: readonly { path: string; cost: number }[],
): GraphQLError {
  const most = mostExpensive.map((field) => `${field.path} ${points(field.cost)}`).join(', ');
  return new GraphQLError(
    `This request costs ${points(cost)} points; the most allowed is ${points(limit)}. The most expensive fields: ${most}. ${HOW}`,
    { extensions: { code: TOO_COSTLY, cost: Math.round(cost), limit, fields: mostExpensive } },
  );
}

/** More was read than estimated for the request. One error per request, as creating an error has a cost, too. */
export const overspent = oncePer(
  ({ spent, limit }: Budget) =>
    new GraphQLError(
      `This request has come to ${points(spent)} points, as its lists are longer than usual; the most allowed is ${points(limit)}. ${HOW}`,
      { extensions: { code: TOO_COSTLY, cost: Math.round(spent), limit } },
    ),
);
