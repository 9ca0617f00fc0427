// Files about contacts of any system: what is stored, once, what is rejected and how, and that erased people stay erased.

import { type ContactFile, importContactFile } from '../../src/contact/actions/importContacts';
import { CONTACT_COLUMNS } from '../../src/contact/rules/contactCells';
import { readMapping } from '../../src/sales/rules/mapping';
import { freshKey, ordersOn } from '../order/support';
import { salesFiles } from '../sales/support';
import { startApp, type TestApp } from '../support/app';
import { contactsOn, email, line } from './support';

let app: TestApp;
let contacts: Awaited<ReturnType<typeof contactsOn>>;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp();
  contacts = await contactsOn(app);
  await app.token('STOREFRONT', 'web');
});
afterAll(async () => {
  on.end();
  await app.close();
});

async function read(
  lines: readonly string[],
  more: Partial<ContactFile> = {},
  onProgress?: (line: number) => void,
) {
  const file: ContactFile = {
    ...{ path: on.file(lines), feed: 'callcentre', mapping: new Map(), encoding: 'utf-8', separator: null },
    ...{ dateOrder: 'ymd', storefront: null, country: null, verified: null, again: false, reread: false },
    ...{ secretKey: app.parts.secretKey, config: app.parts.config },
    ...more,
  };
  const { run, before } = await importContactFile(app.db, file, app.parts.clock(), onProgress);
  const { accepted, rejected, created, corrected, unchanged, merged, figures } = run;
  const counts = { accepted, rejected, created, corrected, unchanged, merged };
  return { counts, before, figures, rejects: await on.rejects(run.id), run, path: file.path };
}
const counts = (more: object) => ({
  ...{ rejected: 0, created: 0, corrected: 0, unchanged: 0, merged: 0 },
  ...more,
});

const STORED = `
  SELECT n.external_id AS id, n.source, n.channel, n.direction, n.state, n.topic, o.number AS "order", p.code AS location,
         a.code AS handler, n.handled_seconds AS handled, n.waiting_seconds AS waiting, n.promise, s.csat, s.nps,
         s.was_resolved AS resolved
  FROM contact n LEFT JOIN customer_order o ON o.id = n.order_id LEFT JOIN location p ON p.id = n.location_id
  LEFT JOIN service_agent a ON a.id = n.agent_id LEFT JOIN survey s ON s.contact_id = n.id
  WHERE n.source = $1 ORDER BY n.external_id`;
const stored = (source: string) => app.db.rows<Record<string, unknown>>(STORED, [source]);
const OWNERS = `
  SELECT i.kind, i.scope, i.value, o.verified_by IS NOT NULL AS verified
  FROM contact n JOIN interaction_identifier o ON o.interaction_id = n.interaction_id
  JOIN identifier i ON i.id = o.identifier_id WHERE n.source = $1 AND n.external_id = $2 ORDER BY i.kind`;

test('a line states a contact as ingestContacts does, under the headers of its file', async () => {
  const orders = await ordersOn(app);
  await orders.stock('paris', [{ sku: 'LAMP', quantity: 2 }]);
  const placed = await orders.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] });
  const { number } = ('order' in placed ? placed.order : null)!;
  const header =
    'Ticket;channel;direction;at;state;stateAt;topic;Commande;location;handler;handledSeconds;waitingSeconds;promise;promisedFor;email;phone;account;verified;csat;nps;wasResolved';
  const done = await read(
    [
      header,
      `T1;phone;INBOUND;2026-11-20T10:00:00+01:00;RESOLVED;2026-11-20T09:10:00Z;late-order;${number};;anna;1200,0;75;CALL_BACK;2026-12-01;Anne@Call.example;06 12 34 56 78;web-1;email|account;5;9;yes`,
      'T2;EMAIL;outbound;2026-11-21;OPEN;;;;lyon;;;;;;ben@call.example;;;;;;',
      'T3;CHAT;;2026-11-21;PENDING;;;;;;;;;;;;;;;;',
    ],
    {
      mapping: readMapping(['Ticket=externalId', 'Commande=orderNumber'], CONTACT_COLUMNS),
      ...{ storefront: 'web', country: 'FR' },
    },
  );
  expect(done.rejects).toEqual([]);
  expect(done.counts).toEqual(counts({ accepted: 3, created: 3 }));
  const nothing = { topic: null, order: null, handler: null, handled: null, waiting: null, promise: null };
  const unanswered = { csat: null, nps: null, resolved: null };
  expect(await stored('callcentre')).toEqual([
    {
      ...{ id: 'T1', source: 'callcentre', channel: 'PHONE', direction: 'INBOUND', state: 'RESOLVED' },
      ...{ topic: 'late-order', order: number, location: 'paris', handler: 'anna', handled: 1200 },
      ...{ waiting: 75, promise: 'CALL_BACK', csat: 5, nps: 9, resolved: true },
    },
    {
      ...{ id: 'T2', source: 'callcentre', channel: 'EMAIL', direction: 'OUTBOUND', state: 'OPEN' },
      ...{ ...nothing, ...unanswered, location: 'lyon' },
    },
    {
      ...{ id: 'T3', source: 'callcentre', channel: 'CHAT', direction: 'INBOUND', state: 'PENDING' },
      ...{ ...nothing, ...unanswered, location: null },
    },
  ]);
  expect(await app.db.rows(OWNERS, ['callcentre', 'T1'])).toEqual([
    { kind: 'EMAIL', scope: '', value: 'anne@call.example', verified: true },
    { kind: 'PHONE', scope: '', value: '+33612345678', verified: false },
    { kind: 'WEB_ACCOUNT', scope: expect.stringMatching(/^\d+$/), value: 'web-1', verified: true },
  ]);
  const [found] = await contacts.cases({ topic: 'late-order' });
  expect(found).toMatchObject({ status: 'RESOLVED', orderNumber: number, creditedAgent: { code: 'anna' } });
});

