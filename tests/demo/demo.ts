// npm run demo: one basket, one customer and one planner's morning through the running API, as its clients would drive it.

import { Client, chapter, DemoFailed, type Json, local } from './client';
import { morning } from './morning';
import { oneCustomer } from './oneCustomer';

const url = process.env.COMPTOIR_URL ?? 'http://127.0.0.1:4000';
const frontEnd = new Client(url, 'storefront', 'demo-storefront');
const tablet = new Client(url, 'tablet', 'demo-staff-rivoli');
const planner = new Client(url, 'planner', 'demo-planner');

const SHOP = 'paris-rivoli';
const NEAR = { latitude: 48.8566, longitude: 2.3522, radiusKm: 30 };
const basketId = `basket-${Date.now()}`;

const lines = (items: Json[], field = 'quantity'): string =>
  items.map((l) => `${l[field]} × ${l.sku.code}`).join(', ');

/** Two articles that are plentiful in the shop, and can be had elsewhere too. */
async function chooseArticles(): Promise<Json[]> {
  const { stockLevels } = await planner.query(
    `query ($shop: [String!]!) { stockLevels(filter: { locations: $shop }, first: 200) { edges { node { sku { code name gtin } atp } } } }`,
    { shop: [SHOP] },
  );
  const plenty = stockLevels.edges.map((e: Json) => e.node).filter((level: Json) => level.atp >= 4);
  const { availability } = await planner.query(
    `query ($skus: [String!]!) { availability(skus: $skus, at: { locations: ["dc-orleans"] }) { sku { code } locations { quantity } } }`,
    { skus: plenty.slice(0, 100).map((level: Json) => level.sku.code) },
  );
  const elsewhere = new Set(
    availability.filter((a: Json) => a.locations[0].quantity >= 4).map((a: Json) => a.sku.code),
  );
  const chosen = plenty
    .filter((level: Json) => elsewhere.has(level.sku.code))
    .map((level: Json) => level.sku);
  if (chosen.length < 2)
    throw new DemoFailed(
      `${SHOP} has run out of demonstration stock; delete the data folder (.comptoir) and start again.`,
    );
  return [chosen[0], chosen.at(-1)];
}

async function browse(first: Json, second: Json): Promise<Json> {
  chapter('A shopper looks, and reserves');
  const { availability } = await frontEnd.query(
    `query ($skus: [String!]!, $near: NearInput!) { availability(skus: $skus, at: { near: $near }) {
       sku { code name } locations { location { name } band quantity distanceKm } } }`,
    { skus: [first.code], near: NEAR },
  );
  for (const { location, band, quantity, distanceKm } of availability[0].locations) {
    frontEnd.tells(
      `${availability[0].sku.name}: ${band} at ${location.name}, ${distanceKm.toFixed(1)} km (exact number: ${quantity ?? 'not for the public'})`,
    );
  }
  const basket = [
    { sku: first.code, quantity: 2 },
    { sku: second.code, quantity: 1 },
  ];
  const { pickupOptions } = await frontEnd.query(
    `query ($lines: [SkuQuantityInput!]!, $near: NearInput!) { pickupOptions(lines: $lines, near: $near) {
       location { code name } kind readyAt promiseSteps { rule detail } } }`,
    { lines: basket, near: NEAR },
  );
  for (const option of pickupOptions.slice(0, 2)) {
    frontEnd.tells(
      `${option.location.name}: ${option.kind}, ready ${option.readyAt ? local(option.readyAt) : 'never'}`,
    );
  }
  for (const step of pickupOptions[0].promiseSteps) frontEnd.tells(`  because: ${step.detail}`);
  const { reservation } = await frontEnd.does(
    'reserveStock',
    { location: SHOP, lines: basket, holder: basketId, holdMinutes: 15 },
    'reservation { id expiresAt certificate { lines { sku { code } requested reserved } } }',
  );
  frontEnd.tells(
    `held ${lines(reservation.certificate.lines, 'reserved')} until ${local(reservation.expiresAt)}`,
  );
  return reservation;
}

async function order(reservation: Json): Promise<Json> {
  chapter('The hold becomes an order: its units are never free in between');
  const placed = await frontEnd.does(
    'placeOrder',
    {
      reservation: reservation.id,
      payment: 'PAID',
      customer: { name: 'Ada Martin', email: 'ada@example.org' },
    },
    'order { id number status total { amountMinor currency } promise { readyAt } }',
  );
  const { number, status, total, promise } = placed.order;
  frontEnd.tells(
    `order ${number} is ${status}, ${(total.amountMinor / 100).toFixed(2)} ${total.currency}, promised for ${local(promise.readyAt)}`,
  );
  return placed.order;
}

