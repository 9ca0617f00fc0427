// ABC classes: SKUs by their share of the revenue.

import type { AbcClass } from './policy';

/** Cumulative shares of revenue at which A and B end (Silver, Pyke & Thomas 2017, ch. 2). */
export const A_SHARE = 0.8;
export const B_SHARE = 0.95;

export interface Classed {
  skuId: number;
  revenueMinor: number;
  abc: AbcClass;
  /** Share of all revenue made by this SKU and those that make more. */
  share: number;
}

/**
 * Classes SKUs by revenue, largest first (equal ones by id). The SKU that crosses a cut still belongs to the better
 * class, so that there always is an A. SKUs without revenue are C.
 */
export function abcClasses(revenues: readonly { skuId: number; revenueMinor: number }[]): Classed[] {
  const sorted = revenues
    .map(({ skuId, revenueMinor }) => ({ skuId, revenueMinor: Math.max(0, revenueMinor) }))
    .sort((a, b) => b.revenueMinor - a.revenueMinor || a.skuId - b.skuId);
  const total = sorted.reduce((sum, r) => sum + r.revenueMinor, 0);
  let before = 0;
  return sorted.map((r) => {
    const shareBefore = total > 0 ? before / total : 1;
    before += r.revenueMinor;
    const abc: AbcClass =
      r.revenueMinor === 0 || shareBefore >= B_SHARE ? 'C' : shareBefore >= A_SHARE ? 'B' : 'A';
    return { ...r, abc, share: total > 0 ? before / total : 1 };
  });
}
