// Units of SKUs, added up over lines.

/** A line of a document as far as its units are concerned. */
export interface SkuUnits {
  skuId: number;
  quantity: number;
}

/** One line a SKU, as it was named first, with the units of all its lines; in the order in which SKUs were first named. */
export function sumBySku<L extends SkuUnits>(lines: Iterable<L>): L[] {
  const sums = new Map<number, L>();
  for (const line of lines) {
    const before = sums.get(line.skuId);
    sums.set(line.skuId, before ? { ...before, quantity: before.quantity + line.quantity } : line);
  }
  return [...sums.values()];
}

/** Units by SKU, over all lines. */
export function unitsBySku(lines: Iterable<SkuUnits>): Map<number, number> {
  const units = new Map<number, number>();
  for (const { skuId, quantity } of lines) units.set(skuId, (units.get(skuId) ?? 0) + quantity);
  return units;
}
