/** How the demonstration chain is refilled: every SKU has a seller, every shop a warehouse, suppliers are late as they are. */
import { buildChain } from '../../prisma/seed/chain';
import type { SeedChain } from '../../prisma/seed/types';

const TODAY = '2026-03-17';
const days = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

let chain: SeedChain;
beforeAll(() => {
  chain = buildChain(TODAY);
});

test('every SKU is sold by its supplier, in its cases, for less than its price without tax', () => {
  const offers = new Map(chain.skuSuppliers.map((o) => [o.skuCode, o]));
  expect(offers.size).toBe(chain.skus.length);
  for (const sku of chain.skus) {
    const offer = offers.get(sku.code)!;
    expect(offer).toMatchObject({ supplierCode: sku.supplierCode, packSize: sku.packSize });
    expect(offer.minimumOrder % offer.packSize).toBe(0);
    expect(offer.unitCostMinor).toBeGreaterThan(0);
    expect(offer.unitCostMinor).toBeLessThan(sku.priceMinor / 1.2);
  }
});

test('every shop is supplied by a warehouse, and today is a review day of all', () => {
  const kinds = new Map(chain.places.map((p) => [p.code, p.kind]));
  const supplied = chain.policies.filter((p) => p.suppliedFrom !== undefined);
  expect(supplied.map((p) => p.locationCode).sort()).toEqual(
    chain.places
      .filter((p) => p.kind === 'SHOP')
      .map((p) => p.code)
      .sort(),
  );
  for (const { suppliedFrom } of supplied) expect(kinds.get(suppliedFrom!)).toBe('WAREHOUSE');
  // 2026-03-17 is a Tuesday.
  const reviews = chain.policies.flatMap((p) => (p.reviewWeekdays ? [p.reviewWeekdays] : []));
  expect(reviews.length).toBeGreaterThan(2);
  for (const weekdays of reviews) expect(weekdays).toContain(2);
});

test('past deliveries came before today, each supplier as late as it is known to be', () => {
  const past = chain.pastPurchases;
  expect(new Set(past.map((p) => p.code)).size).toBe(past.length);
  for (const p of past) {
    expect(days(p.receivedOn, TODAY)).toBeGreaterThanOrEqual(1);
    expect(p.lines.length).toBeGreaterThan(0);
  }
  for (const supplier of chain.suppliers) {
    const took = past
      .filter((p) => p.supplierCode === supplier.code)
      .map((p) => days(p.orderedOn, p.receivedOn));
    expect(took.length).toBeGreaterThan(8);
    const mean = took.reduce((a, b) => a + b, 0) / took.length;
    expect(Math.abs(mean - supplier.leadTimeMeanDays)).toBeLessThan(supplier.leadTimeDeviationDays);
  }
});
