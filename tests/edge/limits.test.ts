// Every limit of a request holds on every way in, plain POST and Yoga's own, and is reported in few words, as in production.

import { readQueryLimits } from '../../src/config/queryLimits';
import { MAX_FAULTS, MAX_NESTING, MAX_NODES, MAX_PAGE } from '../../src/graphql/limits';
import { startApp, type TestApp } from '../support/app';

/** What applies when nothing is set. */
const LIMITS = readQueryLimits({});

let app: TestApp;
let token: string;
beforeAll(async () => {
  app = await startApp({ GRAPHIQL: 'false' });
  token = await app.token('ADMIN');
});
afterAll(() => app.close());

interface Asked {
  query: string;
  variables?: object;
}
interface Told {
  data?: Record<string, { __typename?: string; message?: string; path?: string } | null> | null;
  errors?: { message: string; extensions: { code: string } }[];
}
async function send(path: string, init: RequestInit, accept: string): Promise<string> {
  const headers = { accept, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (await fetch(`${app.url}${path}`, { ...init, headers })).text();
}
const post = (accept: string) => (asked: Asked) =>
  send('/graphql', { method: 'POST', body: JSON.stringify(asked) }, accept);

/** What Node takes of an address and the other headers. */
const MAX_ADDRESS = 12_000;
const WAYS: Record<string, (asked: Asked) => Promise<string | null>> = {
  'a plain POST': post('application/json'),
  'a POST that Yoga answers': post('application/json;q=1'),
  'a POST for a stream': post('text/event-stream'),
  'a GET': async ({ query, variables }) => {
    if (/^\s*(mutation|subscription)/.test(query)) return null;
    const search = new URLSearchParams({ query, variables: JSON.stringify(variables ?? {}) });
    if (search.toString().length > MAX_ADDRESS) return null;
    return send(`/graphql?${search}`, {}, 'application/json');
  },
};

const many = (n: number, say: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => say(i)).join(' ');
const LINES =
  'mutation ($lines: [SkuQuantityInput!]!) { receiveStock(input: { idempotencyKey: "l", location: "paris", lines: $lines }) { __typename ... on InvalidInput { message path } } }';
const BUDGET =
  'mutation ($budgets: [ReplenishmentBudgetInput!]!) { setReplenishmentBudget(input: { idempotencyKey: "b", budgets: $budgets }) { __typename } }';
const DAYS = { fromDay: '2026-11-01', toDay: '2026-11-30', amount: { amountMinor: 1, currency: 'EUR' } };
const REFUSED = 'QUERY_TOO_LARGE';
const INVALID = 'GRAPHQL_VALIDATION_FAILED';
const PARSED = 'GRAPHQL_PARSE_FAILED';

type Case = [what: string, code: string, words: RegExp, query: string, variables?: object];
const CASES: Case[] = [
  ['__schema', INVALID, /introspection/, '{ __schema { types { name } } }'],
  ['__type', INVALID, /introspection/, '{ __type(name: "Sku") { name } }'],
  [
    '__schema in a fragment',
    INVALID,
    /introspection/,
    'fragment F on Query { __schema { types { name } } } { ...F }',
  ],
  [
    'depth',
    REFUSED,
    /depth is 17; the most allowed is 12/,
    `{ orders(first: 1) { edges { node { ${'transfers { order { '.repeat(6)} lines { quantity } ${'} }'.repeat(6)} } } } }`,
  ],
  [
    'cost',
    REFUSED,
    /^This request costs [\d,]+ points; the most allowed is 200,000\. The most expensive fields: a0: orders\.edges\.node\.lines [\d,]+, a1: orders/,
    `{ ${many(5, (i) => `a${i}: orders(first: ${200 - i}) { edges { node { lines { sku { code name category } quantity reserved } } } }`)} }`,
  ],
  [
    'breadth',
    REFUSED,
    new RegExp(`breadth is \\d+; the most allowed is ${LIMITS.breadth}`),
    `{ ${many(60, (i) => `a${i}: viewer { name role locations { code name kind id active timeZone groups isOpen } }`)} }`,
  ],
  [
    'the same field at many positions',
    REFUSED,
    /too many positions/,
    `{ ${many(6, () => `... { ${many(150, () => '__typename')} }`)} }`,
  ],
  [
    'aliases',
    REFUSED,
    new RegExp(`more than ${LIMITS.aliases} aliases`),
    `{ ${many(LIMITS.aliases + 1, (i) => `a${i}: __typename`)} }`,
  ],
  [
    'aliases in fragments',
    REFUSED,
    /aliases/,
    `{ ...F } fragment F on Query { ${many(LIMITS.aliases + 1, (i) => `a${i}: __typename`)} }`,
  ],
  [
    'one field many times',
    REFUSED,
    new RegExp(`has 900 fields in one selection; the most allowed is ${LIMITS.selections}`),
    `{ ${many(900, () => '__typename')} }`,
  ],
  ['tokens', PARSED, /4000 tokens/, `{ ${many(20, () => `... { ${many(200, () => '__typename')} }`)} }`],
  [
    'characters',
    REFUSED,
    new RegExp(`the most allowed is ${LIMITS.characters}`),
    `{ __typename } #${'x'.repeat(LIMITS.characters)}`,
  ],
  ['a long text', REFUSED, /characters/, `{ sku(code: "${'x'.repeat(LIMITS.characters)}") { code } }`],
  [
    'brackets',
    REFUSED,
    new RegExp(`more than ${MAX_NESTING} brackets`),
    `{ ${'... { '.repeat(101)} __typename ${'}'.repeat(101)} }`,
  ],
  ['brackets of lists', REFUSED, /brackets/, `{ skus(after: ${'['.repeat(1_000)}`],
  [
    'a circle of fragments',
    INVALID,
    /within itself/,
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  ],
  [
    'fragments that double',
    REFUSED,
    /breadth/,
    `{ ...F0 } ${many(30, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F30 on Query { viewer { name } }`,
  ],
  ['directives', INVALID, /only be used once|@skip/, `{ __typename ${many(300, () => '@skip(if: true)')} }`],
  [
    'operations',
    'OPERATION_RESOLUTION_FAILURE',
    /what operation/,
    `{ __typename } ${many(400, (i) => `query q${i} { __typename }`)}`,
  ],
  ['variables', INVALID, /never used/, `query (${many(700, (i) => `$v${i}: Int`)}) { __typename }`],
  [
    'ids',
    'INVALID_INPUT',
    new RegExp(`0 to ${MAX_NODES}`),
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    { ids: Array(MAX_NODES + 1).fill('U2t1OjE=') },
  ],
  [
    'ids in the query',
    'INVALID_INPUT',
    new RegExp(`0 to ${MAX_NODES}`),
    `{ nodes(ids: [${many(MAX_NODES + 1, () => '"U2t1OjE="')}]) { id } }`,
  ],
  [
    'a subscription that is skipped',
    INVALID,
    /cannot be skipped/,
    'subscription { orderChanged(order: "x") @skip(if: true) { id } }',
  ],
  [
    'a subscription skipped in a fragment',
    INVALID,
    /cannot be skipped/,
    'subscription { ...F @include(if: false) } fragment F on Subscription { orderChanged(order: "x") { id } }',
  ],
  [
    'an unknown field',
    INVALID,
    /^Cannot query field "stockLevl" on type "Query"\.$/,
    '{ stockLevl { code } }',
  ],
  [
    'an unknown enum value',
    INVALID,
    /^Value "COLECTED" does not exist in "OrderStatus" enum\.$/,
    '{ orders(filter: { statuses: [COLECTED] }) { edges { cursor } } }',
  ],
  [
    'an unknown field of an input',
    'BAD_USER_INPUT',
    /"quantty" is not defined by type "SkuQuantityInput"\.$/,
    LINES,
    { lines: [{ sku: 'MUG', quantty: 1, quantity: 1 }] },
  ],
  [
    'a value quoted back',
    'BAD_USER_INPUT',
    /…$/,
    LINES,
    { lines: [{ sku: 'MUG', quantity: 'x'.repeat(50_000) }] },
  ],
  [
    'no whole number',
    'BAD_USER_INPUT',
    /BigInt is a whole number, e\.g\. 12, not an object or list\.$/,
    'query ($budget: MoneyInput) { whatIf(change: {}, budget: $budget) { __typename } }',
    { budget: { currency: 'EUR', amountMinor: { toString: 1 } } },
  ],
  [
    'no day',
    'BAD_USER_INPUT',
    /Date is a text like "2026-11-25" from the years 1000 to 8999, not an object or list\.$/,
    BUDGET,
    { budgets: [{ ...DAYS, toDay: { toString: 1 } }] },
  ],
  [
    'the year 0',
    'BAD_USER_INPUT',
    /Date is a text like "2026-11-25" from the years 1000 to 8999, not "0000-01-01"\.$/,
    'query ($day: Date) { forecast(sku: "MUG", location: "paris", cutDay: $day) { cutDay } }',
    { day: '0000-01-01' },
  ],
  ...['0000-01-01T00:00:00Z', '2026-13-01T00:00:00Z', '2026-11-25', 5].map(
    (from): Case => [
      'no instant',
      'BAD_USER_INPUT',
      /DateTime is a text like "2026-11-25T17:30:00Z" from the year 1000 on, not .*\.$/,
      'query ($from: DateTime) { orders(filter: { placedFrom: $from }) { edges { cursor } } }',
      { from },
    ],
  ),
];

test('a page is no longer than may be requested', async () => {
  await app.db.rows("INSERT INTO sku (code, name) SELECT 'S-' || i, 'S' FROM generate_series(1, $1::int) i", [
    MAX_PAGE + 50,
  ]);
  for (const page of ['first', 'last']) {
    const { data } = await app.gql(token, `{ skus(${page}: ${MAX_PAGE + 50}) { edges { cursor } } }`);
    expect(data.skus.edges).toHaveLength(MAX_PAGE);
  }
});

test.each([
  ['/charts/forecast/MUG/paris.svg?cutDay=0000-01-01', 400, /cutDay must be a day/],
  ['/charts/forecast/MUG/paris.svg?cutDay=9999-12-31', 400, /cutDay must be a day/],
  [`/charts/forecast/${'x'.repeat(3_000)}/paris.svg`, 404, /^There is no SKU 'x{100}'\.$/],
])('%.60s is refused in few words', async (path, status, words) => {
  const response = await fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const told = (await response.json()) as Told;
  expect([response.status, told.errors?.[0]?.message]).toEqual([status, expect.stringMatching(words)]);
});

test('an address and headers are as long as Node takes them', async () => {
  for (const [path, headers] of [
    [`/graphql?query={__typename}&x=${'y'.repeat(20_000)}`, {}],
    ['/graphql?query={__typename}', { 'x-long': 'y'.repeat(20_000) }],
  ] as const) {
    expect((await fetch(`${app.url}${path}`, { headers })).status).toBe(431);
  }
});

test('each limit of a query is a setting', async () => {
  const small = await startApp({
    MAX_QUERY_CHARACTERS: '1000',
    MAX_QUERY_TOKENS: '100',
    MAX_QUERY_ALIASES: '2',
    MAX_QUERY_DEPTH: '4',
    MAX_QUERY_BREADTH: '20',
    MAX_QUERY_SELECTIONS: '10',
    MAX_ANSWER_ERRORS: '3',
  });
  try {
    const storefront = await small.token('STOREFRONT');
    const message = async (query: string): Promise<string | undefined> =>
      (await small.gqlUntyped(storefront, query)).errors?.[0]?.message;
    expect(await message(`{ __typename } #${'x'.repeat(1_000)}`)).toMatch(/1016 characters.* 1000/);
    expect(await message(`{ ${'... { __typename } '.repeat(30)} }`)).toMatch(/100 tokens/i);
    expect(await message('{ a: __typename b: __typename c: __typename }')).toMatch(/more than 2 aliases/);
    expect(await message('{ reservations { edges { node { lines { sku { code } } } } } }')).toMatch(
      /depth is \d+.* 4\./,
    );
    expect(await message(`{ ${'viewer { __typename __typename } '.repeat(10)} }`)).toMatch(
      /breadth is \d+.* 20\./,
    );
    expect(await message(`{ ${'__typename '.repeat(11)} }`)).toMatch(/11 fields in one selection.* 10\./);
    const forbidden = ['jobRuns', 'actors', 'webhooks', 'importRuns', 'safetyStocks'];
    const { errors } = await small.gqlUntyped(
      storefront,
      `{ ${forbidden.map((field) => `${field} { pageInfo { hasNextPage } }`).join(' ')} }`,
    );
    expect(errors).toHaveLength(4);
    expect(errors!.at(-1)).toMatchObject({ extensions: { code: 'TOO_MANY_ERRORS', more: 2 } });
  } finally {
    await small.close();
  }
});

describe.each(Object.keys(WAYS))('%s', (way) => {
  const ask = async (asked: Asked): Promise<{ told: Told; length: number } | null> => {
    const text = await WAYS[way]!(asked);
    if (text === null) return null;
    const event = /^data: (.+)$/m.exec(text)?.[1];
    return { told: JSON.parse(event ?? text) as Told, length: text.length };
  };

  // Not as rows: jest gives a shorter row's test a callback to call.
  test.each(CASES.map((row) => ({ what: row[0], row })))('$what', async ({ row }) => {
    const [, code, words, query, variables] = row;
    const answer = await ask({ query, variables });
    if (answer === null) return; // a GET cannot say it
    const { told, length } = answer;
    expect(told.errors?.[0]).toEqual(
      expect.objectContaining({
        message: expect.stringMatching(words),
        extensions: expect.objectContaining({ code }),
      }),
    );
    expect(told.errors!.length).toBeLessThanOrEqual(MAX_FAULTS + 1);
    expect(length).toBeLessThan(20_000);
    expect(JSON.stringify(told)).not.toContain('Did you mean');
  });

  test('a list in an input', async () => {
    const lines = Array(1_001).fill({ sku: 'MUG', quantity: 1 });
    const answer = await ask({ query: LINES, variables: { lines } });
    if (answer === null) return;
    expect(answer.told.data?.receiveStock).toMatchObject({ __typename: 'InvalidInput', path: 'lines' });
  });
});
