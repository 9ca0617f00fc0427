// Cases: contacts about one thing on several channels, reopening, credit, and what people change.

import { caseHistory, matchingCase } from '../../src/contact/rules/cases';
import { encodeGlobalID } from '../../src/graphql/ids';
import { startApp, type TestApp } from '../support/app';
import { account, contactsOn, email, line } from './support';

let app: TestApp;
let on: Awaited<ReturnType<typeof contactsOn>>;
beforeAll(async () => {
  app = await startApp();
  on = await contactsOn(app);
});
afterAll(() => app.close());

test('one customer on three channels about one thing is one case, and another thing another', async () => {
  const who = { identifiers: [account('berthe')], topic: 'LATE_ORDER' };
  await on.ingest([line('i-1', { ...who, channel: 'INSTAGRAM' })], 'chatwoot');
  await on.ingest([line('m-1', { ...who, at: '2026-11-21T09:00:00Z' })], 'zendesk');
  await on.ingest([line('t-1', { ...who, channel: 'PHONE', at: '2026-11-22T09:00:00Z' })], 'phone');
  await on.ingest([line('t-2', { ...who, topic: 'VOUCHER', at: '2026-11-22T10:00:00Z' })], 'phone');
  const [one, ...more] = await on.cases({ topic: 'LATE_ORDER' });
  expect(more).toEqual([]);
  expect(one).toMatchObject({ channel: 'INSTAGRAM', inboundCount: 3, openedAt: '2026-11-20T09:00:00.000Z' });
  expect(one!.contacts.map((contact) => contact.externalId)).toEqual(['i-1', 'm-1', 't-1']);
  expect(await on.cases({ customerId: one!.customerId! })).toHaveLength(2);
});

test('a contact within seven days of its resolution reopens a case, and its credit stays; later it is another case', async () => {
  const who = { identifiers: [account('chloe')], topic: 'REFUND' };
  const send = (id: string, at: string, more: object) => on.ingest([line(id, { ...who, at, ...more })]);
  const done = { state: 'RESOLVED', stateAt: '2026-11-01T12:00:00Z', handler: 'zendesk:1' };
  await send('r-1', '2026-11-01T09:00:00Z', done);
  await send('r-2', '2026-11-08T09:00:00Z', { handler: 'zendesk:2' });
  expect(await on.cases({ topic: 'REFUND' })).toMatchObject([
    {
      ...{ status: 'OPEN', reopenedCount: 1, resolvedAt: null, inboundCount: 2 },
      ...{ agent: { code: 'zendesk:2' }, creditedAgent: { code: 'zendesk:1' } },
    },
  ]);
  await send('r-2', '2026-11-08T09:00:00Z', { state: 'RESOLVED', stateAt: '2026-11-09T09:00:00Z' });
  await send('r-3', '2026-11-17T09:00:00Z', {});
  const both = await on.cases({ topic: 'REFUND' });
  expect(both.map(({ status, reopenedCount }) => [status, reopenedCount])).toEqual([
    ['OPEN', 0],
    ['RESOLVED', 1],
  ]);
});

test('a contact alone in its case moves when it becomes known what it is about', async () => {
  const who = { identifiers: [account('dora')] };
  const at = '2026-11-21T09:00:00Z';
  await on.ingest([line('d-1', { ...who, topic: 'DAMAGED' }), line('d-2', { ...who, at })]);
  expect(await on.cases({ topic: 'DAMAGED' })).toMatchObject([{ inboundCount: 1 }]);
  await on.ingest([line('d-2', { ...who, at, stateAt: '2026-11-21T10:00:00Z', topic: 'DAMAGED' })]);
  const found = await on.cases({ topic: 'DAMAGED' });
  expect(found).toMatchObject([{ inboundCount: 2 }]);
  expect(await on.cases({ customerId: found[0]!.customerId! })).toHaveLength(1);
});

test('sources that report one customer at the same moment make one case', async () => {
  const who = { identifiers: [account('emma')], topic: 'RACE' };
  await Promise.all(Array.from({ length: 8 }, (_, i) => on.ingest([line(`e-${i}`, who)], `source-${i}`)));
  expect(await on.cases({ topic: 'RACE' })).toMatchObject([{ inboundCount: 8 }]);
});