async function pick(placed: Json, first: Json, second: Json): Promise<void> {
  chapter('The shop picks: every scan is checked, and what is missing heals itself');
  const { pickupQueue } = await tablet.query(
    'query ($shop: String!) { pickupQueue(location: $shop) { toPick { count } } }',
    { shop: SHOP },
  );
  tablet.tells(`${pickupQueue.toPick.count} order(s) to pick`);
  await tablet.does('startPicking', { orders: [placed.id] }, 'orders { status }');
  const { pickList } = await tablet.query(
    'query ($shop: String!, $orders: [ID!]) { pickList(location: $shop, orders: $orders) { pickPosition quantity sku { code } } }',
    { shop: SHOP, orders: [placed.id] },
  );
  for (const line of pickList)
    tablet.tells(`  walk to ${line.pickPosition}: ${line.quantity} × ${line.sku.code}`);
  const wrong = await tablet.act('pickLine', { order: placed.id, gtin: '5901234123457' }, 'order { status }');
  tablet.tells(`scans the wrong box: ${wrong.__typename}: ${wrong.message}`);
  await tablet.does('pickLine', { order: placed.id, gtin: first.gtin, quantity: 1 }, 'order { status }');
  await tablet.does('pickLine', { order: placed.id, gtin: second.gtin, quantity: 1 }, 'order { status }');
  const short = await tablet.does(
    'shortPick',
    { order: placed.id, sku: first.code, quantity: 1, reason: 'NOT_FOUND' },
    'resourced replacedHere short order { status } transfers { id number from { code name } status }',
  );
  tablet.tells(
    `one ${first.code} is not on the shelf: ${short.replacedHere} replaced from this shop, ${short.resourced} from elsewhere; a count is opened`,
  );
  for (const transfer of short.transfers) await bring(transfer);
  if (short.replacedHere + short.resourced > 0)
    await tablet.does('pickLine', { order: placed.id, gtin: first.gtin, quantity: 1 }, 'order { status }');
}

async function bring(transfer: Json): Promise<void> {
  const admin = new Client(url, 'warehouse', 'demo-admin');
  await admin.does('dispatchTransfer', { transfer: transfer.id }, 'transfer { status }');
  admin.tells(`${transfer.number} leaves ${transfer.from.name}`);
  await tablet.does('receiveTransfer', { transfer: transfer.id }, 'transfer { status }');
  tablet.tells(`${transfer.number} is received and belongs to the order`);
}

async function handOver(placed: Json): Promise<void> {
  chapter('Ready, and handed over against the code');
  await tablet.does('markReady', { order: placed.id, stagingArea: 'shelf 3' }, 'order { status }');
  const { order: mine } = await frontEnd.query(
    'query ($id: ID!) { order(by: { id: $id }) { status pickupCode collectBy } }',
    { id: placed.id },
  );
  frontEnd.tells(
    `${placed.number} is ${mine.status}; the customer's code is ${mine.pickupCode}, to be used by ${local(mine.collectBy)}`,
  );
  await frontEnd.does('onMyWay', { order: placed.id }, 'order { status }');
  const wrong = await tablet.act('collectOrder', { order: placed.id, code: 'AAAAAA' }, 'order { status }');
  tablet.tells(`someone guesses a code: ${wrong.__typename}: ${wrong.message}`);
  const tap = {
    idempotencyKey: `tap-${placed.number}`,
    order: placed.id,
    code: mine.pickupCode,
    collectedBy: 'Ben Martin',
  };
  const [once, twice] = [
    await tablet.does('collectOrder', tap, 'order { status collectedBy }'),
    await tablet.does('collectOrder', tap, 'order { status }'),
  ];
  tablet.tells(
    `handed to ${once.order.collectedBy}: ${once.order.status}; the second tap gets the same answer: ${twice.order.status}`,
  );
}

async function bringBack(placed: Json, first: Json): Promise<void> {
  const till = new Client(url, 'Lyon', 'demo-staff-lyon');
  const { return: back } = await till.does(
    'receiveReturn',
    {
      order: placed.id,
      location: 'lyon-part-dieu',
      lines: [{ sku: first.code, quantity: 1, reason: 'too big', disposition: 'RESTOCK' }],
    },
    'return { number status }',
  );
  till.tells(`${back.number}: one ${first.code} comes back in another shop and is for sale again`);
}

async function prove(first: Json): Promise<void> {
  chapter('The planner reads the ledger');
  const { stockMoves, stockDrift } = await planner.query(
    `query ($filter: StockMoveFilter!) {
       stockMoves(filter: $filter, first: 5) { edges { node { quantity fromBucket toBucket reason toLocation { code } command { action actor { name } } } } }
       stockDrift { __typename } }`,
    { filter: { sku: first.code } },
  );
  for (const { node } of stockMoves.edges) {
    planner.tells(
      `${node.quantity} × ${first.code} ${node.fromBucket} → ${node.toBucket} at ${node.toLocation.code}, ${node.reason} by ${node.command.actor.name}`,
    );
  }
  planner.tells(
    `stockDrift: ${stockDrift.length === 0 ? 'empty, levels and ledger agree' : `${stockDrift.length} rows!`}`,
  );
}

async function main(): Promise<void> {
  const [first, second] = await chooseArticles();
  const placed = await order(await browse(first, second));
  await pick(placed, first, second);
  await handOver(placed);
  await bringBack(placed, first);
  const admin = new Client(url, 'warehouse', 'demo-admin');
  await oneCustomer({ frontEnd, tablet, admin });
  await morning(planner, admin);
  await prove(first);
}

main().catch((error: unknown) => {
  process.stderr.write(`demo: ${error instanceof DemoFailed ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
