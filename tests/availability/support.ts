// Availability as the tests ask it, and the documents it depends on, made so that levels and ledger agree.

import { v7 as uuid } from 'uuid';
import { inTransaction } from '../../src/db/transaction';
import { lockShelves, type Move, post } from '../../src/stock/ledger';
import { stockDrift } from '../../src/stock/queries/levels';
import type { TestApp } from '../support/app';

const CELL = `sku { code } location { code } distanceKm band quantity safetyStock asOf countedAt changedAt
  arrivals { band quantity expectedAt source }`;
const AVAILABILITY =
  `query ($skus: [String!]!, $at: AvailabilityLocations!, $channel: String! = "ONLINE", $holder: String, $on: DateTime) {
  availability(skus: $skus, at: $at, channel: $channel, holder: $holder, on: $on) { sku { code } locations { ${CELL} } } }` as const;
const OPTIONS = `query ($lines: [SkuQuantityInput!]!, $near: NearInput!, $channel: String! = "ONLINE", $holder: String) {
  pickupOptions(lines: $lines, near: $near, channel: $channel, holder: $holder) {
    location { code } kind distanceKm readyAt promiseSteps { rule from to detail }
    sourcing { location { code } isUsed reason }
    lines { sku { code } quantity state band here byTransfer missing } asOf } }`;

/** Units of one SKU at one location, named by codes. */
export type Stocked = [location: string, sku: string, quantity: number];

let keys = 0;

/** What the availability tests do with one app. */
export function availabilityOn(app: TestApp) {
  const ids = async (table: 'sku' | 'location'): Promise<Map<string, number>> => {
    const texts = { sku: 'SELECT id, code FROM sku', location: 'SELECT id, code FROM location' };
    const rows = await app.db.rows<{ id: number; code: string }>(texts[table]);
    return new Map(rows.map((r) => [r.code, r.id]));
  };
  /** Posts moves under a command of its own, as any act would. */
  const posting = async (
    moves: (skus: Map<string, number>, places: Map<string, number>) => Omit<Move, 'commandId'>[],
  ) => {
    const made = moves(await ids('sku'), await ids('location'));
    await inTransaction(app.db, async (tx) => {
      const [command] = await tx.rows<{ id: number }>(
        `INSERT INTO command (actor_id, key, action, request_hash, outcome, created_at)
         VALUES (0, $1, 'test', '', '{}', $2) RETURNING id`,
        [`test-${++keys}`, app.parts.clock()],
      );
      const shelves = await lockShelves(
        tx,
        made.flatMap((m) => [m, { ...m, locationId: m.toLocationId ?? m.locationId }]),
      );
      await post(
        tx,
        shelves,
        app.parts.clock(),
        made.map((m) => ({ ...m, commandId: command!.id })),
      );
    });
  };
  return {
    ask: (token: string | null, variables: Record<string, unknown>) =>
      app.gql(token, AVAILABILITY, variables),
    options: (token: string | null, variables: Record<string, unknown>) => app.gql(token, OPTIONS, variables),
    /** Puts units on shelves. */
    stock: (...stocked: Stocked[]) =>
      posting((skus, places) =>
        stocked.map(([location, sku, quantity]) => ({
          locationId: places.get(location)!,
          skuId: skus.get(sku)!,
          from: 'SUPPLIER',
          to: 'AVAILABLE',
          quantity,
          reason: 'RECEIVED',
        })),
      ),
    /** Safety stock; null means every. */
    async safety(sku: string | null, location: string | null, channel: string | null, quantity: number) {
      await app.db.rows(
        `INSERT INTO safety_stock (sku_id, location_id, channel, quantity)
         VALUES ((SELECT id FROM sku WHERE code = $1), (SELECT id FROM location WHERE code = $2), $3, $4)`,
        [sku, location, channel, quantity],
      );
    },
    /** A hold as reserveStock leaves it: RESERVED units and an ACTIVE document. */
    async hold(token: string, location: string, sku: string, quantity: number, holder: string | null) {
      const { data } = await app.gql(
        token,
        `mutation ($input: ReserveStockInput!) { reserveStock(input: $input) { __typename } }`,
        {
          input: {
            idempotencyKey: `hold-${++keys}`,
            location,
            holder,
            lines: [{ sku, quantity }],
          },
        },
      );
      expect(data.reserveStock.__typename).toBe('ReserveStockSuccess');
    },
    /** An order to a supplier; it moves no units before they come. */
    async purchase(
      status: string,
      location: string,
      expectedAt: string | null,
      lines: [string, number, number][],
    ) {
      const id = uuid();
      await app.db.rows(
        `INSERT INTO supplier (code, name, lead_time_days) VALUES ('ACME', 'Acme', 7) ON CONFLICT DO NOTHING`,
      );
      await app.db.rows(
        `INSERT INTO purchase_order (id, number, supplier_id, location_id, status, created_at, expected_at)
         SELECT $1, $2, s.id, l.id, $3::purchase_status, $4, $5
         FROM supplier s, location l WHERE s.code = 'ACME' AND l.code = $6`,
        [id, `P-${++keys}`, status, app.parts.clock(), expectedAt, location],
      );
      for (const [sku, quantity, received] of lines) {
        await app.db.rows(
          'INSERT INTO purchase_line (purchase_id, sku_id, quantity, received) SELECT $1, id, $3, $4 FROM sku WHERE code = $2',
          [id, sku, quantity, received],
        );
      }
    },
    /** A transfer of one SKU with its units where its status says they are. `orderId`: they are promised already. */
    async transfer(
      status: 'DRAFT' | 'DISPATCHED',
      [from, to]: [string, string],
      sku: string,
      quantity: number,
      expectedAt: string | null,
      orderId: string | null = null,
    ) {
      const id = uuid();
      await app.db.rows(
        `INSERT INTO transfer (id, number, from_location_id, to_location_id, status, order_id, expected_at, created_at)
         SELECT $1, $2, f.id, t.id, $3::transfer_status, $4, $5, $6 FROM location f, location t WHERE f.code = $7 AND t.code = $8`,
        [id, `T-${++keys}`, status, orderId, expectedAt, app.parts.clock(), from, to],
      );
      await app.db.rows(
        'INSERT INTO transfer_line (transfer_id, sku_id, quantity) SELECT $1, id, $3 FROM sku WHERE code = $2',
        [id, sku, quantity],
      );
      await posting((skus, places) => {
        const shelf = { locationId: places.get(from)!, skuId: skus.get(sku)!, quantity, documentId: id };
        const planned = { ...shelf, from: 'AVAILABLE', to: 'RESERVED', reason: 'TRANSFER_PLANNED' } as const;
        const sent = {
          ...shelf,
          from: 'RESERVED',
          to: 'IN_TRANSIT',
          toLocationId: places.get(to)!,
          reason: 'DISPATCHED',
        } as const;
        return status === 'DRAFT' ? [planned] : [planned, sent];
      });
    },
    /** An open order with no lines, which waits in a location's queue until it is ready. */
    async order(location: string, status: string, promisedAt: string | null): Promise<string> {
      const id = uuid();
      await app.db.rows(
        `INSERT INTO customer_order (id, number, owner_id, location_id, channel, status, payment, customer_name,
                                     contact_channel, placed_at, promised_at, updated_at)
         SELECT $1, $2, 0, id, 'ONLINE', $3::order_status, 'PAID', 'Test', 'EMAIL', $4, $5, $4 FROM location WHERE code = $6`,
        [id, `C-${++keys}`, status, app.parts.clock(), promisedAt, location],
      );
      return id;
    },
    drift: () => stockDrift(app.db),
  };
}
