// Calls with one fault each, on purpose: the test of the checker expects that every one of them is found.

import type { Tx } from '../../../src/db/pool';

const CODE = 'SELECT id, code FROM sku WHERE id = ANY($1::int[])';
const MISSPELT = 'SELECT id, pack_size AS "packsize" FROM sku';
const NUMBER = 'SELECT units FROM ledger_balance_that_is_missing';
const KINDS = 'SELECT kind FROM location';
const PRICE = 'SELECT price_minor AS "priceMinor" FROM sku WHERE created_at < $1';

export const FAULTY = {
  correct: (tx: Tx) => tx.rows<{ id: number; code: string }>(CODE, [[1, 2]]),
  misspeltAlias: (tx: Tx) => tx.rows<{ id: number; packSize: number }>(MISSPELT),
  wrongType: (tx: Tx) => tx.rows<{ id: string; code: string }>(CODE, [[1]]),
  missingColumn: (tx: Tx) => tx.rows<{ id: number; code: string; name: string }>(CODE, [[1]]),
  unreadColumn: (tx: Tx) => tx.rows<{ id: number }>(CODE, [[1]]),
  neverNull: (tx: Tx) => tx.rows<{ priceMinor: number }>(PRICE, [new Date(0)]),
  unknownLabel: (tx: Tx) => tx.rows<{ kind: 'SHOP' }>(KINDS),
  wrongParameter: (tx: Tx) => tx.rows<{ id: number; code: string }>(CODE, [['1']]),
  oneValueTooMany: (tx: Tx) => tx.rows<{ priceMinor: number | null }>(PRICE, [new Date(0), 1]),
  noTable: (tx: Tx) => tx.rows<{ units: number }>(NUMBER),
  putTogether: (tx: Tx, table: string) => tx.rows<{ id: number }>(`SELECT id FROM ${table}`),
};
