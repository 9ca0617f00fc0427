// placeOrder: turns a batch of baskets into orders, each decided on its own, in one transaction.

import { v7 as uuid } from 'uuid';
import { type CommandRequest, defineBatchedCommand } from '../../access/actions/execute';
import { withTotals } from '../../access/queries/quotaTotals';
import { promiseFor, type ReadyPromise } from '../../availability/queries/sources';
import { skuCodes } from '../../catalog/queries/skus';
import { insertStatement } from '../../db/documentSql';
import type { Db, Tx } from '../../db/pool';
import type { SendWithCommit } from '../../db/transaction';
import { enqueue } from '../../outbox/actions/enqueue';
import { Refused } from '../../refusals';
import { reservationsWithLines } from '../../reservation/queries/reservations';
import { type LockedShelves, type Move, post } from '../../stock/ledger';
import { planTransfers } from '../../transfer/actions/planned';
import { type InsertedRow, valuesSetBy } from '../../values/document';
import { ORDER } from '../rules/columns';
import { newLine, type OrderLine, refuseTooDear } from '../rules/lines';
import type { OrderStatus } from '../rules/status';
import { type Basket, type PlaceCommand, type PlaceInput, pickupLocationsById } from './basket';
import { directBaskets } from './directBaskets';
import { notifyOrders } from './document';
import { about } from './notices';
import { type OrderQuotas, orderLimits, ordersOverQuota, orderTotals, readOrderQuotas } from './quotas';
import { requestedReservations, reservedBaskets } from './reservedBaskets';

/** Weight of a reservation that becomes an order, in lines; its own lines are not known yet. */
const RESERVATION_WEIGHT = 5;

/** The result of `placeOrder`: the order, and with `allowPartial` the units it did not get. */
export interface Placed {
  orderId: string;
  shortfall: Basket['shortfall'];
}

interface NewOrder {
  id: string;
  command: PlaceCommand;
  basket: Basket;
  status: OrderStatus;
  lines: OrderLine[];
  promise: ReadyPromise;
}

const INSERT = `${insertStatement(ORDER)} RETURNING id, number`;
/** The largest price of the usual column. Larger ones have a column of their own, because widening it would rewrite all lines. */
const LARGEST_INTEGER = 2_147_483_647;
const INSERT_LINES = `
  INSERT INTO order_line (order_id, sku_id, quantity, reserved, awaiting, unit_price_minor, large_unit_price_minor, currency)
  SELECT "orderId", "skuId", quantity, reserved, awaiting,
         CASE WHEN "unitPriceMinor" <= ${LARGEST_INTEGER} THEN "unitPriceMinor" END,
         CASE WHEN "unitPriceMinor" > ${LARGEST_INTEGER} THEN "unitPriceMinor" END, currency
  FROM jsonb_to_recordset($1::jsonb) AS n(
    "orderId" uuid, "skuId" int, quantity int, reserved int, awaiting int, "unitPriceMinor" bigint, currency text)`;
const PRICES = `
  SELECT id, price_minor AS "unitPriceMinor", currency FROM sku WHERE id = ANY($1::int[])`;

async function newOrders(tx: Tx, now: Date, made: [PlaceCommand, Basket][]): Promise<NewOrder[]> {
  const skuIds = [...new Set(made.flatMap(([, b]) => b.lines.map((l) => l.skuId)))];
  const [priced, promises] = await Promise.all([
    tx.rows<{ id: number; unitPriceMinor: number | null; currency: string | null }>(PRICES, [skuIds]),
    promiseFor(
      tx,
      now,
      made.map(([, { location, plans }]) => ({
        locationId: location.id,
        transferArrival: plans.map((p) => p.expectedAt).reduce((a, b) => (a && (!b || a > b) ? a : b), null),
      })),
    ),
  ]);
  const prices = new Map(priced.map(({ id, ...price }) => [id, price]));
  const lines = made.map(([, basket]) =>
    basket.lines.map((l) => newLine(l.skuId, l.reserved, l.awaiting, prices.get(l.skuId)!)),
  );
  // Throws rather than answers, because a reservation may be committed by now: the batch is undone and runs without this one.
  for (const [i, [{ input }]] of made.entries())
    refuseTooDear(lines[i]!, input.reservationId === null ? 'lines' : 'reservation');
  return made.map(([command, basket], i) => ({
    id: uuid(),
    command,
    basket,
    status: basket.plans.length > 0 ? 'AWAITING_TRANSFER' : 'PLACED',
    lines: lines[i]!,
    promise: promises[i]!,
  }));
}

/** The promise as it is stored: the reasons for its time and for its sources, with codes instead of ids. */
function promiseRecord(
  { basket, promise }: NewOrder,
  codes: ReadonlyMap<number, string>,
): Record<string, unknown> {
  const sourcing = basket.log.map(({ took, ...step }) => ({
    ...step,
    took: took.map((t) => ({ sku: codes.get(t.skuId)!, quantity: t.quantity })),
  }));
  return { because: promise.because, sourcing };
}

