// Reads of the catalog by page: SKUs that fit a filter in the order of their codes, and the categories there are.

import { searchWords } from '../../db/fold';
import type { Tx } from '../../db/pool';
import type { KeysetPage } from '../../values/keys';
import { gtinProblem, normaliseGtin } from '../rules/codes';

export interface SkuFilter {
  search: string | null;
  category: string | null;
  active: boolean | null;
}

/** Number of words of a long text that are searched for: its first ones. */
const MAX_WORDS = 12;

/**
 * What a person typed as a tsquery: every word must begin some word of the SKU. Words have letters, digits and marks only,
 * so nothing typed is an operator. A whole GTIN is looked for in its stored form, or as the words that its digits are in a
 * name. Null when no word is left.
 */
function tsquery(search: string): string | null {
  const words = [...new Set(searchWords(search))].slice(0, MAX_WORDS).map((word) => `'${word}':*`);
  if (words.length === 0) return null;
  const named = words.join(' & ');
  return gtinProblem(search) === null ? `'${normaliseGtin(search)}' | (${named})` : named;
}

// A statement for each kind of request, so that each has its own plan: search by the GIN index, pages by the key.
const page = (search: string, backwards: boolean) => `
  SELECT id, code FROM sku
  WHERE ($1::text IS NULL OR code ${backwards ? '<' : '>'} $1) AND ($2::boolean IS NULL OR active = $2)
    AND ($3::text IS NULL OR category = $3 OR starts_with(category, $3 || '/'))
    ${search}
  ORDER BY code ${backwards ? 'DESC' : ''} LIMIT $4`;
const pages = (search: string) => ({ forwards: page(search, false), backwards: page(search, true) });
const PAGES = {
  all: pages(''),
  searched: pages('AND search @@ $5::tsquery'),
  // Further GTINs are in no SKU's own text.
  scanned: pages('AND (search @@ $5::tsquery OR id IN (SELECT sku_id FROM sku_gtin WHERE gtin = $6))'),
};

/** One page of the SKUs that fit, in the order of their codes. A search without a letter or digit finds nothing. */
export async function skuPage(
  tx: Tx,
  filter: SkuFilter,
  { beyond, backwards, limit }: KeysetPage<string>,
): Promise<{ id: number; code: string }[]> {
  const values = [beyond, filter.active, filter.category, limit];
  const direction = backwards ? 'backwards' : 'forwards';
  if (filter.search === null) return tx.rows(PAGES.all[direction], values);
  const query = tsquery(filter.search);
  if (query === null) return [];
  if (gtinProblem(filter.search) !== null) return tx.rows(PAGES.searched[direction], [...values, query]);
  return tx.rows(PAGES.scanned[direction], [...values, query, normaliseGtin(filter.search)]);
}

export interface SkuCategory {
  category: string;
  skus: number;
}

const MAX_CATEGORIES = 2_000;
const CATEGORIES = `
  SELECT category, count(*) AS skus FROM sku WHERE active AND category <> '' GROUP BY category ORDER BY category LIMIT $1`;

/** The categories that active SKUs are in, with how many. */
export function skuCategories(tx: Tx): Promise<SkuCategory[]> {
  return tx.rows<SkuCategory>(CATEGORIES, [MAX_CATEGORIES]);
}
