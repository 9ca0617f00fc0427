// How a shop can fulfil a whole basket, and how shops are ranked.

import { planSources, type SkuQuantity, type SourceCandidate, type SourcePlan, summed } from './sourcing';

/** Complete from the shop's own shelf, complete after transfers, or only in part. */
export type PickupKind = 'HERE_NOW' | 'AFTER_TRANSFER' | 'PARTIAL';
export type PickupLineState = 'HERE_NOW' | 'AFTER_TRANSFER' | 'PARTIAL' | 'MISSING';

/** One SKU of the basket at one shop, in units: judged = here + byTransfer + missing. */
export interface BasketLine {
  skuId: number;
  /** Units requested. */
  quantity: number;
  /** Units of those that the line was judged for. */
  judged: number;
  here: number;
  byTransfer: number;
  missing: number;
  state: PickupLineState;
}

export interface BasketPlan {
  kind: PickupKind;
  lines: BasketLine[];
  sourcing: SourcePlan;
}

function stateOf(line: Omit<BasketLine, 'state'>, tooMany: boolean): PickupLineState {
  if (line.missing === line.judged) return 'MISSING';
  if (line.missing > 0 || tooMany) return 'PARTIAL';
  return line.byTransfer > 0 ? 'AFTER_TRANSFER' : 'HERE_NOW';
}

/** Limits on what is answered for a line, for callers who may not see numbers. */
export interface BasketLimits {
  /** Maximum units a line is judged for: requests for more and more units would otherwise disclose the stock. */
  judged: number;
  /** Maximum units of a SKU in one basket; a line of more is never whole. */
  ofSku: (skuId: number) => number;
}

const NO_LIMITS: BasketLimits = {
  judged: Number.POSITIVE_INFINITY,
  ofSku: () => Number.POSITIVE_INFINITY,
};

/**
 * Plans a basket (lines of one SKU add up) at a shop with this ATP: its own shelf first, then transfers from `candidates`.
 * Null when not a single unit is available.
 */
export function planBasket(
  basket: readonly SkuQuantity[],
  atp: ReadonlyMap<number, number>,
  candidates: readonly SourceCandidate[],
  { judged: mostJudged, ofSku }: BasketLimits = NO_LIMITS,
): BasketPlan | null {
  const wanted = summed(basket).map(({ skuId, quantity }) => {
    const judged = Math.min(quantity, mostJudged);
    return { skuId, quantity, judged, here: Math.min(judged, atp.get(skuId) ?? 0) };
  });
  const sourcing = planSources(
    wanted.map((w) => ({ skuId: w.skuId, quantity: w.judged - w.here })),
    candidates,
  );
  const absent = new Map(sourcing.missing.map((m) => [m.skuId, m.quantity]));
  const lines = wanted.map((w): BasketLine => {
    const missing = absent.get(w.skuId) ?? 0;
    const line = { ...w, missing, byTransfer: w.judged - w.here - missing };
    return { ...line, state: stateOf(line, w.quantity > ofSku(w.skuId)) };
  });
  if (lines.every((l) => l.state === 'MISSING')) return null;
  if (lines.some((l) => l.state === 'PARTIAL' || l.state === 'MISSING'))
    return { kind: 'PARTIAL', lines, sourcing };
  return { kind: sourcing.transfers.length > 0 ? 'AFTER_TRANSFER' : 'HERE_NOW', lines, sourcing };
}

/** When the last transfer of a plan decided `now` arrives; null when there is none. */
export function lastArrival(
  sourcing: SourcePlan,
  candidates: readonly SourceCandidate[],
  now: Date,
): Date | null {
  const leads = sourcing.transfers.map(
    (t) => candidates.find((c) => c.locationId === t.fromLocationId)?.leadMinutes ?? 0,
  );
  return leads.length === 0 ? null : new Date(now.getTime() + Math.max(...leads) * 60_000);
}

const RANK: Record<PickupKind, number> = { HERE_NOW: 0, AFTER_TRANSFER: 1, PARTIAL: 2 };

/** The order of offers: complete now, complete later, in part; then the earliest (no promise last), then the nearest. */
export function byOffer(
  a: { kind: PickupKind; readyAt: Date | null; distanceKm: number },
  b: { kind: PickupKind; readyAt: Date | null; distanceKm: number },
): number {
  const at = (option: { readyAt: Date | null }) => option.readyAt?.getTime() ?? Number.MAX_SAFE_INTEGER;
  return RANK[a.kind] - RANK[b.kind] || at(a) - at(b) || a.distanceKm - b.distanceKm;
}
