// Any sequence of stock acts against a small model: the same answers, the same levels after every step, levels and ledger agree.

import fc from 'fast-check';
import type { Caller } from '../../src/access/rules/roles';
import { Forbidden, Refused } from '../../src/refusals';
import { approveCount, cancelCount } from '../../src/stock/actions/closeCount';
import { countStock } from '../../src/stock/actions/counts';
import { adjustStock, quarantineStock, receiveStock, releaseQuarantine } from '../../src/stock/actions/goods';
import { levelsOf, stockDrift } from '../../src/stock/queries/levels';
import { START, startApp, type TestApp } from '../support/app';
import { type Expected, op, PLACES, SKUS, StockModel, type StockOp } from './stockModel';

const RUNS = 12;
const LONGEST = 60;

let app: TestApp;
let staff: Caller;
let planner: Caller;
let placeIds: number[];
beforeAll(async () => {
  app = await startApp();
  await app.token('STAFF', 'anna', ['paris']);
  await app.token('PLANNER', 'paul');
  const places = await app.db.rows<{ id: number }>(
    'SELECT id FROM location WHERE code = ANY($1) ORDER BY array_position($1::text[], code)',
    [PLACES],
  );
  placeIds = places.map((p) => p.id);
  const actors = await app.db.rows<{ id: number }>(
    "SELECT id FROM actor WHERE name IN ('anna', 'paul') ORDER BY name",
  );
  staff = { actorId: actors[0]!.id, name: 'anna', role: 'STAFF', locationIds: new Set([placeIds[0]!]) };
  planner = { actorId: actors[1]!.id, name: 'paul', role: 'PLANNER', locationIds: new Set() };
});
afterAll(() => app.close());

// One step of both ------------------------------------------------------------------------------------------------

let keys = 0;

async function answerOf(work: () => Promise<unknown>): Promise<{ said: Expected; value: unknown }> {
  try {
    return { said: 'DONE', value: await work() };
  } catch (error) {
    if (error instanceof Forbidden) return { said: 'FORBIDDEN', value: null };
    if (!(error instanceof Refused)) throw error;
    const { message, ...facts } = error.data;
    expect(message).toMatch(/^\S.*[.]$/);
    return { said: facts, value: null };
  }
}

type PropertyStep = { expected: Expected; run: () => Promise<unknown>; after?: (value: unknown) => void };

function stepOf(model: StockModel, skuIds: number[], step: StockOp): PropertyStep | null {
  const { place, byStaff } = step.of;
  const actor = byStaff ? staff : planner;
  const where = { locationId: placeIds[place]!, locationCode: PLACES[place]! };
  keys += 1;
  const key = `step-${keys}`;
  const ask = <I>(input: I) => ({ actor, idempotencyKey: key, now: START, input: { ...where, ...input } });
  const forbidden = byStaff && place !== 0;
  const expect_ = (work: () => Expected): Expected => (forbidden ? 'FORBIDDEN' : work());
  const note = null;
  switch (step.act) {
    case 'receive': {
      const lines = step.lines.map((l) => ({ skuId: skuIds[l.sku]!, quantity: l.quantity }));
      return {
        run: () => receiveStock(app.db, ask({ lines, note })),
        expected: expect_(() =>
          model.change(
            place,
            'available',
            step.lines.map((l) => ({ sku: l.sku, by: l.quantity })),
          ),
        ),
      };
    }
    case 'adjust': {
      const lines = step.lines.map(({ sku, ...l }) => ({ ...l, skuId: skuIds[sku]!, note }));
      return {
        run: () => adjustStock(app.db, ask({ lines })),
        expected: expect_(() =>
          model.change(
            place,
            'available',
            step.lines.map((l) => ({ sku: l.sku, by: l.delta })),
          ),
        ),
      };
    }
    case 'quarantine': {
      const lines = step.lines.map((l) => ({ skuId: skuIds[l.sku]!, quantity: l.quantity }));
      return {
        run: () => quarantineStock(app.db, ask({ lines, reason: 'odd' })),
        expected: expect_(() => {
          const out = model.change(
            place,
            'available',
            step.lines.map((l) => ({ sku: l.sku, by: -l.quantity })),
          );
          if (out === 'DONE')
            model.change(
              place,
              'quarantine',
              step.lines.map((l) => ({ sku: l.sku, by: l.quantity })),
            );
          return out;
        }),
      };
    }
    case 'release': {
      const lines = step.lines.map((l) => ({ skuId: skuIds[l.sku]!, quantity: l.quantity, exit: l.exit }));
      return {
        run: () => releaseQuarantine(app.db, ask({ lines, note })),
        expected: expect_(() => {
          const out = model.change(
            place,
            'quarantine',
            step.lines.map((l) => ({ sku: l.sku, by: -l.quantity })),
          );
          const back = step.lines.filter((l) => l.exit === 'RESTOCK');
          if (out === 'DONE')
            model.change(
              place,
              'available',
              back.map((l) => ({ sku: l.sku, by: l.quantity })),
            );
          return out;
        }),
      };
    }
    case 'count':
      return countStep(model, skuIds, step, (input) => countStock(app.db, ask(input)), forbidden);
    default:
      return finishStep(model, step, (id) => ({
        actor,
        idempotencyKey: key,
        now: START,
        input: { countId: id },
      }));
  }
}

