// importSales, importRuns, importRejects and upsertSkuAliases: what feeds send and planners see.

import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { salesFiles } from './support';

let app: TestApp;
let feed: string;
let planner: string;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp();
  feed = await app.token('FEED', 'till-feed');
  planner = await app.token('PLANNER', 'pia');
});
afterEach(() => on.forget());
afterAll(async () => {
  on.end();
  await app.close();
});

const REFUSALS = '... on Refusal { message } ... on InvalidInput { path } ... on NotFound { keys }';
const IMPORT = `mutation ($input: ImportSalesInput!) { importSales(input: $input) { __typename ${REFUSALS}
  ... on ImportSalesSuccess { accepted changed unchanged rejects { line code reason } run { number feed status lastDay } } } }` as const;
const ALIASES =
  `mutation ($input: UpsertSkuAliasesInput!) { upsertSkuAliases(input: $input) { __typename ${REFUSALS}
  ... on UpsertSkuAliasesSuccess { moved } } }` as const;

type Line = Record<string, unknown>;
async function send(lines: Line[], more: object = {}, token = feed) {
  const input = { idempotencyKey: freshKey(), feed: 'till', lines, ...more };
  const answer = await app.gql(token, IMPORT, { input });
  return { ...answer.errors?.[0], ...answer.data?.importSales };
}
const line = (more: Line = {}): Line => ({
  document: 'B1',
  line: '1',
  sku: 'MUG',
  units: 2,
  day: '2026-11-24',
  location: 'paris',
  revenueMinor: 1980,
  ...more,
});
async function alias(code: string, sku: string) {
  const input = { idempotencyKey: freshKey(), aliases: [{ code, sku }] };
  return (await app.gql(planner, ALIASES, { input })).data.upsertSkuAliases;
}

test('lines go in, again they change nothing, corrected they correct; bad ones are answered with reasons', async () => {
  const lines = [line(), line({ line: '2', sku: 'NOPE' }), line({ line: '3', day: '2027-01-01' })];
  const answer = await send(lines, { idempotencyKey: 'first' });
  expect(answer).toMatchObject({
    __typename: 'ImportSalesSuccess',
    accepted: 1,
    changed: 1,
    unchanged: 0,
    rejects: [
      { line: 2, code: 'UNKNOWN_SKU' },
      { line: 3, code: 'FUTURE_DAY' },
    ],
    run: { feed: 'till', status: 'DONE', lastDay: '2026-11-24' },
  });
  expect(await send(lines, { idempotencyKey: 'first' })).toEqual(answer);
  expect(await send(lines)).toMatchObject({ accepted: 1, changed: 0, unchanged: 1 });
  expect(await send([line({ units: 5, revenueMinor: 4950 })])).toMatchObject({ changed: 1 });
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-24': [5, 0, 4950] });
});

test('a receipt is one whatever blanks, case and invisible characters its number is written with', async () => {
  await send([line({ document: 'A-1b', till: 'k2' })]);
  for (const [document, till] of [
    [' a-1B', 'K2'],
    ['A \u2011 1b\u200b', ' k2\u00ad'],
    ['\ufeffa-1b\r', 'k 2'],
  ]) {
    expect(await send([line({ document, till })])).toMatchObject({ accepted: 1, changed: 0, unchanged: 1 });
  }
  await on.lines(['document,till,line,sku,units,day,revenue', 'a-1B,K2,1,MUG,2,2026-11-24,19.80']);
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-24': [2, 0, 1980] });
});

test('a return sent later is matched; a file and the mutation speak of the same lines', async () => {
  await send([line({ customer: 'anna' })]);
  await on.lines([
    'document,line,sku,units,day,revenue,customer',
    'B1,1,MUG,2,2026-11-24,19.80,anna',
    'B2,1,MUG,-1,2026-11-25,9.90,anna',
  ]);
  expect(await on.facts()).toEqual({
    'paris MUG STORE 2026-11-24': [2, 0, 1980],
    'paris MUG STORE 2026-11-25': [0, 1, 0],
  });
  expect(await on.events()).toMatchObject([{ saleDay: '2026-11-24', returnDay: '2026-11-25', units: 1 }]);
});

test('whole days, of years that had no partition yet', async () => {
  const day = { sku: 'MUG', units: 3, returned: 1, location: 'lyon', channel: 'ONLINE' };
  expect(await send([{ ...day, day: '2015-06-01' }])).toMatchObject({ accepted: 1 });
  expect(await send([{ ...day, day: '2015-06-01', units: 4 }])).toMatchObject({ changed: 1 });
  expect(await on.facts()).toEqual({ 'lyon MUG ONLINE 2015-06-01': [4, 1, 0] });
});

