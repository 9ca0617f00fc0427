// A customer of the demonstration chain calls about an order that is late since yesterday: found by a misspelt name, helped by a transfer.

import { type Client, chapter, type Json } from './client';

/** As the agent hears it: two errors, no accents. */
const HEARD = 'Lea Durant';
const ACCOUNT = 'shopper-00006';

const SEARCH = 'query ($name: String!) { customersByName(name: $name) { id name } }';
const CONTEXT = `query ($by: CustomerKey!) { customerContext(by: $by) {
  customer { id name openOrders { isLate lateMinutes unitsAwaited order { number } } }
  suggestions { kind reason mutation input } } }`;

/** The order is late in truth: the demonstration chain has a past. In a folder of an earlier release it is not there. */
export async function lateOrder(agent: Client): Promise<void> {
  chapter('A customer calls: her order is late since yesterday');
  const { customersByName: found } = await agent.query(SEARCH, { name: HEARD });
  const { customerContext: all } = await agent.query(CONTEXT, { by: { account: ACCOUNT } });
  const late = all?.customer.openOrders.find(({ isLate }: Json) => isLate);
  if (late === undefined) {
    agent.tells('no customer of this chain has a late order any more');
    return;
  }
  agent.tells(`hears "${HEARD}", and finds ${found.map(({ name }: Json) => name).join(', ')}`);
  const isFound = found.some(({ id }: Json) => id === all.customer.id);
  agent.tells(
    `${all.customer.name}${isFound ? ' is one of them' : ''}: ${late.order.number} is ${Math.floor(late.lateMinutes / 60)} hours late, and waits for ${late.unitsAwaited} unit`,
  );
  const wanted = all.suggestions.find(({ kind }: Json) => kind === 'TRANSFER');
  if (wanted === undefined) {
    agent.tells('its unit is on the way already: nothing more is suggested');
    return;
  }
  agent.tells(`suggested: ${wanted.reason}`);
  const { transfer } = await agent.does(wanted.mutation, wanted.input, 'transfer { number from { name } }');
  agent.tells(`sends it as it is: ${transfer.number} from ${transfer.from.name}`);
}
