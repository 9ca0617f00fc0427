// ingestContacts and noteContact: what is stored, what is refused, deliveries in any order, and who may.

import { freshKey, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { account, contactsOn, email, line } from './support';

let app: TestApp;
let on: Awaited<ReturnType<typeof contactsOn>>;
beforeAll(async () => {
  app = await startApp();
  on = await contactsOn(app);
});
afterAll(() => app.close());

const OWNER = 'SELECT customer_id AS "customerId" FROM identifier WHERE value = $1';

test('a contact is stored with its customer, and the same delivery again changes nothing', async () => {
  const sent = line('100', {
    ...{ identifiers: [account('anne'), email('Anne@Example.com')], topic: 'SIZE', handler: 'zendesk:7' },
    ...{ handledSeconds: 240, link: 'https://help.example.com/tickets/100' },
  });
  expect(await on.ingest([sent])).toMatchObject({ created: 1, updated: 0, unchanged: 0, refused: [] });
  expect(await on.ingest([sent])).toMatchObject({ created: 0, updated: 0, unchanged: 1 });
  const [found] = await on.cases({ topic: 'SIZE' });
  expect(found).toMatchObject({
    ...{ status: 'OPEN', channel: 'EMAIL', inboundCount: 1, agent: { code: 'zendesk:7' } },
    contacts: [{ source: 'zendesk', externalId: '100', handledSeconds: 240, state: 'OPEN' }],
  });
  const rows = await app.db.rows(
    `SELECT i.kind, i.value, o.verified_by IS NOT NULL AS verified FROM contact n
     JOIN interaction_identifier o ON o.interaction_id = n.interaction_id JOIN identifier i ON i.id = o.identifier_id
     WHERE n.external_id = '100' ORDER BY i.kind`,
  );
  expect(rows).toEqual([
    { kind: 'EMAIL', value: 'anne@example.com', verified: false },
    { kind: 'WEB_ACCOUNT', value: 'anne', verified: true },
  ]);
  expect(await app.db.rows(OWNER, ['anne'])).toEqual([{ customerId: found!.customerId }]);
});

test('later states win by the clock of the source, in whatever order they arrive', async () => {
  const states = [
    { state: 'OPEN', stateAt: '2026-11-20T09:00:00Z', topic: 'ORDERS' },
    { state: 'PENDING', stateAt: '2026-11-20T10:00:00Z', handler: 'zendesk:1' },
    { state: 'RESOLVED', stateAt: '2026-11-20T11:00:00Z', handler: 'zendesk:2' },
  ];
  for (const [i, order] of ['012', '021', '102', '120', '201', '210'].entries()) {
    for (const n of order)
      await on.ingest([line(`o-${i}`, { identifiers: [email(`o${i}@example.com`)], ...states[Number(n)] })]);
    const found = (await on.cases({ topic: 'ORDERS' })).find(
      (one) => one.contacts[0]!.externalId === `o-${i}`,
    );
    expect(found).toMatchObject({
      ...{ status: 'RESOLVED', resolvedAt: '2026-11-20T11:00:00.000Z', reopenedCount: 0 },
      creditedAgent: { code: 'zendesk:2' },
      contacts: [{ state: 'RESOLVED', stateAt: '2026-11-20T11:00:00.000Z', agent: { code: 'zendesk:2' } }],
    });
  }
});

test('a line that is wrong is answered with its field and value, and the others are stored', async () => {
  const answer = await on.ingest([
    line('200'),
    line('201', { topic: 'My parcel\nhas not come' }),
    line('202', { orderNumber: 'C-1' }),
    line('203', { link: 'javascript:alert(1)' }),
    line('204', { survey: { csat: 6 } }),
    line('205', { handledSeconds: -1 }),
    line('206', { identifiers: [email('x'.repeat(400))] }),
    line('207', { at: '2199-01-01T00:00:00Z' }),
    line('208', { location: 'atlantis' }),
    line('209', { language: 'French' }),
  ]);
  expect(answer).toMatchObject({ __typename: 'IngestContactsSuccess', created: 1 });
  const refused = 'refused' in answer ? (answer.refused ?? []) : [];
  expect(refused.map(({ path, value }) => [path, value])).toEqual([
    ['contacts.1.topic', 'My parcelhas not come'],
    ['contacts.2.orderNumber', 'C-1'],
    ['contacts.3.link', 'javascript:alert(1)'],
    ['contacts.4.survey.csat', null],
    ['contacts.5.handledSeconds', '-1'],
    ['contacts.6.identifiers.0.value', null],
    ['contacts.7.at', '2199-01-01T00:00:00.000Z'],
    ['contacts.8.location', 'atlantis'],
    ['contacts.9.language', 'French'],
  ]);
  expect(refused.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(refused[1]!.message).toContain('no order has this number');
  expect(await on.ingest([line('1')], 'a b')).toMatchObject({ __typename: 'InvalidInput', path: 'source' });
  expect(await on.ingest([line('1')], 'counter')).toMatchObject({
    __typename: 'InvalidInput',
    path: 'source',
  });
  expect(await on.ingest([])).toMatchObject({ __typename: 'InvalidInput', path: 'contacts' });
});

test('a retry gets the first answer; the same key for other contacts is refused', async () => {
  const input = { idempotencyKey: freshKey(), source: 'zendesk', contacts: [line('300')] };
  const first = (await on.send(on.feed, 'ingestContacts', input)).answer;
  expect(first).toMatchObject({ created: 1 });
  expect((await on.send(on.feed, 'ingestContacts', input)).answer).toEqual(first);
  const other = { ...input, contacts: [line('301')] };
  expect((await on.send(on.feed, 'ingestContacts', other)).answer).toMatchObject({ __typename: 'KeyReused' });
});

test('staff note a conversation at the counter: it belongs to the customer of the order, and to the shop', async () => {
  const orders = await ordersOn(app);
  await orders.stock('paris', [{ sku: 'LAMP', quantity: 2 }]);
  const placed = await orders.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] });
  const order = ('order' in placed ? placed.order : null)!;
  const input = { location: 'paris', resolved: false, topic: 'LATE_ORDER', orderNumber: order.number };
  const { answer } = await on.send(orders.paris, 'noteContact', { ...input, promise: 'CALL_BACK' });
  expect(answer).toMatchObject({
    contact: {
      ...{ source: 'counter', channel: 'IN_STORE', state: 'OPEN', topic: 'LATE_ORDER' },
      ...{ orderNumber: order.number, location: { code: 'paris' } },
      case: { number: expect.stringMatching(/^S-\d+$/) },
    },
  });
  const [found] = await on.cases({ order: order.id });
  expect(found).toMatchObject({ orderNumber: order.number, location: { code: 'paris' } });
  expect(await app.db.rows(OWNER, ['anne.martin@example.com'])).toEqual([{ customerId: found!.customerId }]);
  const elsewhere = await on.send(orders.lyon, 'noteContact', input);
  expect(elsewhere.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const wrong = await on.send(orders.paris, 'noteContact', { ...input, orderNumber: 'C-2' });
  expect(wrong.answer).toMatchObject({ __typename: 'InvalidInput', path: 'orderNumber' });
});

test('storefronts and planners report nothing and read no cases; auditors do not see customers’ contacts', async () => {
  for (const role of ['STOREFRONT', 'PLANNER', 'STAFF', 'AUDITOR'] as const) {
    const token = await app.token(role, undefined, role === 'STAFF' ? ['paris'] : []);
    const { errors } = await on.send(token, 'ingestContacts', { source: 'x', contacts: [line('1')] });
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
  for (const role of ['STOREFRONT', 'PLANNER', 'AUDITOR', 'FEED'] as const) {
    const { errors } = await app.gql(await app.token(role), '{ serviceCases { nodes { number } } }');
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
  expect(await on.cases({}, await app.token('STAFF', 'lyon reader', ['lyon']))).toEqual([]);
});
