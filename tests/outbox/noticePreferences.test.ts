// Every notice goes to the customer as the customer prefers, whatever an order states; but never to somebody who is only probably the same.

import { appendLinks, lockCustomers, rederiveCustomers } from '../../src/customer/actions/links';
import { IdentifierHashes } from '../../src/customer/rules/identifiers';
import { pairOf } from '../../src/customer/rules/links';
import { inTransaction } from '../../src/db/transaction';
import { TOPICS } from '../../src/outbox/rules/topics';
import { type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { jobNamed } from '../support/jobs';
import { dispatch, type Receiver, register, startReceiver, tell } from './support';

let app: TestApp;
let shop: Orders;
let receiver: Receiver;
const PHONE = '+33612345670';

beforeAll(async () => {
  app = await startApp({ PUBLIC_URL: 'https://shop.example.com', SURVEY_DELAY_HOURS: '0' });
  shop = await ordersOn(app);
  receiver = await startReceiver();
  await register(app, await app.token('ADMIN'), receiver.url, ['notice.*']);
  await shop.stock('paris', [{ sku: 'LAMP', quantity: 100 }]);
});
afterAll(async () => {
  await receiver.close();
  await app.close();
});

const LAMP = [{ sku: 'LAMP', quantity: 1 }];
const uuidOf = (id: string) => Buffer.from(id, 'base64').toString().split(':')[1]!;
const record = () => jobNamed('recordInteractions').run(app.parts, app.parts.clock(), async () => true);
/** Places an order a day later, so that what it states is newer. */
async function placeLater(customer: object) {
  app.wait(24 * 60);
  const { order } = await shop.place({ location: 'paris', lines: LAMP, customer });
  await record();
  return order;
}
interface SentNotice {
  type: string;
  data: { recipient: { channel: string; address: string; language: string | null }; pickupCode?: string };
}
async function sent(): Promise<SentNotice[]> {
  receiver.got.length = 0;
  await dispatch(app);
  return receiver.got.map((one) => JSON.parse(one.body));
}

test('no kind of notice is an SMS to somebody who prefers mail', async () => {
  const anne = { name: 'Anne Martin', account: 'anne', phone: PHONE, email: 'anne@example.com' };
  const order = await shop.ready(LAMP, { customer: { ...anne, contactChannel: 'SMS' } });
  await placeLater({ ...anne, contactChannel: 'EMAIL' });
  await sent();
  const surveyed = await shop.ready(LAMP, { customer: { ...anne, contactChannel: 'SMS' } });
  await shop.act(shop.paris, 'collectOrder', { order: surveyed.id, code: await shop.code(surveyed.id) });
  // A later order by SMS was a choice of that moment; the last one prefers mail again.
  await placeLater({ ...anne, contactChannel: 'EMAIL' });
  await sent();
  // The survey of the collection is due now.
  await app.db.rows("UPDATE customer_order SET closed_at = $1 WHERE status = 'COLLECTED'", [
    app.parts.clock(),
  ]);
  await jobNamed('sendSurveys').run(app.parts, app.parts.clock(), async () => true);
  const kinds = TOPICS.filter((topic) => topic.startsWith('notice.') && topic !== 'notice.survey');
  await tell(
    app,
    ...kinds.map((topic) => ({ topic, orderId: uuidOf(order.id), payload: { number: order.number } })),
  );
  const notices = await sent();
  expect(notices.map((one) => one.type).sort()).toEqual([...kinds, 'notice.survey'].sort());
  for (const { type, data } of notices)
    expect([type, data.recipient.channel, data.recipient.address]).toEqual([
      type,
      'EMAIL',
      'anne@example.com',
    ]);
});

test('a code that was sent elsewhere verifies no address of the order', async () => {
  const eve = { name: 'Eve Petit', account: 'eve', email: 'eve@example.com', emailVerified: true };
  await placeLater({ ...eve, contactChannel: 'EMAIL' });
  // A later order by text message states a preference of its own, unless it is older than the one for mail.
  const order = await shop.ready(LAMP, {
    customer: { name: 'Eve Petit', account: 'eve', phone: '+33612345671', contactChannel: 'SMS' },
  });
  await placeLater({ ...eve, contactChannel: 'EMAIL' });
  const ready = (await sent()).find(({ type }) => type === 'notice.order_ready')!;
  expect(ready.data.recipient).toMatchObject({ channel: 'EMAIL', address: 'eve@example.com' });
  await shop.act(shop.paris, 'collectOrder', { order: order.id, code: ready.data.pickupCode });
  await record();
  const verified = await app.db.rows<{ kind: string; by: number | null }>(
    `SELECT i.kind, o.verified_by AS by FROM interaction n JOIN interaction_identifier o ON o.interaction_id = n.id
     JOIN identifier i ON i.id = o.identifier_id WHERE n.source_key = $1 || ':collected' AND i.kind = 'PHONE'`,
    [uuidOf(order.id)],
  );
  expect(verified).toEqual([{ kind: 'PHONE', by: null }]);
});

test('an order whose customer has no address for the preferred channel keeps its own', async () => {
  const bob = { name: 'Bob Roux', account: 'bob', phone: '+33612345672' };
  const order = await shop.ready(LAMP, { customer: { ...bob, contactChannel: 'SMS' } });
  await placeLater({ ...bob, email: 'bob@example.com', contactChannel: 'EMAIL' });
  const [notice] = (await sent()).filter(({ type }) => type === 'notice.order_ready');
  // The mail address was only claimed, in another order: the code does not go there.
  expect(notice!.data.recipient).toMatchObject({ channel: 'SMS', address: '+33612345672' });
  expect(await shop.see(order.id, 'status')).toEqual({ status: 'READY' });
});

test('what only the model joined changes no notice', async () => {
  const zoe = { name: 'Zoé Blanc', account: 'zoe', phone: '+33612345673', contactChannel: 'SMS' };
  await shop.ready(LAMP, { customer: zoe });
  await placeLater({
    ...{ name: 'Zoe Blanc', account: 'zoe-2', email: 'zoe2@example.com', emailVerified: true },
    contactChannel: 'EMAIL',
  });
  const hashes = new IdentifierHashes(app.parts.secretKey);
  const rows = await app.db.rows<{ id: number; hash: string; scope: string }>(
    "SELECT id, hash, scope FROM identifier WHERE kind = 'WEB_ACCOUNT'",
  );
  const idOf = (value: string) =>
    rows.find(({ hash, scope }) => hashes.identifier('WEB_ACCOUNT', value, scope).hash === hash)!.id;
  const pair = pairOf(idOf('zoe'), idOf('zoe-2'));
  await inTransaction(app.db, async (tx) => {
    await lockCustomers(tx);
    const now = app.parts.clock();
    await appendLinks(tx, now, {
      kind: 'JOIN',
      origin: 'MODEL',
      actorId: 0,
      pairs: [pair],
      evidence: [{ bits: 20 }],
    });
    await rederiveCustomers(tx, pair, {});
  });
  const [joined] = await app.db.rows<{ customers: number }>(
    'SELECT count(DISTINCT customer_id)::int AS customers FROM identifier WHERE id = ANY($1::bigint[])',
    [pair],
  );
  expect(joined).toEqual({ customers: 1 });
  const [notice] = (await sent()).filter(({ type }) => type === 'notice.order_ready');
  expect(notice!.data.recipient).toMatchObject({ channel: 'SMS', address: '+33612345673' });
});
