// One SKU's run, whatever the shelves: nothing is given twice, no source goes below its own need, and all adds up.

import fc from 'fast-check';
import { decideSku, type SkuFacts } from '../../../src/replenishment/rules/decide';
import { sumOfTerms } from '../../../src/replenishment/rules/need';
import { PolicyTable } from '../../../src/replenishment/rules/policy';
import { assess, type ShelfFacts } from '../../../src/replenishment/rules/shelf';
import { someSpread } from '../support';

const lead = (days: number) => ({
  distribution: [{ days, probability: 1 }],
  mean: days,
  sd: 0,
  stated: days,
  receipts: 0,
});
const OFFER = { supplierId: 9, supplier: 'alps', unitCostMinor: 400, currency: 'EUR', leadTime: lead(4) };
const SPREADS = new Map([0.5, 2, 6].map((mean) => [mean, someSpread(mean)]));
const USUAL = new PolicyTable([]).at({ skuId: 1, category: '', locationId: 1, groups: [] });

const shelf = fc.record({
  mean: fc.constantFrom(0.5, 2, 6),
  available: fc.oneof(fc.nat(8), fc.nat(80)),
  reserved: fc.nat(5),
  coming: fc.nat(10),
  supplied: fc.oneof(fc.constant(true), fc.boolean()),
  buys: fc.boolean(),
  due: fc.oneof(fc.constant(true), fc.boolean()),
  capacity: fc.option(fc.nat(60)),
});
type Drawn = typeof shelf extends fc.Arbitrary<infer T> ? T : never;

/** Location 1 is a warehouse that supplies some of the shops. */
function factsOf(rows: readonly Drawn[], packSize: number, claim: number): SkuFacts {
  const shelves = rows.map((r, i): ShelfFacts => {
    const warehouse = i === 0;
    return {
      locationId: i + 1,
      code: `p${i + 1}`,
      warehouse,
      policy: { ...USUAL, shelfCapacity: warehouse ? null : r.capacity },
      abc: 'B',
      forecast: {
        mean: new Array(28).fill(r.mean),
        spread: SPREADS.get(r.mean)!,
        method: 'SES',
        cutDay: '2026-11-24',
      },
      onHand: { available: r.available, reserved: r.reserved, staged: 0, quarantine: 0 },
      incoming: r.coming > 0 ? [{ kind: 'ON_ORDER', units: r.coming, inDays: 1 }] : [],
      returnsPerDay: [],
      offer: r.buys ? { ...OFFER, packSize, minimumOrder: 1 } : null,
      regular: !warehouse && r.supplied ? { locationId: 1, code: 'p1', leadTime: lead(1) } : null,
      review: { due: r.due, reviewDays: 2 },
    };
  });
  const claims = claim > 0 ? [{ fromLocationId: 2, units: claim }] : [];
  return { skuId: 1, priceMinor: 990, currency: 'EUR', shelves, claims, transferDays: () => 1 };
}

test('whatever the shelves', () => {
  fc.assert(
    fc.property(
      fc.array(shelf, { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 8 }),
      fc.nat(20),
      (rows, packSize, claim) => {
        const sku = factsOf(rows, packSize, claim);
        const { decisions } = decideSku(sku);
        expect(new Set(decisions.map((d) => d.locationId)).size).toBe(decisions.length);
        for (const d of decisions) {
          const facts = sku.shelves[d.locationId - 1]!;
          expect(facts.review.due).toBe(true);
          expect(d.quantity).toBeGreaterThan(0);
          expect(sumOfTerms(d.explanation.terms)).toBeCloseTo(d.quantity, 6);
          expect((d.supplierId === null) !== (d.fromLocationId === null)).toBe(true);
          if (d.supplierId !== null) expect(d.quantity % packSize).toBe(0);
          if (facts.policy.shelfCapacity !== null)
            expect(d.quantity).toBeLessThanOrEqual(Math.max(0, facts.policy.shelfCapacity));
        }
        for (const source of sku.shelves) {
          const given = decisions.filter((d) => d.fromLocationId === source.locationId);
          const units = given.reduce((sum, d) => sum + d.quantity, 0);
          if (units === 0) continue;
          const claimed = source.locationId === 2 ? claim : 0;
          expect(units + claimed).toBeLessThanOrEqual(source.onHand.available);
          // A source is no receiver, and what it gives away makes it none.
          if (!source.warehouse) {
            expect(decisions.some((d) => d.locationId === source.locationId)).toBe(false);
            const onHand = { ...source.onHand, available: source.onHand.available - units - claimed };
            expect(assess({ ...source, onHand }).need.units).toBe(0);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