test.each([
  ['no lines', [], 'lines'],
  ['1,001 lines', Array.from({ length: 1_001 }, () => line()), 'lines'],
  ['numbers for some lines only', [line(), line({ line: null })], 'lines'],
  ['a text too long', [line({ customer: 'x'.repeat(201) })], 'lines.0.customer'],
  ['a NUL', [line({ document: 'a\u0000' })], 'lines.0.document'],
])('refuses %s', async (_what, lines, path) => {
  expect(await send(lines)).toMatchObject({ __typename: 'InvalidInput', path });
});

test('one feed states lines or days, and never as Comptoir itself; others may not import', async () => {
  await send([line()]);
  expect(await send([line({ document: null, line: null })])).toMatchObject({ __typename: 'InvalidInput' });
  expect(await send([line()], { feed: 'comptoir' })).toMatchObject({ __typename: 'InvalidInput' });
  const shop = await app.token('STAFF', undefined, ['paris']);
  expect((await send([line()], {}, shop)).extensions?.code).toBe('FORBIDDEN');
});

test('ten requests with the same lines at once: stored once', async () => {
  const lines = Array.from({ length: 50 }, (_, i) => line({ line: String(i), customer: `c${i % 3}` }));
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(lines)));
  expect(answers.map((a) => a.accepted)).toEqual(Array(10).fill(50));
  expect(answers.reduce((sum, a) => sum + a.changed, 0)).toBe(50);
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-24': [100, 0, 99_000] });
});

test('runs are listed newest first, and their rejects page by page in the order of the lines', async () => {
  await send([line()], { feed: 'other' });
  await send(Array.from({ length: 5 }, (_, i) => line({ line: String(i), sku: `NO-${i}` })));
  const query = `query ($feed: String, $after: String) { importRuns(filter: { feed: $feed }, first: 1, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { number feed kind status rejected accepted } } } }`;
  const first = (await app.gql(planner, query, {})).data.importRuns;
  expect(first.edges[0].node).toMatchObject({ feed: 'till', kind: 'SALES', rejected: 5, accepted: 0 });
  const next = (await app.gql(planner, query, { after: first.pageInfo.endCursor })).data.importRuns;
  expect(next.edges[0].node).toMatchObject({ feed: 'other' });
  expect((await app.gql(planner, query, { feed: 'nobody' })).data.importRuns.edges).toEqual([]);
  const rejects = `query ($run: Int!, $after: String) { importRejects(run: $run, first: 3, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { line code raw } } } }`;
  const run = first.edges[0].node.number;
  const page = (await app.gql(planner, rejects, { run })).data.importRejects;
  expect(page.edges.map((e) => e.node.line)).toEqual([1, 2, 3]);
  const rest = (await app.gql(planner, rejects, { run, after: page.pageInfo.endCursor })).data.importRejects;
  expect(rest.edges.map((e) => e.node.line)).toEqual([4, 5]);
  expect(rest.edges[0].node.raw).toContain('NO-3');
});

test('a SKU that changes its code: its history moves, and files with the old code follow', async () => {
  const lines = ['document,sku,units,day,price', '1,LAMP,2,2026-11-20,10', '2,MUG,1,2026-11-20,10'];
  await on.lines(lines);
  expect(await alias('LAMP', 'MUG')).toEqual({ __typename: 'UpsertSkuAliasesSuccess', moved: 1 });
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-20': [3, 0, 3000] });
  expect(await on.lines(lines, { reread: true })).toMatchObject({ changed: 0, unchanged: 2 });
  await on.lines(['document,sku,units,day,price', '3,LAMP,4,2026-11-21,10']);
  expect(await on.facts()).toMatchObject({ 'paris MUG STORE 2026-11-21': [4, 0, 4000] });
  expect(await alias('till-7', 'MUG')).toMatchObject({ moved: 0 });
  await send([line({ sku: 'till-7', document: 'B9' })]).catch(() => {});
  expect(await on.facts()).toMatchObject({ 'paris MUG STORE 2026-11-24': [2, 0, 1980] });
});

test.each([
  ['of itself', 'MUG', 'MUG', 'InvalidInput'],
  ['of an unknown SKU', 'old', 'NOPE', 'NotFound'],
])('an alias %s is refused', async (_what, code, sku, kind) => {
  await alias('LAMP', 'MUG');
  expect(await alias(code, sku)).toMatchObject({ __typename: kind });
});
