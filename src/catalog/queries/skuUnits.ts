// Lines of SKUs and quantities as clients send them: a line may name its SKU by a scan, and a scanned case is several units.

import type { Db } from '../../db/pool';
import { checkQuantity, notFound } from '../../refusals';
import type { LabelRule } from '../rules/labels';
import { unitsByScan } from './gtins';
import { skuLookup } from './skus';

interface UnitsContext {
  /** Of the lines in the request. */
  path?: string;
  /** How the location of the lines reads price and weight labels. */
  labelRules?: readonly LabelRule[];
}

/**
 * The lines with the SKUs that their codes, aliases or scans stand for, in their order. Of a case, the quantity counts cases
 * and becomes units. @throws Refused NotFound naming the unknown codes, InvalidInput for more units than a line may have
 */
export async function resolveSkuUnits<L extends { sku: string; quantity: number }>(
  db: Db,
  lines: readonly L[],
  { path = 'lines', labelRules = [] }: UnitsContext = {},
): Promise<(L & { skuId: number })[]> {
  const codes = [...new Set(lines.map(({ sku }) => sku))];
  const ids = await skuLookup.known(db, codes);
  const rest = codes.filter((code) => !ids.has(code));
  const cases = await unitsByScan(db, rest, labelRules);
  const unknown = rest.filter((code) => !cases.has(code));
  if (unknown.length > 0) throw notFound('Sku', unknown);
  return lines.map((line, i) => {
    const scanned = cases.get(line.sku);
    if (scanned === undefined) return { ...line, skuId: ids.get(line.sku)! };
    const quantity = line.quantity * scanned.units;
    checkQuantity(quantity, `${path}.${i}.quantity`, 0);
    return { ...line, skuId: scanned.id, quantity };
  });
}
