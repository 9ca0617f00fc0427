// Reads of SKUs: by code, by id, always many at once.

import { codeBook } from '../db/codes';
import type { Tx } from '../db/pool';
import { type Refused, refusal, refuse } from '../refusals';
import { gtinProblem, normaliseGtin } from './rules';

/** Ids of these SKU codes, all of them. @throws Refused NotFound naming the unknown codes */
export const skuIdsByCode = codeBook({
  what: 'Sku',
  thing: 'SKU',
  madeBy: 'upsertSkus',
  byCode: 'SELECT id, code FROM sku WHERE code = ANY($1::text[])',
});

const CODES = 'SELECT id, code FROM sku WHERE id = ANY($1::int[])';

/** Codes of these SKU ids, for messages. */
export async function skuCodes(tx: Tx, ids: readonly number[]): Promise<Map<number, string>> {
  const rows = await tx.rows<{ id: number; code: string }>(CODES, [[...new Set(ids)]]);
  return new Map(rows.map((r) => [r.id, r.code]));
}

const INACTIVE = 'SELECT id, code FROM sku WHERE id = ANY($1::int[]) AND NOT active ORDER BY code';

/**
 * Which of these SKUs are out of the catalog, with their codes. Asked before every new promise to a customer: they are
 * not held or ordered any more; what is held or ordered already goes on.
 */
export async function inactiveSkus(tx: Tx, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const rows = await tx.rows<{ id: number; code: string }>(INACTIVE, [ids]);
  return new Map(rows.map((r) => [r.id, r.code]));
}

const SELLING = `
  SELECT id, code, active, max_line_units AS "maxLineUnits" FROM sku
  WHERE id = ANY($1::int[]) AND (NOT active OR max_line_units IS NOT NULL) ORDER BY code`;

/** What is out of the ordinary about selling these SKUs. */
export interface SellingRules {
  /** Out of the catalog, with their codes. */
  inactive: ReadonlyMap<number, string>;
  /** Units that a storefront may have of one of these in one basket, instead of the usual. */
  maxLineUnits: ReadonlyMap<number, number>;
}

/** How these SKUs may be sold; asked before every new promise to a customer. */
export async function sellingRules(tx: Tx, ids: readonly number[]): Promise<SellingRules> {
  const rows = await tx.rows<{ id: number; code: string; active: boolean; maxLineUnits: number | null }>(
    SELLING,
    [ids],
  );
  return {
    inactive: new Map(rows.filter((r) => !r.active).map((r) => [r.id, r.code])),
    maxLineUnits: new Map(
      rows.flatMap((r) => (r.maxLineUnits === null ? [] : [[r.id, r.maxLineUnits] as const])),
    ),
  };
}

/** The refusal of inactive SKUs. */
export function notSold(codes: readonly string[]): Refused {
  const named = codes.slice(0, 10).join("', '");
  return refusal('NotFound', `SKU '${named}' is not sold any more (inactive); take it out of the basket.`, {
    what: 'Sku',
    keys: [...codes],
  });
}

const BY_GTIN = 'SELECT id, code FROM sku WHERE gtin = $1';

/**
 * The SKU behind a GTIN in any printed form (a scan), or null when no SKU has it.
 * @throws Refused InvalidInput at `path` for what is no GTIN, telling the right check digit
 */
export async function skuByGtin(
  tx: Tx,
  gtin: string,
  path: string,
): Promise<{ id: number; code: string } | null> {
  const problem = gtinProblem(gtin);
  if (problem) refuse('InvalidInput', `${path}: ${problem}.`, { path });
  const [row] = await tx.rows<{ id: number; code: string }>(BY_GTIN, [normaliseGtin(gtin)]);
  return row ?? null;
}
