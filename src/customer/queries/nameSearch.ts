// Finds customers by name. Typing errors, accents and capitals are forgiven; the index is over `name_keys`, see its migration.

import { searchWords } from '../../db/fold';
import type { Tx } from '../../db/pool';

/** Customers that one search finds at most. */
export const MAX_NAMESAKES = 20;
/** Words of a name that are searched for; the others are left out. */
const MAX_WORDS = 4;
/** Statements that fit, of which the best are taken. A frequent name has more; then the first name or a town has to be added. */
const MAX_FITTING = 2_000;

const NAMES = `coalesce(r.full_name, '') || ' ' || coalesce(r.first_name, '') || ' ' || coalesce(r.surname, '')`;
const FITS = Array.from({ length: MAX_WORDS }, (_, i) => `name_keys(${NAMES}) && name_keys($${i + 1})`);

// Whole words that agree come before those with an error, and who was seen lately before others.
const SEARCH = `
  WITH fitting AS MATERIALIZED (
    SELECT r.identifier_id, r.at,
           cardinality(ARRAY(SELECT unnest(string_to_array(search_text(${NAMES}), ' '))
                             INTERSECT SELECT unnest($5::text[]))) AS exact
    FROM person_record r WHERE ${FITS.join(' AND ')} LIMIT ${MAX_FITTING})
  SELECT i.customer_id AS "customerId"
  FROM fitting f JOIN identifier i ON i.id = f.identifier_id
  GROUP BY i.customer_id
  HAVING NOT EXISTS (SELECT FROM identifier m WHERE m.customer_id = i.customer_id AND m.restricted_at IS NOT NULL)
  ORDER BY max(f.exact) DESC, max(f.at) DESC, i.customer_id LIMIT ${MAX_NAMESAKES}`;

/** The words of a name that can be searched for: initials cannot. */
export function nameWords(typed: string): string[] {
  const words = searchWords(typed).filter((word) => [...word].length > 1);
  return [...new Set(words)].sort((a, b) => b.length - a.length).slice(0, MAX_WORDS);
}

/** The present ids of customers of whom a name with these words is stated, the best match first; none whose processing is restricted. */
export async function customersNamed(tx: Tx, words: readonly string[]): Promise<string[]> {
  const [first] = words;
  if (first === undefined) return [];
  // The statement is the same for any number of words: a repeated one changes nothing.
  const searched = Array.from({ length: MAX_WORDS }, (_, i) => words[i] ?? first);
  const rows = await tx.rows<{ customerId: string }>(SEARCH, [...searched, words]);
  return rows.map(({ customerId }) => customerId);
}
