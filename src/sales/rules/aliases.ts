// Aliases of a request: chains within it are followed to their end, cycles are refused.

import { refuse } from '../../refusals';
import { scannedCode } from '../../values/text';

export const ALIAS_LIMITS = {
  /** Documents that a refusal names; there may be more. */
  uses: 100,
} as const;

/** What still stands under a SKU's code: a document by its number, or a bucket of a shelf. */
export interface SkuUse {
  what: 'Reservation' | 'Order' | 'Transfer' | 'PurchaseOrder' | 'StockLevel';
  key: string;
  location: string;
  units: number;
}

declare module '../../refusals' {
  interface RefusalFacts {
    /** Units are promised or on their way under this code, so it cannot become an alias yet. */
    SkuInUse: { sku: string; uses: SkuUse[] };
  }
}

/** A code and the code of the SKU that it shall stand for. */
export interface AliasText {
  code: string;
  sku: string;
}

/**
 * The aliases of a request, each with the code at the end of its chain: of OLD → MID and MID → NEW, OLD stands for NEW.
 * @throws Refused InvalidInput for a code that stands twice, or for itself
 */
export function followAliases(aliases: readonly AliasText[]): AliasText[] {
  const targets = new Map<string, string>();
  const codes = aliases.map(({ code }, i) => {
    const path = `aliases.${i}.code`;
    const clean = scannedCode(code);
    if (clean === '') refuse('InvalidInput', `${path} has no character that can be seen.`, { path });
    if (targets.has(clean))
      refuse('InvalidInput', `${path} '${clean}' occurs twice; name it once.`, { path });
    targets.set(clean, scannedCode(aliases[i]!.sku));
    return clean;
  });
  return codes.map((code, i) => {
    const seen = new Set([code]);
    let sku = targets.get(code)!;
    for (let next = sku; targets.has(next); next = targets.get(next)!) {
      if (seen.has(next)) refuseAliasOfItself(code, i);
      seen.add(next);
      sku = targets.get(next)!;
    }
    if (seen.has(sku)) refuseAliasOfItself(code, i);
    // The last one is named as the client named it, as refusals repeat it.
    return { code, sku: aliases.find((a) => scannedCode(a.sku) === sku)?.sku ?? sku };
  });
}

/** @throws Refused InvalidInput always: the aliases run in a circle */
export function refuseAliasOfItself(code: string, i: number): never {
  const path = `aliases.${i}`;
  refuse('InvalidInput', `${path}: '${code}' would stand for itself; name the SKU that it became.`, { path });
}
