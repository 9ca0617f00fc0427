// The whole way: forecasts made by the run, scored by later runs, and shown on the same screen as the new forecast.

import { runScoring } from '../../src/forecast/actions/accuracy/run';
import { startApp, type TestApp } from '../support/app';
import { dayAfter, historyOf, NIGHT, putSales, runNight } from './support';

const QUERY = `
  { forecasts(first: 10) { edges { node { sku { code } location { code }
      accuracy { days actual wape mase levels { level coverage } location { code } sku { code } }
      alerts { kind sinceDay } } } } }`;

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
}, 60_000);
afterAll(() => app.close());

const daysBefore = (days: number): Date => new Date(NIGHT.getTime() - days * 86_400_000);

test('forecasts of past runs are scored and stand beside the newest, with the breaks that go on', async () => {
  // The tent stops selling seven days before the end.
  const facts = historyOf([
    ['paris', 'MUG'],
    ['paris', 'LAMP'],
    ['paris', 'TENT-2'],
  ]).map((fact) =>
    fact.sku === 'TENT-2' && fact.day > dayAfter('2026-11-24', -7) ? { ...fact, units: 0 } : fact,
  );
  await putSales(app.db, facts);
  for (const days of [8, 7, 6, 5, 4, 3, 2, 1, 0]) await runNight(app, daysBefore(days));
  const planner = await app.token('PLANNER');
  const before = await app.gql(planner, QUERY);
  expect(before.errors).toBeUndefined();
  for (const { node } of before.data.forecasts.edges)
    expect(node).toMatchObject({ accuracy: null, alerts: [] });

  const scored = await runScoring(app.parts, new Date(NIGHT.getTime() + 7_200_000), async () => true);
  // Eight runs have a first day, two (8 and 7 days ago) a first week.
  expect(scored).toMatchObject({ parts: 8 + 2, scores: 3 * 10 });
  const { data, errors } = await app.gql(planner, QUERY);
  expect(errors).toBeUndefined();
  const of = (sku: string) =>
    data.forecasts.edges.find((e: { node: { sku: { code: string } } }) => e.node.sku.code === sku).node;
  expect(of('MUG').accuracy).toMatchObject({
    days: 8 + 12,
    sku: { code: 'MUG' },
    location: { code: 'paris' },
  });
  expect(of('MUG').accuracy.wape).toBeLessThan(1);
  expect(of('MUG').accuracy.levels).toHaveLength(5);
  expect(of('TENT-2').accuracy.days).toBe(20);
  expect(of('TENT-2').alerts.map((a: { kind: string }) => a.kind)).toContain('SUDDEN_ZERO');
  expect(of('MUG').alerts).toEqual([]);
}, 120_000);