test('agents assign and close cases; a closed case cannot be closed again', async () => {
  await on.ingest([line('f-1', { identifiers: [email('fanny@example.com')], topic: 'CLOSING' })]);
  const [found] = await on.cases({ topic: 'CLOSING' });
  const [agent] = await app.db.rows<{ id: number }>("SELECT id FROM service_agent WHERE code = 'zendesk:1'");
  const input = { case: found!.id, agent: encodeGlobalID('ServiceAgent', agent!.id) };
  expect((await on.send(on.agent, 'assignCase', input)).answer).toMatchObject({
    case: { agent: { code: 'zendesk:1' } },
  });
  const nobody = { ...input, agent: encodeGlobalID('ServiceAgent', 999_999) };
  expect((await on.send(on.agent, 'assignCase', nobody)).answer).toMatchObject({ __typename: 'NotFound' });
  const close = () => on.send(on.agent, 'closeCase', { case: found!.id });
  expect((await close()).answer).toMatchObject({ case: { status: 'RESOLVED' } });
  expect((await close()).answer).toMatchObject({ __typename: 'WrongState', state: 'RESOLVED' });
  const unknown = { case: encodeGlobalID('ServiceCase', '00000000-0000-7000-8000-000000000000') };
  expect((await on.send(on.agent, 'closeCase', unknown)).answer).toMatchObject({ __typename: 'NotFound' });
});

const day = (n: number): Date => new Date(Date.UTC(2026, 0, n));
const windows = { reopenDays: 7, topicDays: 7 };
const candidate = {
  ...{ id: 'a', topic: 'T', orderId: null, returnId: null, customerId: 'c' },
  ...{ openedAt: day(10), lastContactAt: day(10), resolvedAt: null },
};
const contact = { at: day(12), topic: 'T', orderId: null, returnId: null, customerId: 'c' };
test.each<[string, object, object, string | null]>([
  ['the same topic', {}, {}, 'a'],
  ['another topic', { topic: 'U' }, {}, null],
  ['no topic on either side', { topic: null }, { topic: null }, 'a'],
  ['another customer', { customerId: 'd' }, {}, null],
  ['an unknown customer', { customerId: null }, {}, null],
  ['an unknown customer with the same order', { customerId: null, orderId: 'o' }, { orderId: 'o' }, 'a'],
  ['another customer with the same order', { customerId: 'd', orderId: 'o' }, { orderId: 'o' }, null],
  ['the same topic and another order', { orderId: 'o' }, { orderId: 'p' }, null],
  ['the same order much later, still open', { at: day(300), orderId: 'o' }, { orderId: 'o' }, 'a'],
  ['the same topic after a week', { at: day(18) }, {}, null],
  ['before the case, in the window', { at: day(4) }, {}, 'a'],
  ['a week after the resolution', { at: day(17) }, { resolvedAt: day(10) }, 'a'],
  ['longer after the resolution', { at: day(18), orderId: 'o' }, { resolvedAt: day(10), orderId: 'o' }, null],
])('%s', (_name, of, is, found) => {
  expect(matchingCase({ ...contact, ...of }, [{ ...candidate, ...is }], windows)).toBe(found);
});

test('the order comes before the topic, and the nearest case before others', () => {
  const ordered = { ...candidate, id: 'b', topic: 'U', orderId: 'o' };
  const cases = [candidate, ordered, { ...candidate, id: 'c', lastContactAt: day(11) }];
  expect(matchingCase({ ...contact, orderId: 'o' }, cases, windows)).toBe('b');
  expect(matchingCase(contact, cases, windows)).toBe('c');
});

test('a closure resolves what is open then, and a later state opens the case again', () => {
  const one = {
    ...{ id: '1', at: day(1), channel: 'EMAIL' as const, direction: 'INBOUND' as const, topic: null },
    ...{ orderId: null, returnId: null, locationId: null, agentId: 5, changes: [] },
  };
  expect(caseHistory([one], day(3), windows)).toMatchObject({ status: 'RESOLVED', resolvedAt: day(3) });
  const again = { ...one, changes: [{ at: day(4), state: 'OPEN' as const, agentId: 6 }] };
  expect(caseHistory([again], day(3), windows)).toMatchObject({ status: 'OPEN', reopenedCount: 1 });
});
