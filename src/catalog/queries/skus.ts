// Reads of SKUs: by code, by id, always many at once.

import { codeLookup, findCodes, StaleCode } from '../../db/codes';
import type { Db, Tx } from '../../db/pool';
import { notFound, type Refused, refusal } from '../../refusals';
import { unitGtins, unitsByScan } from './gtins';

// The one module that decides which SKU a code stands for: an alias goes before a SKU's own code, because it states
// that the SKU has another now. Aliases of aliases are resolved when they are written.
const BY_CODE = `
  SELECT c.code, coalesce(a.sku_id, s.id) AS id
  FROM unnest($1::text[]) AS c(code) LEFT JOIN sku_alias a ON a.code = c.code LEFT JOIN sku s ON s.code = c.code
  WHERE coalesce(a.sku_id, s.id) IS NOT NULL`;

/** Codes and aliases go before GTINs of the same digits. */
const CODES_OF_SKUS = { byCode: BY_CODE, otherwise: unitGtins };

/** Lookup of SKUs by their codes, aliases or GTINs. */
export const skuLookup = codeLookup({
  what: 'Sku',
  ...CODES_OF_SKUS,
  edition: `SELECT number FROM edition WHERE what = 'sku_alias'`,
});

/** Ids of these SKU codes, aliases or GTINs of one unit, all of them. @throws Refused NotFound naming the unknown codes */
export async function skuIdsByCode(db: Db, codes: readonly string[]): Promise<Map<string, number>> {
  const ids = await skuLookup.known(db, codes);
  const rest = [...new Set(codes)].filter((code) => !ids.has(code));
  if (rest.length === 0) return ids;
  const [code, sku] = [...(await unitsByScan(db, rest))][0] ?? [];
  if (sku === undefined) throw notFound('Sku', rest);
  const described = `'${code}' is the GTIN of a case of ${sku.units} units of SKU '${sku.code}'`;
  throw refusal('NotFound', `${described}; scan or name one unit.`, { what: 'Sku', keys: rest });
}

/** Present ids of the existing ones of these SKU codes, aliases or GTINs of one unit. */
export function findSkuIds(tx: Tx, codes: readonly string[]): Promise<Map<string, number>> {
  return findCodes(tx, CODES_OF_SKUS, codes);
}

// The lock waits for an alias that is being written for one of them, and keeps one from being written meanwhile.
const KEEP = `
  SELECT replaced_by_id IS NOT NULL AS replaced FROM sku WHERE id = ANY($1::int[]) ORDER BY id FOR KEY SHARE`;

/**
 * Prevents these SKUs from being replaced until the transaction ends; for documents that do not lock shelves.
 * @throws StaleCode when one was replaced since its code was looked up
 */
export async function keepSkus(tx: Tx, ids: readonly number[]): Promise<void> {
  const rows = await tx.rows<{ replaced: boolean }>(KEEP, [[...new Set(ids)]]);
  if (rows.some((row) => row.replaced)) throw new StaleCode('a SKU was replaced meanwhile');
}

const CODES = 'SELECT id, code FROM sku WHERE id = ANY($1::int[])';

/** Codes of these SKU ids, for messages. */
export async function skuCodes(tx: Tx, ids: readonly number[]): Promise<Map<number, string>> {
  const rows = await tx.rows<{ id: number; code: string }>(CODES, [[...new Set(ids)]]);
  return new Map(rows.map((r) => [r.id, r.code]));
}

const INACTIVE = `
  SELECT id, code, replaced_by_id IS NOT NULL AS replaced
  FROM sku WHERE id = ANY($1::int[]) AND NOT active ORDER BY code`;

/**
 * Which of these SKUs are out of the catalog, with their codes. Queried before every new promise to a customer: they are
 * no longer reserved or ordered; existing reservations and orders continue.
 * @throws StaleCode when one was replaced since its code was looked up
 */
export async function inactiveSkus(tx: Tx, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const rows = await tx.rows<{ id: number; code: string; replaced: boolean }>(INACTIVE, [ids]);
  if (rows.some((row) => row.replaced)) throw new StaleCode('a SKU was replaced meanwhile');
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

/** How these SKUs may be sold; queried before every new promise to a customer. */
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
