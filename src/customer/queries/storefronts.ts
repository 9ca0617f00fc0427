// Storefronts at which customers can have accounts.

import type { Tx } from '../../db/pool';

interface Storefront {
  id: number;
  name: string;
}

const ALL = `SELECT id, name FROM actor WHERE role = 'STOREFRONT' ORDER BY id`;

/** All storefronts: a retailer has a few. */
export function storefronts(tx: Tx): Promise<Storefront[]> {
  return tx.rows<Storefront>(ALL);
}