async function insertOrders(tx: Tx, now: Date, orders: readonly NewOrder[]): Promise<Map<string, string>> {
  const logged = orders.flatMap((o) => o.basket.log.flatMap((s) => s.took.map((t) => t.skuId)));
  const codes = logged.length > 0 ? await skuCodes(tx, logged) : new Map<number, string>();
  const orderRows = orders.map((order): InsertedRow<typeof ORDER> => {
    const { input } = order.command;
    const { basket } = order;
    const { name, email, phone, contactChannel, ...identity } = input.customer;
    return {
      ...valuesSetBy(ORDER, 'placeOrder', input),
      customerName: name,
      customerEmail: email,
      customerPhone: phone,
      contactChannel,
      customerAccount: identity.account ?? null,
      loyaltyCard: identity.loyaltyCard ?? null,
      emailVerified: identity.emailVerified ?? false,
      phoneVerified: identity.phoneVerified ?? false,
      loyaltyCardVerified: identity.loyaltyCardVerified ?? false,
      id: order.id,
      ownerId: basket.ownerId,
      locationId: basket.location.id,
      channel: basket.channel,
      status: order.status,
      reservationId: basket.reservationId,
      payment: input.payment,
      paidAt: input.payment === 'PAID' ? now : null,
      promisedAt: order.promise.promisedAt,
      promise: promiseRecord(order, codes),
    };
  });
  const lines = orders.flatMap((o) => o.lines.map((line) => ({ ...line, orderId: o.id })));
  const [rows] = await Promise.all([
    tx.rows<{ id: string; number: string }>(INSERT, [JSON.stringify(orderRows), now]),
    tx.rows(INSERT_LINES, [JSON.stringify(lines)]),
  ]);
  return new Map(rows.map((r) => [r.id, r.number]));
}

/** Takes the units of all orders: at the shop in one post, elsewhere by draft transfers. */
async function takeUnits(
  tx: Tx,
  now: Date,
  shelves: LockedShelves,
  orders: readonly NewOrder[],
  sendWithCommit: SendWithCommit,
): Promise<void> {
  for (const { id: orderId, command, basket } of orders) {
    const plans = basket.plans.map((plan) => ({ ...plan, orderId }));
    await planTransfers(tx, shelves, { commandId: command.commandId, now }, plans);
  }
  const moves = orders.flatMap(({ id: documentId, command, basket }) =>
    basket.taken.map(
      (units): Move => ({
        ...units,
        locationId: basket.location.id,
        from: 'AVAILABLE',
        to: 'RESERVED',
        reason: 'ORDERED',
        documentId,
        commandId: command.commandId,
      }),
    ),
  );
  await post(tx, shelves, now, moves, sendWithCommit);
}

/** Decides every basket: those taken from shelves, and those of reservations. Posts nothing but expired reservations. */
async function decideBaskets(
  tx: Tx,
  commands: readonly PlaceCommand[],
): Promise<{ answers: Map<PlaceCommand, Basket | Refused>; shelves: LockedShelves | null }> {
  const now = commands[0]!.now;
  const fromReservations = commands.filter((c) => c.input.reservationId !== null);
  const direct = commands.filter((c) => c.input.reservationId === null);
  const records =
    fromReservations.length > 0
      ? await reservationsWithLines(
          tx,
          fromReservations.map((c) => c.input.reservationId!),
        )
      : [];
  const locations = await pickupLocationsById(tx, [
    ...records.map((r) => r.locationId),
    ...direct.flatMap((c) => c.input.direct?.locationId ?? []),
  ]);
  const answers = new Map<PlaceCommand, Basket | Refused>();
  const wanted = requestedReservations(fromReservations, records, locations, answers);
  // Direct baskets come first because of the lock order: reservations to commit and to expire together, then the shelves.
  const shelves = await directBaskets(tx, now, direct, locations, answers, [...wanted.keys()]);
  await reservedBaskets(tx, now, wanted, locations, answers);
  return { answers, shelves };
}

async function placeMany(
  tx: Tx,
  requests: PlaceCommand[],
  sendWithCommit: SendWithCommit,
  readBefore?: OrderQuotas,
): Promise<(Placed | Refused)[]> {
  const now = requests[0]!.now;
  const over = ordersOverQuota(requests, readBefore ?? (await readOrderQuotas(tx, requests)));
  const commands = requests.filter((_, i) => over[i] === null);
  if (commands.length === 0) return over as Refused[];
  const { answers, shelves } = await decideBaskets(tx, commands);
  const made = [...answers].filter(
    (entry): entry is [PlaceCommand, Basket] => !(entry[1] instanceof Refused),
  );
  const placed = new Map<PlaceCommand, Placed>();
  if (made.length > 0) {
    const orders = await newOrders(tx, now, made);
    const numbers = await insertOrders(tx, now, orders);
    if (shelves !== null) await takeUnits(tx, now, shelves, orders, sendWithCommit);
    const messages = orders.map(({ id, status, basket, promise }) => {
      const { location, channel } = basket;
      const order = { id, number: numbers.get(id)!, status, locationCode: location.code, channel };
      return about('order.placed', order, { promisedAt: promise.promisedAt });
    });
    sendWithCommit(enqueue(tx, now, messages));
    const changed = orders.map(({ id, basket }) => ({ id, locationId: basket.location.id }));
    sendWithCommit(notifyOrders(tx, changed));
    for (const { id, command, basket } of orders)
      placed.set(command, { orderId: id, shortfall: basket.shortfall });
  }
  return requests.map((c, i) => over[i] ?? placed.get(c) ?? (answers.get(c) as Refused));
}

const placeBatched = defineBatchedCommand<PlaceInput, Placed, OrderQuotas>(
  'placeOrder',
  { readAhead: readOrderQuotas, perform: placeMany },
  ({ direct }) => direct?.lines.length ?? RESERVATION_WEIGHT,
);

/**
 * Places click-and-collect orders. From a reservation the units stay RESERVED and change owner; directly they are decided on
 * ATP under the lock, with `allowTransfer` also from other locations. A partial reservation becomes an order of that part. @throws Refused NotFound, WrongState of the reservation, NotEnoughStock, InvalidInput, QuotaExceeded
 * @throws Forbidden
 */
export function placeOrder(db: Db, request: CommandRequest<PlaceInput>): Promise<Placed> {
  return withTotals(orderTotals(db), request, orderLimits, (bound) => placeBatched(db, bound));
}
