// Bugs as people make them, each a text of the program that is replaced by another: what the simulator must find. What it
// cannot find is an order of locks inside one statement, as one statement runs at a time: tests/ledger/races.test.ts does.

/** One bug: in `file` the text `good` becomes `bad`. */
export interface Mutant {
  name: string;
  file: string;
  good: string;
  bad: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'reservations past their time are not expired before a basket is refused',
    file: 'src/reservation/actions/reserve.ts',
    good: 'findReservations(tx, now, holders, shelvesOf(requests)),',
    bad: 'findReservations(tx, now, holders, []),',
  },
  {
    name: 'safety stock is promised away',
    file: 'src/availability/rules/shelf.ts',
    good: 'Math.max(0, shelf.free - shelf.safetyStock) + shelf.own',
    bad: 'Math.max(0, shelf.free) + shelf.own',
  },
  {
    name: 'an order does not see what its neighbours of the batch took',
    file: 'src/order/actions/sourcing.ts',
    good: 'this.#taken.set(key, (this.#taken.get(key) ?? 0) + quantity);',
    bad: 'this.#taken.set(key, 0);',
  },
  {
    name: 'shelves are read without a lock',
    file: 'src/stock/ledger.ts',
    good: 'ORDER BY l.location_id, l.sku_id FOR UPDATE OF l',
    bad: 'ORDER BY l.location_id, l.sku_id',
  },
  {
    name: 'an outcome is not remembered',
    file: 'src/access/actions/execute.ts',
    good: 'sendWithCommit(tx.rows(STORE_OUTCOMES,',
    bad: "if (requests.length > 1 || action !== 'placeOrder') sendWithCommit(tx.rows(STORE_OUTCOMES,",
  },
  {
    name: 'a transaction that failed is not rolled back',
    file: 'src/db/transaction.ts',
    good: "await client.query('ROLLBACK').catch(",
    bad: "await client.query('SELECT 1').catch(",
  },
  {
    name: 'the answer is given before COMMIT is',
    file: 'src/db/transaction.ts',
    good: 'await Promise.all(sent);',
    bad: 'void Promise.all(sent).catch(() => {}); await Promise.all(sent.slice(0, -1));',
  },
  {
    name: 'a certificate names the position from before its moves',
    file: 'src/stock/ledger.ts',
    good: 'level.position = d.position;',
    bad: 'if (d.position < 0) level.position = d.position;',
  },
  {
    name: 'the reservation that a new one replaces stays',
    file: 'src/reservation/actions/reserveBatch.ts',
    good: "else this.ends.push({ id: old.id, status: 'RELEASED' });",
    bad: "else if (old.lines.length > 1) this.ends.push({ id: old.id, status: 'RELEASED' });",
  },
  {
    name: 'a reservation lives one instant too long',
    file: 'src/reservation/rules/reservation.ts',
    good: 'return expiresAt.getTime() <= now.getTime();',
    bad: 'return expiresAt.getTime() < now.getTime();',
  },
  {
    name: 'another request under a used key is answered with the first one’s outcome',
    file: 'src/access/actions/execute.ts',
    good: 'found.action !== action || !isSameRequest(found.requestHash, action, request)',
    bad: 'found.action !== action',
  },
  {
    name: 'of two requests for one reservation both get it',
    file: 'src/reservation/actions/statements.ts',
    good: 'WHERE r.id = ANY($1::uuid[]) ORDER BY r.id FOR UPDATE OF r`',
    bad: 'WHERE r.id = ANY($1::uuid[]) ORDER BY r.id`',
  },
  {
    name: 'answers of a batch go to the wrong clients',
    file: 'src/db/combine.ts',
    good: 'w.resolve(results[i] as O);',
    bad: 'w.resolve(results[batch.length > 2 ? batch.length - 1 - i : i] as O);',
  },
  {
    name: 'a basket does not see what its neighbours of the batch took',
    file: 'src/reservation/actions/reserveBatch.ts',
    good: 'return this.#free.get(shelfKey({ locationId, skuId })) ?? this.shelves.at(locationId, skuId).available;',
    bad: 'return this.shelves.at(locationId, skuId).available;',
  },
  {
    name: 'a cancelled order keeps the transfers that were drafted for it',
    file: 'src/order/actions/cancel.ts',
    good: 'await cancelDrafts(tx, shelves, { commandId, now }, transfers);',
    bad: '',
  },
  {
    name: 'units that come back are not noted on the order',
    file: 'src/return/actions/sale.ts',
    good: 'await tx.rows(RAISE_ORDER, [sale.orderId, ...values]);',
    bad: '',
  },
  {
    name: 'what replaces damaged units is not taken from the shelf’s promise',
    file: 'src/order/actions/short.ts',
    good: 'const units = Math.min(most, allocator.atp(shelf));',
    bad: 'const units = Math.min(most, allocator.atp(shelf) + 1);',
  },
  {
    name: 'units on their way that an order does not wait for any more are reserved for it',
    file: 'src/transfer/actions/releaseUnits.ts',
    good: 'SET freed = freed + $3',
    bad: 'SET freed = freed + 0 * $3',
  },
  {
    name: 'of a receipt that is taken back the lost units stay lost',
    file: 'src/transfer/actions/correctReceipt.ts',
    good: "{ ...common, from: 'SHRINKAGE', to: 'IN_TRANSIT', quantity: quantity - kept },",
    bad: "{ ...common, from: 'SHRINKAGE', to: 'IN_TRANSIT', quantity: 0 },",
  },
];
