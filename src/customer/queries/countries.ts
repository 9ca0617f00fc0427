// Locations with the country in which telephone numbers of their customers are dialled.

import type { Tx } from '../../db/pool';

const COUNTRIES = 'SELECT id, code, country FROM location ORDER BY id';

interface CountryRow {
  id: number;
  code: string;
  country: string;
}

/** All locations by code, with their country: a chain has some hundreds. */
export async function countryCodes(tx: Tx): Promise<Map<string, { id: number; country: string }>> {
  const rows = await tx.rows<CountryRow>(COUNTRIES);
  return new Map(rows.map(({ id, code, country }) => [code, { id, country }]));
}
