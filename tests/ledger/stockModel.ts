// Requests of every kind for the stock's acts, and the small model that states what they must do.

import fc from 'fast-check';

export const SKUS = 3;
export const PLACES = ['paris', 'lyon'];

// What can be asked -----------------------------------------------------------------------------------------

const sku = fc.nat(SKUS - 1);
const units = fc.integer({ min: 1, max: 30 });
const lines = <T>(line: fc.Arbitrary<T>) => fc.array(line, { minLength: 1, maxLength: 4 });
const request = fc.record({
  // Mostly paris, where everyone works.
  place: fc.constantFrom(0, 0, 0, 1),
  byStaff: fc.boolean(),
  again: fc.boolean(),
});

const REASONS = ['DAMAGED', 'LOST', 'SOLD'] as const;
const delta = fc.oneof(
  fc.record({ sku, delta: units.map((n) => -n), reason: fc.constantFrom(...REASONS, 'OTHER' as const) }),
  fc.record({ sku, delta: units, reason: fc.constantFrom('FOUND' as const, 'OTHER' as const) }),
);
const exit = fc.constantFrom('RESTOCK' as const, 'SCRAP' as const, 'RETURN_TO_VENDOR' as const);
const counted = fc.record({
  sku,
  quantity: fc.integer({ min: 0, max: 60 }),
  // Without a comparison, with the right number, or off by some.
  compare: fc.option(fc.constantFrom(0, 0, 0, 1), { nil: null }),
});

export const op = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('receive' as const),
      of: request,
      lines: lines(fc.record({ sku, quantity: units })),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('adjust' as const), of: request, lines: lines(delta) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('quarantine' as const),
      of: request,
      lines: lines(fc.record({ sku, quantity: units })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('release' as const),
      of: request,
      lines: lines(fc.record({ sku, quantity: units, exit })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('count' as const),
      of: request,
      lines: fc.uniqueArray(counted, { minLength: 1, maxLength: SKUS, selector: (l) => l.sku }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constantFrom('approve' as const, 'drop' as const), of: request, sku }),
  },
);
export type StockOp = typeof op extends fc.Arbitrary<infer O> ? O : never;

// The model ----------------------------------------------------------------------------------------------------

interface ModelShelf {
  available: number;
  quarantine: number;
  /** A big difference that waits. */
  waiting: { id: string; difference: number } | null;
}

/** What a command must answer: done, turned away, or refused with these facts. */
export type Expected = 'DONE' | 'FORBIDDEN' | Record<string, unknown>;

export class StockModel {
  readonly shelves = PLACES.map(() =>
    Array.from({ length: SKUS }, (): ModelShelf => ({ available: 0, quarantine: 0, waiting: null })),
  );

  constructor(readonly skuCodes: string[]) {}

  /** Adds what every line changes, unless some bucket would fall below zero. */
  change(
    place: number,
    bucket: 'available' | 'quarantine',
    changes: { sku: number; by: number }[],
  ): Expected {
    const net = new Map<number, number>();
    for (const { sku, by } of changes) net.set(sku, (net.get(sku) ?? 0) + by);
    const short = [...net].filter(([sku, by]) => this.shelves[place]![sku]![bucket] + by < 0);
    if (short.length > 0) {
      return {
        kind: 'NotEnoughStock',
        bucket: bucket.toUpperCase(),
        lines: short.map(([sku, by]) => ({
          sku: this.skuCodes[sku],
          location: PLACES[place],
          requested: -by,
          available: this.shelves[place]![sku]![bucket],
        })),
      };
    }
    for (const [sku, by] of net) this.shelves[place]![sku]![bucket] += by;
    return 'DONE';
  }
}
