// planSources: which locations send what, and why.

import fc from 'fast-check';
import { planSources, type SourceCandidate } from '../../src/availability/rules/sourcing';

const place = (
  code: string,
  kind: 'SHOP' | 'WAREHOUSE',
  distanceKm: number,
  atp: Record<number, number>,
): SourceCandidate => ({
  locationId: code.charCodeAt(0),
  code,
  kind,
  distanceKm,
  leadMinutes: 60,
  atp: new Map(Object.entries(atp).map(([skuId, quantity]) => [Number(skuId), quantity])),
});
const id = (code: string): number => code.charCodeAt(0);

test('one location that has everything is better than two nearer ones', () => {
  const plan = planSources(
    [
      { skuId: 1, quantity: 2 },
      { skuId: 2, quantity: 1 },
    ],
    [
      place('a', 'SHOP', 1, { 1: 2 }),
      place('b', 'SHOP', 2, { 2: 1 }),
      place('c', 'SHOP', 90, { 1: 2, 2: 1 }),
    ],
  );
  expect(plan.transfers).toEqual([
    {
      fromLocationId: id('c'),
      lines: [
        { skuId: 1, quantity: 2 },
        { skuId: 2, quantity: 1 },
      ],
    },
  ]);
  expect(plan.missing).toEqual([]);
  expect(plan.log).toEqual([
    {
      location: 'c',
      took: plan.transfers[0]?.lines,
      because: expect.stringContaining('alone has everything'),
    },
    { location: 'a', took: [], because: 'It has only a part, but c has everything.' },
    { location: 'b', took: [], because: 'It has only a part, but c has everything.' },
  ]);
});

test('a far warehouse is asked before a near shop, a near warehouse before a far one', () => {
  const plan = planSources(
    [{ skuId: 1, quantity: 1 }],
    [
      place('s', 'SHOP', 1, { 1: 9 }),
      place('v', 'WAREHOUSE', 300, { 1: 9 }),
      place('w', 'WAREHOUSE', 200, { 1: 9 }),
      place('x', 'SHOP', 2, {}),
    ],
  );
  expect(plan.transfers.map((t) => t.fromLocationId)).toEqual([id('w')]);
  expect(plan.log.map((l) => [l.location, l.because])).toEqual([
    ['w', 'It alone has everything that is missing: a warehouse 200 km away.'],
    ['v', 'It has everything too, but another location is nearer: w.'],
    ['s', 'It has everything too, but warehouses come before shops: w.'],
    ['x', 'It has nothing of what is missing.'],
  ]);
});

test('the units of one SKU are split over locations; two lines of one SKU add up; what nobody has is missing', () => {
  const plan = planSources(
    [
      { skuId: 1, quantity: 4 },
      { skuId: 1, quantity: 3 },
      { skuId: 2, quantity: 5 },
      { skuId: 3, quantity: 0 },
    ],
    [place('a', 'SHOP', 1, { 1: 3 }), place('b', 'SHOP', 2, { 1: 3 }), place('c', 'SHOP', 3, { 1: 4, 2: 1 })],
  );
  const sent = plan.transfers.flatMap((t) => t.lines);
  expect(sent.filter((l) => l.skuId === 1).reduce((sum, l) => sum + l.quantity, 0)).toBe(7);
  expect(plan.transfers.map((t) => t.fromLocationId)).toEqual([id('a'), id('c')]);
  expect(plan.missing).toEqual([{ skuId: 2, quantity: 4 }]);
});

test('greedy would take three locations where two are enough', () => {
  const plan = planSources(
    [1, 2, 3, 4, 5, 6].map((skuId) => ({ skuId, quantity: 1 })),
    [
      place('g', 'SHOP', 1, { 1: 1, 2: 1, 4: 1, 5: 1 }),
      place('a', 'SHOP', 5, { 1: 1, 2: 1, 3: 1 }),
      place('b', 'SHOP', 5, { 4: 1, 5: 1, 6: 1 }),
    ],
  );
  expect(plan.transfers.map((t) => t.fromLocationId)).toEqual([id('a'), id('b')]);
});

test('nothing needed, nobody to ask', () => {
  expect(planSources([], [place('a', 'SHOP', 1, { 1: 1 })])).toEqual({ transfers: [], missing: [], log: [] });
  expect(planSources([{ skuId: 1, quantity: 2 }], [])).toEqual({
    transfers: [],
    missing: [{ skuId: 1, quantity: 2 }],
    log: [],
  });
});

test('property: takes no more than a location has, sends and misses exactly what is needed, never more locations than brute force', () => {
  const atp = fc.record({ 1: fc.nat(4), 2: fc.nat(4), 3: fc.nat(4) });
  const candidates = fc
    .array(fc.tuple(atp, fc.nat(500), fc.constantFrom<'SHOP' | 'WAREHOUSE'>('SHOP', 'WAREHOUSE')), {
      maxLength: 7,
    })
    .map((list) => list.map(([has, km, kind], i) => place(String.fromCharCode(97 + i), kind, km, has)));
  const need = fc.record({ 1: fc.nat(9), 2: fc.nat(9), 3: fc.nat(9) });
  fc.assert(
    fc.property(candidates, need, (places, wanted) => {
      const lines = Object.entries(wanted).map(([skuId, quantity]) => ({ skuId: Number(skuId), quantity }));
      const plan = planSources(lines, places);
      const has = (set: SourceCandidate[], skuId: number) =>
        set.reduce((sum, c) => sum + (c.atp.get(skuId) ?? 0), 0);
      for (const { fromLocationId, lines: sent } of plan.transfers) {
        const from = places.find((p) => p.locationId === fromLocationId);
        expect(sent.length).toBeGreaterThan(0);
        for (const l of sent) expect(l.quantity).toBeLessThanOrEqual(from?.atp.get(l.skuId) ?? 0);
      }
      for (const { skuId, quantity } of lines) {
        const sent = plan.transfers.flatMap((t) => t.lines).filter((l) => l.skuId === skuId);
        const missing = plan.missing.find((m) => m.skuId === skuId)?.quantity ?? 0;
        expect(sent.reduce((sum, l) => sum + l.quantity, 0) + missing).toBe(quantity);
        expect(missing).toBe(Math.max(0, quantity - has(places, skuId)));
      }
      const subsets: SourceCandidate[][] = [[]];
      for (const p of places) subsets.push(...subsets.map((s) => [...s, p]));
      const enough = subsets.filter((s) =>
        lines.every((l) => has(s, l.skuId) >= Math.min(l.quantity, has(places, l.skuId))),
      );
      const fewest = Math.min(...enough.map((s) => s.length));
      if (fewest <= 3) expect(plan.transfers.length).toBe(fewest);
    }),
    { numRuns: 500 },
  );
});

test('a chain of a hundred locations and a basket of thirty is planned within its budget', () => {
  const places = Array.from({ length: 100 }, (_, i) =>
    place(
      `p${i}`,
      i % 10 === 0 ? 'WAREHOUSE' : 'SHOP',
      i,
      Object.fromEntries(Array.from({ length: 30 }, (_, s) => [s + 1, (i * 7 + s * 3) % 11 === 0 ? 1 : 0])),
    ),
  );
  const plan = planSources(
    Array.from({ length: 30 }, (_, s) => ({ skuId: s + 1, quantity: 3 })),
    places,
  );
  expect(plan.missing).toEqual([]);
  expect(plan.log.length).toBeLessThanOrEqual(plan.transfers.length + 20);
});