test('the same file twice changes nothing, a later state is recorded, and what a help desk reported is the same contact', async () => {
  const header = 'externalId,source,channel,at,state,stateAt,email';
  const opened = 'A1,zendesk,EMAIL,2026-11-20T09:00:00Z,OPEN,2026-11-20T09:00:00Z,again@call.example';
  const resolved = 'A1,zendesk,EMAIL,2026-11-20T09:00:00Z,RESOLVED,2026-11-20T10:00:00Z,';
  const reported = line('A1', { identifiers: [email('again@call.example')] });
  expect(await contacts.ingest([reported])).toMatchObject({ created: 1 });
  const first = await read([header, opened, opened], { feed: 'again' });
  expect(first.counts).toEqual(counts({ accepted: 2, unchanged: 1, merged: 1 }));
  expect((await read([], { feed: 'again', path: first.path })).before).toBe(true);
  const later = await read([header, resolved, opened], { feed: 'again' });
  expect(later.counts).toEqual(counts({ accepted: 2, corrected: 1, merged: 1 }));
  expect((await stored('zendesk')).map(({ id, state }) => [id, state])).toEqual([['A1', 'RESOLVED']]);
  expect(await contacts.ingest([reported])).toMatchObject({ unchanged: 1 });
});

const HEADER =
  'externalId,source,channel,at,state,email,phone,account,storefront,tillCustomer,socialHandle,verified,orderNumber,location,topic,handledSeconds,csat,fullName';
