// One woman on five channels with three identifiers and an order that will be late: joined, served, exported and erased.

import { Client, chapter, DemoFailed, type Json, local } from './client';
import { lateOrder } from './lateOrder';
import { answerDesk, collect, eraseHer, exportHer, follow, readContext } from './served';
import {
  counted,
  type DemoClients,
  type DemoWoman,
  find,
  ingest,
  keysOf,
  minutesAgo,
  SHOP,
  until,
} from './woman';

const NEIGHBOUR = 'paris-bercy';
const WAREHOUSE = 'dc-orleans';
const NAME = 'Zoé Lambert';
/** Units of the article that each of the three locations needs for one demonstration. */
const NEEDED = 3;
const ORDERED = 2;
const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

async function chooseArticle(admin: Client): Promise<Json> {
  const { stockLevels } = await admin.query(
    `query ($shop: [String!]!) { stockLevels(filter: { locations: $shop }, first: 200) { edges { node { sku { code name gtin } atp } } } }`,
    { shop: [NEIGHBOUR] },
  );
  const codes = stockLevels.edges.map(({ node }: Json) => node.sku.code);
  const { availability } = await admin.query(
    `query ($skus: [String!]!, $at: [String!]!) { availability(skus: $skus, at: { locations: $at }) {
       sku { code name gtin } locations { quantity } } }`,
    { skus: codes.slice(0, 100), at: [SHOP, NEIGHBOUR, WAREHOUSE] },
  );
  const found = availability.find(({ locations }: Json) =>
    locations.every(({ quantity }: Json) => quantity >= NEEDED),
  );
  if (!found)
    throw new DemoFailed(
      `${SHOP}, ${NEIGHBOUR} and ${WAREHOUSE} have run out of demonstration stock; delete the data folder (.comptoir) and start again.`,
    );
  return found.sku;
}

async function setLead(admin: Client, minutes: number): Promise<void> {
  await admin.does(
    'upsertLocations',
    { locations: [{ code: WAREHOUSE, transferLeadMinutes: minutes }] },
    'updated',
  );
}

/** A unit is missing while the warehouse's transfers take a week; afterwards they take as long as before. */
async function missOne({ admin, tablet }: DemoClients, order: Json, sku: string): Promise<Json> {
  const { location } = await admin.query(
    'query ($code: String!) { location(by: { code: $code }) { transferLeadMinutes } }',
    { code: WAREHOUSE },
  );
  await setLead(admin, WEEK_MINUTES);
  try {
    const short = await tablet.does(
      'shortPick',
      { order: order.id, sku, quantity: 1, reason: 'NOT_FOUND' },
      'order { status } transfers { id number expectedAt from { name code } }',
    );
    if (short.transfers.length === 0) throw new DemoFailed('no location can send the missing unit.');
    return short;
  } finally {
    await setLead(admin, location.transferLeadMinutes);
  }
}

async function orderOnline(clients: DemoClients, her: DemoWoman, sku: Json): Promise<Json> {
  const { frontEnd, tablet } = clients;
  const { order } = await frontEnd.does(
    'placeOrder',
    {
      ...{ location: SHOP, lines: [{ sku: sku.code, quantity: ORDERED }], payment: 'PAID' },
      customer: { name: NAME, ...withoutHandle(her), emailVerified: true, phoneVerified: true },
    },
    'order { id number promise { readyAt } }',
  );
  frontEnd.tells(
    `1. web order: ${NAME} orders ${ORDERED} × ${sku.name} with her e-mail address and telephone, ${order.number}`,
  );
  await tablet.does('startPicking', { orders: [order.id] }, 'orders { status }');
  await tablet.does('pickLine', { order: order.id, gtin: sku.gtin, quantity: 1 }, 'order { status }');
  const short = await missOne(clients, order, sku.code);
  const [transfer] = short.transfers;
  tablet.tells(
    `one unit is not on the shelf; ${transfer.from.name} sends one, expected on ${local(transfer.expectedAt)}, but ${order.number} was promised for ${local(order.promise.readyAt)}`,
  );
  return { ...order, transfer };
}

const withoutHandle = ({ email, phone }: DemoWoman): object => ({ email, phone });
const handleOf = ({ handle }: DemoWoman): object => ({
  ...{ kind: 'SOCIAL_HANDLE', scope: 'instagram', value: handle, verified: true },
});

