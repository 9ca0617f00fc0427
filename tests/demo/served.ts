// How an agent serves the woman with one query, and a data steward hands out her data and erases them.

import { type Client, DemoFailed, type Json, local } from './client';
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

const CONTEXT = `query ($by: CustomerKey!) { customerContext(by: $by) {
  customer { id name identifiers { kind value standing joinedBy }
    openOrders { isLate lateMinutes isAtRisk waitsFor unitsAwaited unitsReady promisedAt transferExpectedAt order { number } } }
  lastContacts { channel topic orderNumber state } openCases { id number topic orderNumber }
  contactPromises { promise overdueMinutes topic }
  suggestions { kind reason mutation input } } }`;

export async function readContext(agent: Client, her: DemoWoman): Promise<Json> {
  const by = { socialHandle: { network: 'instagram', handle: her.handle } };
  const { customerContext: all } = await agent.query(CONTEXT, { by });
  agent.tells(`one query, by @${her.handle}: ${all.customer.name}`);
  for (const { kind, value, standing, joinedBy } of all.customer.identifiers)
    agent.tells(`  ${kind} ${value}: ${standing}${joinedBy ? `, joined by a ${joinedBy}` : ''}`);
  for (const one of all.customer.openOrders) {
    const state = one.isLate
      ? `${one.lateMinutes} minutes late`
      : one.isAtRisk
        ? `not late yet, but at risk: promised for ${local(one.promisedAt)}, its transfer is expected on ${local(one.transferExpectedAt)}`
        : 'in time';
    agent.tells(
      `  order ${one.order.number} waits for ${one.waitsFor} of ${counted(one.unitsAwaited, 'unit')}; ${state}`,
    );
  }
  for (const { promise, overdueMinutes, topic } of all.contactPromises)
    agent.tells(`  promised: ${promise} about ${topic}, ${overdueMinutes} minutes overdue`);
  const channels = all.lastContacts.map((one: Json) => one.channel).join(', ');
  agent.tells(
    `  last contacts, the newest first: ${channels}; ${counted(all.openCases.length, 'open case')}`,
  );
  for (const { kind, mutation, reason } of all.suggestions)
    agent.tells(`  suggested: ${kind} by ${mutation}. ${reason}`);
  return all;
}

export async function follow({ agent, admin, tablet }: DemoClients, all: Json, order: Json): Promise<void> {
  const wanted = all.suggestions.find(({ kind }: Json) => kind === 'TRANSFER');
  if (!wanted) throw new DemoFailed(`no transfer is suggested for ${order.number}.`);
  const { transfer } = await agent.does(
    wanted.mutation,
    wanted.input,
    'transfer { id number status from { name } }',
  );
  agent.tells(
    `sends the suggested ${wanted.mutation} as it is: ${transfer.number} from ${transfer.from.name}`,
  );
  await admin.does('dispatchTransfer', { transfer: transfer.id }, 'transfer { status }');
  await tablet.does('receiveTransfer', { transfer: transfer.id }, 'transfer { status }');
  await admin.does('cancelTransfer', { transfer: order.transfer.id }, 'transfer { status }');
  const call = all.suggestions.find(({ kind }: Json) => kind === 'CALL_BACK');
  if (!call) throw new DemoFailed('no call is suggested, although one was promised.');
  await agent.does(call.mutation, { location: SHOP, ...call.input, resolved: true }, 'contact { state }');
  tablet.tells(
    `${transfer.number} is received; ${order.transfer.number} is cancelled, and the order takes the unit from here`,
  );
  agent.tells('calls her back, and notes it');
}

export async function collect(clients: DemoClients, her: DemoWoman, order: Json, sku: Json): Promise<void> {
  const { frontEnd, tablet, agent } = clients;
  await tablet.does('pickLine', { order: order.id, gtin: sku.gtin, quantity: 1 }, 'order { status }');
  await tablet.does('markReady', { order: order.id, stagingArea: 'shelf 5' }, 'order { status }');
  const { order: mine } = await frontEnd.query('query ($id: ID!) { order(by: { id: $id }) { pickupCode } }', {
    id: order.id,
  });
  const { order: done } = await tablet.does(
    'collectOrder',
    { order: order.id, code: mine.pickupCode },
    'order { status }',
  );
  const { customerContext } = await agent.query(CONTEXT, { by: { email: her.email } });
  tablet.tells(
    `${order.number} is ${done.status}; she now has ${counted(customerContext.customer.openOrders.length, 'open order')}`,
  );
}

/** The survey of the help desk; one of our own needs PUBLIC_URL, and goes out by a webhook. */
export async function answerDesk(clients: DemoClients, all: Json, chat: object): Promise<void> {
  const { desk, agent } = clients;
  await ingest(desk, 'chatwoot', {
    ...{ ...chat, state: 'RESOLVED', stateAt: minutesAgo(0) },
    survey: { csat: 5, nps: 9, ces: 6 },
  });
  desk.tells('she answers the help desk’s survey: satisfied 5 of 5, would recommend 9 of 10, easy 6 of 7');
  const { customerContext } = await agent.query(CONTEXT, { by: { id: all.customer.id } });
  for (const one of customerContext.openCases)
    await agent.does('closeCase', { case: one.id }, 'case { status }');
  agent.tells(`closes ${counted(customerContext.openCases.length, 'case')}`);
}

export async function exportHer({ steward }: DemoClients, customer: string): Promise<string> {
  await steward.does('exportCustomer', { customer }, 'export { id state }');
  const made = await until('The export', async () => {
    const { customerExports } = await steward.query(
      'query ($customer: ID!) { customerExports(filter: { customer: $customer }) { nodes { state files { name bytes url } } } }',
      { customer },
    );
    const [newest] = customerExports.nodes;
    return newest?.state === 'READY' ? newest : null;
  });
  const { url, bytes } = made.files.find(({ name }: Json) => name === 'export.json');
  const address = steward.url + url;
  const copy = (await (await fetch(address)).json()) as Json;
  steward.tells(
    `her copy: ${counted(made.files.length, 'file')}; export.json has ${bytes} bytes with ${counted(copy.orders.length, 'order')} and ${counted(copy.contacts.length, 'contact')}, fetched by its signed link`,
  );
  return address;
}

export async function eraseHer(
  { steward, agent }: DemoClients,
  her: DemoWoman,
  id: string,
  link: string,
): Promise<void> {
  const { openOrders } = await steward.does('eraseCustomer', { customer: id }, 'openOrders');
  steward.tells(
    `erased; ${counted(openOrders, 'order')} left open; the link of the copy now answers ${(await fetch(link)).status}`,
  );
  let found = 0;
  for (const by of keysOf(her)) if ((await find(agent, by)) !== null) found += 1;
  agent.tells(`by her 3 identifiers ${counted(found, 'customer')} can be found`);
}
