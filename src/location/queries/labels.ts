// How locations read the price and weight labels of their scales, and lines of units that may name their SKUs by such labels.

import { resolveSkuUnits } from '../../catalog/queries/skuUnits';
import { isLabel, type LabelRule } from '../../catalog/rules/labels';
import type { Db, Tx } from '../../db/pool';

const RULES = 'SELECT label_rules AS rules FROM location WHERE code = $1';

/** The rules by which a location reads these scans; without a statement where none of them can be a label. */
export async function labelRulesAt(
  tx: Tx,
  location: string | null | undefined,
  scans: readonly string[],
): Promise<LabelRule[]> {
  if (location == null || !scans.some(isLabel)) return [];
  const [row] = await tx.rows<{ rules: LabelRule[] }>(RULES, [location]);
  return row?.rules ?? [];
}

/** The lines with their SKUs and units, as `resolveSkuUnits` gives them, for goods at a location. @throws Refused NotFound, InvalidInput */
export async function resolveUnitsAt<L extends { sku: string; quantity: number }>(
  db: Db,
  location: string,
  lines: readonly L[],
): Promise<(L & { skuId: number })[]> {
  const scans = lines.map(({ sku }) => sku);
  return resolveSkuUnits(db, lines, { labelRules: await labelRulesAt(db, location, scans) });
}