/** The customers that are found by her three identifiers; null while one finds nobody. */
async function customersOf(agent: Client, her: DemoWoman): Promise<string[] | null> {
  const found = [];
  for (const by of keysOf(her)) found.push(await find(agent, by));
  return found.includes(null) ? null : [...new Set(found.map(({ id }) => id))];
}

async function writeAndCall({ desk }: DemoClients, her: DemoWoman, number: string): Promise<Json> {
  const call = {
    ...{ externalId: `call-${her.handle}`, channel: 'PHONE', state: 'OPEN', topic: 'AVAILABILITY' },
    ...{ at: minutesAgo(DAY_MINUTES), promise: 'CALL_BACK', promisedFor: minutesAgo(90) },
    identifiers: [{ kind: 'PHONE', value: her.phone }],
  };
  await ingest(desk, 'telephone', call);
  desk.tells('2. telephone, yesterday: she was promised a call, which is 90 minutes overdue');
  const late = { at: minutesAgo(0), state: 'OPEN', topic: 'LATE_ORDER' };
  const mail = { kind: 'EMAIL', value: her.email };
  await ingest(desk, 'zendesk', {
    ...{ ...late, externalId: `mail-${her.handle}`, channel: 'EMAIL', orderNumber: number },
    identifiers: [mail],
  });
  desk.tells(`3. e-mail: where is ${number}? The sender of a mail is only claimed`);
  const chat = {
    ...{ ...late, externalId: `chat-${her.handle}`, channel: 'INSTAGRAM' },
    identifiers: [handleOf(her)],
  };
  await ingest(desk, 'chatwoot', chat);
  desk.tells(`4. Instagram: @${her.handle} asks the same, without a number`);
  return chat;
}

async function becomeOne(clients: DemoClients, her: DemoWoman, number: string): Promise<Json> {
  const { agent, tablet } = clients;
  const chat = await writeAndCall(clients, her, number);
  const before = await until('The recording of the order', async () => {
    const ids = await customersOf(agent, her);
    return ids?.length === 2 ? ids : null;
  });
  agent.tells(
    `so far her 3 identifiers are ${counted(before.length, 'customer')}: nothing joins the Instagram name`,
  );
  await tablet.does(
    'noteContact',
    {
      ...{ location: SHOP, topic: 'LATE_ORDER', orderNumber: number, resolved: false },
      identifiers: [handleOf(her), { kind: 'PHONE', value: her.phone, verified: true }],
    },
    'contact { channel }',
  );
  tablet.tells('5. shop: she shows her telephone with the Instagram name on it; both are noted as verified');
  const after = await until('The join', async () => {
    const ids = await customersOf(agent, her);
    return ids?.length === 1 ? ids : null;
  });
  agent.tells(`now her 3 identifiers are ${counted(after.length, 'customer')}`);
  return chat;
}

/** From five channels to one customer, and to none. */
export async function oneCustomer(served: Pick<DemoClients, 'frontEnd' | 'tablet' | 'admin'>): Promise<void> {
  const { url } = served.frontEnd;
  const clients: DemoClients = {
    ...served,
    desk: new Client(url, 'help desk', 'demo-feed'),
    agent: new Client(url, 'agent', 'demo-agent'),
    steward: new Client(url, 'steward', 'demo-steward'),
  };
  const run = Date.now();
  const phone = `+336${String(run).slice(-8)}`;
  const her: DemoWoman = { email: `zoe.${run}@example.org`, phone, handle: `zoe.${run}` };
  chapter('One woman, five channels, three identifiers, one order that will be late');
  const sku = await chooseArticle(clients.admin);
  const order = await orderOnline(clients, her, sku);
  const chat = await becomeOne(clients, her, order.number);
  chapter('The agent has it all in one query, and does what is suggested');
  const all = await readContext(clients.agent, her);
  await follow(clients, all, order);
  await collect(clients, her, order, sku);
  await answerDesk(clients, all, chat);
  chapter('She wants a copy of her data, and then to be forgotten');
  const link = await exportHer(clients, all.customer.id);
  await eraseHer(clients, her, all.customer.id, link);
  await lateOrder(clients.agent);
}
