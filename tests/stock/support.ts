// Short words for the stock's mutations over HTTP.

import type { GraphQLAnswer, TestApp } from '../support/app';

const LEVELS = 'levels { sku { code } location { code } available reserved quarantine onHand countedAt }';
const COUNT =
  'id sku { code } location { code } status reason expected counted difference countedAt postedAt';

const SUCCESS: Record<string, string> = {
  receiveStock: LEVELS,
  adjustStock: LEVELS,
  quarantineStock: LEVELS,
  releaseQuarantine: LEVELS,
  countStock: `${LEVELS} counts { ${COUNT} }`,
  openCount: `counts { ${COUNT} }`,
  approveCount: `count { ${COUNT} }`,
  cancelCount: `count { ${COUNT} }`,
  setSafetyStock: 'safetyStocks { sku { code } location { code } channel quantity } removed',
};
const SHORT = '... on NotEnoughStock { bucket lines { sku location requested available } }';
const REFUSALS: Record<string, string> = {
  adjustStock: SHORT,
  quarantineStock: SHORT,
  releaseQuarantine: SHORT,
  countStock: `... on StaleCount { stale: lines { sku location expected actual } }
    ... on ReservedExceedsCount { over: lines { sku location reserved counted } }`,
  approveCount: `${SHORT} ... on WrongState { state allowedStates }`,
  cancelCount: '... on WrongState { state allowedStates }',
};

const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

/** Sends one of the stock's mutations and gives its answer's union member. */
export async function stockAct(
  app: TestApp,
  token: string | null,
  name: string,
  input: Record<string, unknown>,
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
): Promise<{ answer: any; errors: GraphQLAnswer['errors']; status: number }> {
  const query = `mutation ($input: ${capital(name)}Input!) {
    answer: ${name}(input: $input) {
      __typename
      ... on Refusal { message }
      ... on InvalidInput { path }
      ... on NotFound { what keys }
      ... on KeyReused { firstAction }
      ${REFUSALS[name] ?? ''}
      ... on ${capital(name)}Success { ${SUCCESS[name]} }
    }
  }`;
  const { data, errors, status } = await app.gql(token, query, { input });
  return { answer: data?.answer, errors, status };
}

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