const BAD: readonly [cells: string, reason: RegExp][] = [
  [',,PHONE,2026-11-20,OPEN,hidden@call.example', /^MISSING_VALUE: externalId is empty/],
  ['2,,PIGEON,2026-11-20,OPEN', /^BAD_TEXT: channel is 'PIGEON'; write PHONE, EMAIL/],
  ['3,,,2026-11-20,OPEN', /^MISSING_VALUE: channel is empty; write PHONE/],
  ['4,,PHONE,20/11/2026,OPEN', /^BAD_TEXT: at: .*--dates dmy/],
  ['5,,PHONE,2199-01-01,OPEN', /^BAD_TEXT: at is '2199-01-01', which lies in the future/],
  ['6,,PHONE,2026-11-20,SOLVED', /^BAD_TEXT: state is 'SOLVED'; write OPEN, PENDING, RESOLVED/],
  ['7,a b,PHONE,2026-11-20,OPEN', /^BAD_TEXT: source must be a name/],
  ['8,counter,PHONE,2026-11-20,OPEN', /^BAD_TEXT: source must be .*not counter/],
  [
    '9,,PHONE,2026-11-20,OPEN,hidden at call',
    /^REFUSED: email is not an e-mail address; write name@example.com$/,
  ],
  ['10,,PHONE,2026-11-20,OPEN,,0612345678', /^REFUSED: phone is not a telephone number; .*--country$/],
  [
    '11,,PHONE,2026-11-20,OPEN,,,hidden-1,wub',
    /^REFUSED: account: there is no storefront 'wub' \(there are web/,
  ],
  ['12,,PHONE,2026-11-20,OPEN,,,,,hidden-2', /^BAD_TEXT: tillCustomer needs the feed/],
  ['13,,PHONE,2026-11-20,OPEN,,,,,,hidden-3', /^BAD_TEXT: socialHandle needs its network/],
  ['14,,PHONE,2026-11-20,OPEN,,,,,,,mail', /^BAD_TEXT: verified has 'mail'; write names of/],
  ['15,,PHONE,2026-11-20,OPEN,,,,,,,,C-0000000000', /^REFUSED: orderNumber: no order has this number/],
  ['16,,PHONE,2026-11-20,OPEN,,,,,,,,,atlantis', /^REFUSED: location: there is no location/],
  ['17,,PHONE,2026-11-20,OPEN,,,,,,,,,,My hidden parcel!', /^REFUSED: topic must be a code/],
  ['18,,PHONE,2026-11-20,OPEN,,,,,,,,,,,-4', /^REFUSED: handledSeconds/],
  ['19,,PHONE,2026-11-20,OPEN,,,,,,,,,,,,6', /^REFUSED: csat .*1.*5/],
  ['20,,PHONE,2026-11-20,OPEN,,,,,,,,,,,,4.5', /^REFUSED: csat/],
];

const ADD_LOCATION = `
  INSERT INTO location (code, name, kind, city, country, latitude, longitude, time_zone, weekly_hours)
  SELECT 'atlantis', 'Atlantis', kind, city, country, latitude, longitude, time_zone, weekly_hours FROM location WHERE code = 'paris'`;

test('lines that cannot be taken are rejected with what would be right, and tried again with --again', async () => {
  const width = HEADER.split(',').length;
  const lines = BAD.map(([cells]) => cells + ','.repeat(width - cells.split(',').length));
  const good = `21,,PHONE,2026-11-20,OPEN${','.repeat(width - 5)}`;
  const done = await read([HEADER, ...lines, good, '22,too,few'], { feed: 'reject' });
  expect(done.counts).toMatchObject({ accepted: 1, created: 1, rejected: BAD.length + 1 });
  const reasons = done.rejects.map(({ code, reason }) => `${code}: ${reason}`);
  for (const [i, [, form]] of BAD.entries()) expect(reasons[i]).toMatch(form);
  expect(reasons.at(-1)).toMatch(/^WRONG_COLUMNS/);
  const rows = await app.db.rows('SELECT reason, raw FROM import_reject WHERE run_id = $1', [done.run.id]);
  for (const personal of ['hidden', '0612345678']) expect(JSON.stringify(rows)).not.toContain(personal);

  await app.db.rows(ADD_LOCATION);
  const again = await read([], { feed: 'reject', path: done.path, again: true });
  expect(again.counts).toMatchObject({ accepted: 1, created: 1, rejected: BAD.length });
  expect((await stored('reject')).map(({ id }) => id)).toEqual(['16', '21']);
});

test('a file that names what is no source or storefront is not read', async () => {
  await expect(read(['externalId,channel,at,state'], { feed: 'my desk' })).rejects.toThrow(/--feed must be/);
  await expect(read(['externalId,channel,at,state'], { storefront: 'wub' })).rejects.toThrow(
    /--storefront is 'wub', and there are web/,
  );
  await expect(read(['externalId,channel,at', '1,PHONE,2026-11-20'])).rejects.toThrow(/state/);
});

const ERASE = `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename } }`;

test('a contact of somebody who was erased is left out', async () => {
  const header = 'externalId,channel,at,state,fullName,email,phone,verified';
  const lines = [
    'E1,PHONE,2026-11-20,RESOLVED,Eraseme Quill,erase@call.example,+33699999999,email|phone',
    'E2,PHONE,2026-11-20,RESOLVED,Stay Quill,stay@call.example,,email',
  ];
  await read([header, ...lines], { feed: 'erase' });
  const steward = await app.token('DATA_STEWARD');
  const { data } = await app.gql(steward, 'query ($by: CustomerKey!) { customer(by: $by) { id } }', {
    by: { email: 'erase@call.example' },
  });
  const input = { idempotencyKey: freshKey(), customer: data.customer!.id };
  expect((await app.gql(steward, ERASE, { input })).data.eraseCustomer.__typename).toBe(
    'EraseCustomerSuccess',
  );
  const done = await read([header, ...lines, lines[0]!.replace('E1', 'E3')], { feed: 'erase' });
  expect(done.counts).toEqual(counts({ accepted: 3, unchanged: 3 }));
  expect(done.figures).toMatchObject({ erased: 2 });
  expect((await stored('erase')).map(({ id }) => id)).toEqual(['E1', 'E2']);
  const [left] = await app.db.rows(
    `SELECT (SELECT count(*)::int FROM person_record WHERE full_name LIKE 'Eraseme%') AS names,
            (SELECT count(*)::int FROM identifier WHERE value IN ('erase@call.example', '+33699999999')) AS addresses`,
  );
  expect(left).toEqual({ names: 0, addresses: 0 });
});

test('a file that was stopped goes on where it was, and everything is recorded once', async () => {
  const lines = Array.from({ length: 2_500 }, (_, i) => `${i},CHAT,2026-11-20,RESOLVED,p${i}@stop.example`);
  const path = on.file(['externalId,channel,at,state,email', ...lines]);
  const stopped = read([], { feed: 'stop', path }, (at) => {
    if (at > 1_800) throw new Error('stopped');
  });
  await expect(stopped).rejects.toThrow('stopped');
  expect(await stored('stop')).toHaveLength(1_000);
  const done = await read([], { feed: 'stop', path });
  expect(done.counts).toMatchObject({ accepted: 2_500, created: 2_500 });
  expect(await stored('stop')).toHaveLength(2_500);
});
