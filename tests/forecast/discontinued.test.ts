// Discontinued articles: from their day on nothing is expected.

import { startApp, type TestApp } from '../support/app';
import { CUT, dayAfter, historyOf, putSales, runNight, SHELVES, storedForecasts } from './support';

let app: TestApp;
let planner: string;
beforeEach(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'Petra');
});
afterEach(() => app.close());

const UPSERT = `mutation ($input: UpsertSkusInput!) { upsertSkus(input: $input) {
  __typename ... on UpsertSkusSuccess { updated unchanged skus { code discontinuedOn } } } }`;

let keys = 0;
async function discontinue(code: string, discontinuedOn: string | null) {
  const input = { idempotencyKey: `end-${++keys}`, skus: [{ code, discontinuedOn }] };
  return (await app.gql(planner, UPSERT, { input })).data.upsertSkus;
}

test('from the day it is discontinued the nightly job expects nothing', async () => {
  await putSales(app.db, historyOf(SHELVES));
  const end = dayAfter(CUT, 8);
  expect(await discontinue('LAMP', end)).toMatchObject({ updated: 1, skus: [{ discontinuedOn: end }] });
  expect(await discontinue('LAMP', end)).toMatchObject({ unchanged: 1 });
  await discontinue('MUG', CUT);
  await runNight(app);
  const rows = await storedForecasts(app.db);
  const of = (sku: string) => rows.find((row) => row.sku === sku && row.location === 'paris')!;
  expect(of('LAMP').mean.map((units) => units > 0)).toEqual(Array.from({ length: 28 }, (_, h) => h < 7));
  expect(of('MUG').mean.every((units) => units === 0)).toBe(true);
  expect(of('MUG').quantiles.every((units) => units === 0)).toBe(true);
  expect(of('MUG').spread).toEqual([]);
  const sums = `{ forecast(sku: "MUG", location: "paris") { sums(windows: [14]) { mean quantiles { units } } } }`;
  const { data } = await app.gql(planner, sums);
  expect(data.forecast.sums[0].mean).toBe(0);
  expect(data.forecast.sums[0].quantiles.every(({ units }) => units === 0)).toBe(true);
});