function countStep(
  model: StockModel,
  skuIds: number[],
  step: StockOp & { act: 'count' },
  run: (input: {
    lines: { skuId: number; quantity: number; expectedQuantity: number | null }[];
  }) => Promise<unknown>,
  forbidden: boolean,
): PropertyStep {
  const { place, byStaff } = step.of;
  const shelfOf = (sku: number) => model.shelves[place]![sku]!;
  const judged = step.lines.map((l) => ({
    ...l,
    actual: shelfOf(l.sku).available,
    expected: l.compare === null ? null : shelfOf(l.sku).available + l.compare,
  }));
  const lines = judged.map((l) => ({
    skuId: skuIds[l.sku]!,
    quantity: l.quantity,
    expectedQuantity: l.expected,
  }));
  const stale = judged.filter((l) => l.expected !== null && l.expected !== l.actual);
  if (forbidden) return { run: () => run({ lines }), expected: 'FORBIDDEN' };
  if (stale.length > 0) {
    const facts = stale.map((l) => ({
      sku: model.skuCodes[l.sku],
      location: PLACES[place],
      expected: l.expected,
      actual: l.actual,
    }));
    return { run: () => run({ lines }), expected: { kind: 'StaleCount', lines: facts } };
  }
  const big = (l: (typeof judged)[number]) =>
    byStaff && Math.abs(l.quantity - l.actual) > 10 && Math.abs(l.quantity - l.actual) > l.actual / 5;
  for (const l of judged.filter((l) => !big(l))) shelfOf(l.sku).available = l.quantity;
  return {
    run: () => run({ lines }),
    expected: 'DONE',
    after(value) {
      const { countIds } = value as { countIds: string[] };
      for (const [i, l] of judged.entries()) {
        const before = shelfOf(l.sku).waiting;
        if (before !== null) expect(countIds[i]).toBe(before.id);
        shelfOf(l.sku).waiting = big(l) ? { id: countIds[i]!, difference: l.quantity - l.actual } : null;
      }
    },
  };
}

function finishStep(
  model: StockModel,
  step: StockOp & { act: 'approve' | 'drop' },
  ask: (countId: string) => Parameters<typeof approveCount>[1],
): PropertyStep | null {
  const { place, byStaff } = step.of;
  const shelf = model.shelves[place]![step.sku]!;
  const { waiting } = shelf;
  // Approving is only ever offered to planners; the edge turns staff away.
  if (waiting === null || byStaff) return null;
  if (step.act === 'drop') {
    shelf.waiting = null;
    return { run: () => cancelCount(app.db, ask(waiting.id)), expected: 'DONE' };
  }
  const expected = model.change(place, 'available', [{ sku: step.sku, by: waiting.difference }]);
  if (expected === 'DONE') shelf.waiting = null;
  return { run: () => approveCount(app.db, ask(waiting.id)), expected };
}

// The property ---------------------------------------------------------------------------------------------------

let runs = 0;
let steps = 0;
const refusals = new Map<string, number>();

test('levels and answers are those of the model after every step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: LONGEST / 2, maxLength: LONGEST }), async (ops) => {
      runs += 1;
      const codes = Array.from({ length: SKUS }, (_, i) => `RUN-${runs}-${i}`);
      const made = await app.db.rows<{ id: number }>(
        'INSERT INTO sku (code, name) SELECT code, code FROM unnest($1::text[]) WITH ORDINALITY AS c(code, ord) ORDER BY ord RETURNING id',
        [codes],
      );
      const skuIds = made.map((s) => s.id);
      const model = new StockModel(codes);
      const shelves = placeIds.flatMap((locationId) => skuIds.map((skuId) => ({ locationId, skuId })));
      for (const one of ops) {
        const step = stepOf(model, skuIds, one);
        if (step === null) continue;
        steps += 1;
        const { said, value } = await answerOf(step.run);
        expect(said).toEqual(step.expected);
        const kind = typeof said === 'string' ? said : String(said.kind);
        refusals.set(kind, (refusals.get(kind) ?? 0) + 1);
        if (said === 'DONE') step.after?.(value);
        if (one.of.again) expect(await answerOf(step.run)).toEqual({ said, value });
        const levels = await levelsOf(app.db, shelves);
        expect(levels.map((l) => [l.available, l.reserved, l.quarantine])).toEqual(
          model.shelves.flat().map((s) => [s.available, 0, s.quarantine]),
        );
      }
      expect(await stockDrift(app.db)).toEqual([]);
    }),
    { numRuns: RUNS, verbose: 1, ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}) },
  );
  // A run that met no refusals would prove little.
  expect(steps).toBeGreaterThan(200);
  for (const kind of ['DONE', 'FORBIDDEN', 'NotEnoughStock', 'StaleCount'])
    expect(refusals.get(kind)).toBeGreaterThan(5);
}, 120_000);
