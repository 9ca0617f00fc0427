// Short words for the stock's mutations over HTTP.

import type { TestApp } from '../support/app';
import { capitalized, sendMutation } from '../support/graphqlClient';

const LEVELS = 'levels { sku { code } location { code } available reserved quarantine onHand countedAt }';
const COUNT =
  'id sku { code } location { code } status reason expected counted difference countedAt postedAt';

const SHORT = '... on NotEnoughStock { bucket lines { sku location requested available } }';
const STATE = '... on WrongState { state allowedStates }';

const mutation = <const Name extends string, const Success extends string, const More extends string = ''>(
  name: Name,
  success: Success,
  more = '' as More,
) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename
    ... on Refusal { message } ... on InvalidInput { path } ... on NotFound { what keys } ... on KeyReused { firstAction }
    ${more} ... on ${capitalized(name)}Success { ${success} } } }` as const;
const MUTATIONS = {
  receiveStock: mutation('receiveStock', LEVELS),
  adjustStock: mutation('adjustStock', LEVELS, SHORT),
  quarantineStock: mutation('quarantineStock', LEVELS, SHORT),
  releaseQuarantine: mutation('releaseQuarantine', LEVELS, SHORT),
  countStock: mutation(
    'countStock',
    `${LEVELS} counts { ${COUNT} }`,
    `... on StaleCount { stale: lines { sku location expected actual } }
    ... on ReservedExceedsCount { over: lines { sku location reserved counted } }`,
  ),
  openCount: mutation('openCount', `counts { ${COUNT} }`),
  approveCount: mutation('approveCount', `count { ${COUNT} }`, `${SHORT} ${STATE}`),
  cancelCount: mutation('cancelCount', `count { ${COUNT} }`, STATE),
  setSafetyStock: mutation(
    'setSafetyStock',
    'safetyStocks { sku { code } location { code } channel quantity } removed',
  ),
};
export type StockMutation = keyof typeof MUTATIONS;

/** Sends one of the stock's mutations and gives its answer's union member. */
export const stockAct = <Name extends StockMutation>(
  app: TestApp,
  token: string | null,
  name: Name,
  input: Record<string, unknown>,
) => sendMutation(app, MUTATIONS, name, token, input);

let keys = 0;
/** An idempotency key never used before in this file. */
export const fresh = (): string => {
  keys += 1;
  return `key-${keys}`;
};

/** Units of every bucket of one shelf. */
export async function levelAt(app: TestApp, location: string, sku: string): Promise<Record<string, number>> {
  const [row] = await app.db.rows<Record<string, number>>(
    `SELECT available, reserved, staged, quarantine, in_transit AS "inTransit" FROM stock_level
     JOIN location l ON l.id = location_id JOIN sku s ON s.id = sku_id WHERE l.code = $1 AND s.code = $2`,
    [location, sku],
  );
  return row ?? { available: 0, reserved: 0, staged: 0, quarantine: 0, inTransit: 0 };
}
