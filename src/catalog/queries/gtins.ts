// Which SKU a scanned GTIN stands for, and how many units of it: one statement for whatever takes a scan.

import type { Tx } from '../../db/pool';
import { refuse } from '../../refusals';
import { gtinProblem, normaliseGtin } from '../rules/codes';
import { type Label, type LabelRule, readLabel } from '../rules/labels';
import { itemsInScan } from '../rules/scan';
import type { FurtherGtin } from '../rules/sku';

/** The SKU of a scan, and the units of it that one scan stands for. */
export interface ScannedUnits {
  id: number;
  code: string;
  units: number;
  /** What a price or weight label states; null for another scan. */
  label: Label | null;
}

type GtinRow = Omit<ScannedUnits, 'label'> & { gtin: string };

// A replaced SKU's GTIN stands for the one that replaces it.
const BY_GTIN = `
  SELECT g.gtin, n.id, n.code, g.units
  FROM (SELECT gtin, id AS sku_id, 1 AS units FROM sku WHERE gtin = ANY($1::text[])
        UNION ALL SELECT gtin, sku_id, units FROM sku_gtin WHERE gtin = ANY($1::text[])) g
  JOIN sku s ON s.id = g.sku_id JOIN sku n ON n.id = coalesce(s.replaced_by_id, s.id)`;

/**
 * What these scans stand for, by their text; those that are no GTIN or no SKU's are left out. A price or weight label that is
 * no SKU's GTIN itself is one unit of the article that the location's rules find in it.
 */
export async function unitsByScan(
  tx: Tx,
  scans: readonly string[],
  labelRules: readonly LabelRule[] = [],
): Promise<Map<string, ScannedUnits>> {
  const gtins = new Map<string, string>();
  for (const scan of scans) if (gtinProblem(scan) === null) gtins.set(scan, normaliseGtin(scan));
  if (gtins.size === 0) return new Map();
  const labels = new Map([...gtins.values()].map((gtin) => [gtin, readLabel(gtin, labelRules)]));
  const wanted = [...new Set([...labels].flatMap(([gtin, label]) => [gtin, label?.gtin ?? gtin]))];
  const rows = await tx.rows<GtinRow>(BY_GTIN, [wanted]);
  const byGtin = new Map(rows.map(({ gtin, ...sku }) => [gtin, sku]));
  return new Map(
    [...gtins].flatMap(([scan, gtin]) => {
      const own = byGtin.get(gtin);
      const label = own === undefined ? labels.get(gtin)! : null;
      const sku = own ?? (label === null ? undefined : byGtin.get(label.gtin));
      const units = (sku?.units ?? 0) * itemsInScan(scan);
      return sku === undefined ? [] : [[scan, { ...sku, units, label }] as const];
    }),
  );
}

/** Ids of the SKUs of which these scans are one unit each; cases are left out. */
export async function unitGtins(tx: Tx, scans: readonly string[]): Promise<Map<string, number>> {
  const found = await unitsByScan(tx, scans);
  return new Map([...found].flatMap(([scan, { id, units }]) => (units === 1 ? [[scan, id]] : [])));
}

/**
 * What one scan stands for, in any printed form, or null when no SKU has its GTIN.
 * @throws Refused InvalidInput at `path` for what is no GTIN; the message has the right check digit
 */
export async function unitsOfScan(
  tx: Tx,
  scan: string,
  path: string,
  labelRules: readonly LabelRule[] = [],
): Promise<ScannedUnits | null> {
  const problem = gtinProblem(scan);
  if (problem !== null) refuse('InvalidInput', `${path}: ${problem}.`, { path });
  return (await unitsByScan(tx, [scan], labelRules)).get(scan) ?? null;
}

const FURTHER = `
  SELECT sku_id AS "skuId", gtin, units FROM sku_gtin WHERE sku_id = ANY($1::int[]) ORDER BY sku_id, units, gtin`;

/** The further GTINs of these SKUs, smaller packagings first; those without any are left out. */
export async function furtherGtins(tx: Tx, skuIds: readonly number[]): Promise<Map<number, FurtherGtin[]>> {
  const rows = await tx.rows<FurtherGtin & { skuId: number }>(FURTHER, [skuIds]);
  const bySku = new Map<number, FurtherGtin[]>();
  for (const { skuId, ...gtin } of rows) {
    const own = bySku.get(skuId);
    if (own === undefined) bySku.set(skuId, [gtin]);
    else own.push(gtin);
  }
  return bySku;
}
