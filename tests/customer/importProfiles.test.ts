// Files about customers of a CRM or a loyalty programme: what is stored, once, what is rejected and how, and that erased people stay erased.

import { importProfileFile, type ProfileFile } from '../../src/customer/actions/importProfiles';
import { readMapping } from '../../src/sales/rules/mapping';
import { freshKey } from '../order/support';
import { salesFiles } from '../sales/support';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let agent: string;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp();
  agent = await app.token('AGENT');
  await app.token('STOREFRONT', 'web');
});
afterAll(async () => {
  on.end();
  await app.close();
});

async function read(
  lines: readonly string[],
  more: Partial<ProfileFile> = {},
  onProgress?: (line: number) => void,
) {
  const file: ProfileFile = {
    ...{ path: on.file(lines), feed: 'crm', mapping: new Map(), encoding: 'utf-8', separator: null },
    ...{ dateOrder: 'ymd', storefront: null, country: null, verified: null, again: false, reread: false },
    ...{ secretKey: app.parts.secretKey, identity: app.parts.config.identity },
    ...more,
  };
  const { run, before } = await importProfileFile(app.db, file, app.parts.clock(), onProgress);
  const { accepted, rejected, created, corrected, unchanged, merged, figures } = run;
  const rejects = await on.rejects(run.id);
  return {
    counts: { accepted, rejected, created, corrected, unchanged, merged },
    before,
    figures,
    rejects,
    run,
    file,
  };
}
const counts = (more: object) => ({
  rejected: 0,
  created: 0,
  corrected: 0,
  unchanged: 0,
  merged: 0,
  ...more,
});

const CUSTOMER = `query ($by: CustomerKey!) { customer(by: $by) { name
  identifiers { kind scope value standing } claimedIdentifiers { kind value }
  attributes { attribute value source } preferences { language } consents { purpose channel decision } } }` as const;
async function customer(by: object) {
  const { data, errors } = await app.gql(agent, CUSTOMER, { by });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.customer;
}
const INTERACTIONS = `SELECT count(*)::int AS n FROM interaction WHERE source = $1`;
const recorded = async (feed: string): Promise<number> =>
  (await app.db.rows<{ n: number }>(INTERACTIONS, [`customers:${feed}`]))[0]!.n;

const HEADER =
  'externalId;firstName;surname;birthDate;postalCode;country;language;contactChannel;shop;email;phone;loyaltyCard;account;storefront;verified';

test('a line states identifiers, names and preferences; what the system verified belongs together', async () => {
  const done = await read([
    HEADER,
    '17;Zoé;Quill;1980-02-29;75011;FR;FR;SMS;paris;Zoe@Quill.example;06 12 34 56 78;k 17;web-17;web;email|loyaltyCard',
    '18;Yann;Le Goff;;;;;;;yann@quill.example;;;;;',
  ]);
  expect(done.counts).toEqual(counts({ accepted: 2, created: 2 }));
  const zoe = (await customer({ email: 'zoe@quill.example' }))!;
  expect(zoe.name).toBe('Zoé Quill');
  expect(zoe.identifiers.map(({ kind, scope, value, standing }) => [kind, scope, value, standing])).toEqual(
    expect.arrayContaining([
      ['EMAIL', '', 'zoe@quill.example', 'VERIFIED'],
      ['LOYALTY_CARD', '', 'K17', 'VERIFIED'],
      ['SOURCE_RECORD', 'crm', '17', 'VERIFIED'],
    ]),
  );
  expect(zoe.claimedIdentifiers.map(({ kind }) => kind).sort()).toEqual(['PHONE', 'WEB_ACCOUNT']);
  const values = Object.fromEntries(zoe.attributes.map((one) => [one.attribute, [one.value, one.source]]));
  expect(values).toMatchObject({
    BIRTH_DATE: ['1980-02-29', 'customers:crm'],
    POSTAL_CODE: ['75011', 'customers:crm'],
    LANGUAGE: ['fr', 'customers:crm'],
    CONTACT_CHANNEL: ['SMS', 'customers:crm'],
  });
  const [account] = await app.db.rows(
    `SELECT a.name FROM identifier i JOIN actor a ON a.id::text = i.scope WHERE i.value = 'web-17'`,
  );
  expect(account).toEqual({ name: 'web' });
  // The address is only claimed, so it does not belong to the record.
  expect((await customer({ email: 'yann@quill.example' }))!.name).toBeNull();
});

test('the same statement again changes nothing, a changed one is recorded once, and one that goes back as well', async () => {
  const header = 'Kunde,email,surname';
  const mapping = {
    mapping: readMapping(['Kunde=externalId'], ['externalId']),
    feed: 'again',
    verified: 'email',
  };
  const [first, second] = [['1,a@again.example,Aa', '2,b@again.example,Bb'], ['1,a@again.example,Cc']];
  expect((await read([header, ...first], mapping)).counts).toEqual(counts({ accepted: 2, created: 2 }));
  const path = on.file([header, ...first]);
  expect((await read([], { ...mapping, path })).counts).toMatchObject({ created: 2 });
  expect((await read([], { ...mapping, path })).before).toBe(true);
  expect(await recorded('again')).toBe(2);
  expect((await read([], { ...mapping, path, reread: true })).counts).toEqual(
    counts({ accepted: 2, unchanged: 2 }),
  );
  app.wait(10);
  expect((await read([header, ...second], mapping)).counts).toEqual(counts({ accepted: 1, corrected: 1 }));
  expect((await customer({ email: 'a@again.example' }))!.name).toBe('Cc');
  app.wait(10);
  const both = [header, ...first, ...first];
  expect((await read(both, mapping)).counts).toEqual(
    counts({ accepted: 4, corrected: 1, unchanged: 1, merged: 2 }),
  );
  expect((await customer({ email: 'a@again.example' }))!.name).toBe('Aa');
  expect(await recorded('again')).toBe(4);
});

test('an older statement that comes late does not replace a later one', async () => {
  const header = 'externalId,updatedAt,email,surname,verified';
  const line = (day: string, name: string) => `1,${day},late@late.example,${name},email`;
  await read([header, line('2026-11-20', 'New')], { feed: 'late' });
  await read([header, line('2026-11-10', 'Old')], { feed: 'late' });
  expect((await customer({ email: 'late@late.example' }))!.name).toBe('New');
});

test('lines that cannot be taken are rejected with what would be right, without repeating what names people', async () => {
  const header =
    'externalId,email,phone,birthDate,language,contactChannel,shop,account,storefront,verified,socialHandle,consents,updatedAt';
  const lines = [
    ',anne@reject.example,,,,,,,,,,,',
    '2,anne at reject.example,,,,,,,,,,,',
    '3,,0612,,,,,,,,,,',
    '4,,,31/02/1980,,,,,,,,,',
    '5,,,2101-01-01,,,,,,,,,',
    '6,,,,French,,,,,,,,',
    '7,,,,,PIGEON,,,,,,,',
    '8,,,,,,atlantis,,,,,,',
    '9,,,,,,,web-9,,,,,',
    '10,,,,,,,web-9,wub,,,,',
    '11,,,,,,,,,mail,,,',
    '12,,,,,,,,,,anne_p,,',
    '13,,,,,,,,,,,SPAM EMAIL,',
    '14,,,,,,,,,,,MARKETING EMAIL,2026-11-20',
    '15,anne@reject.example,,,,,,,,,,MARKETING EMAIL,',
    '16,,,,,,,,,,,,2199-01-01',
    '17,too,few',
    '18,good@reject.example,,,,,,,,,,,',
  ];
  const done = await read([header, ...lines], { feed: 'reject' });
  expect(done.counts).toMatchObject({ accepted: 1, created: 1, rejected: 17 });
  const reasons = done.rejects.map(({ line, code, reason }) => `${line} ${code}: ${reason}`);
  const expected: RegExp[] = [
    /^2 MISSING_VALUE: externalId is empty/,
    /^3 BAD_TEXT: email is not an e-mail address; write name@example.com/,
    /^4 BAD_TEXT: phone is not .* country code/,
    /^5 BAD_TEXT: birthDate is no day .* 1980-11-28/,
    /^6 BAD_TEXT: birthDate is not between/,
    /^7 BAD_TEXT: language is 'French'; write a code such as fr/,
    /^8 BAD_TEXT: contactChannel is 'PIGEON'; write EMAIL, SMS, PHONE/,
    /^9 UNKNOWN_LOCATION: there is no location 'atlantis'/,
    /^10 BAD_TEXT: account needs its storefront/,
    /^11 BAD_TEXT: there is no storefront 'wub'; there are web/,
    /^12 BAD_TEXT: verified has 'mail'; write names of .*email/,
    /^13 BAD_TEXT: socialHandle needs its network/,
    /^14 BAD_TEXT: consents has 'SPAM EMAIL'; write a purpose/,
    /^15 BAD_TEXT: consents has one for the channel EMAIL, and the line has no address/,
    /^16 BAD_TEXT: consents and withdrawals need the time .* consentAt/,
    /^17 BAD_TEXT: updatedAt is '2199-01-01', which lies in the future/,
    /^18 WRONG_COLUMNS: /,
  ];
  for (const [i, form] of expected.entries()) expect(reasons[i]).toMatch(form);
  const rows = await app.db.rows('SELECT reason, raw FROM import_reject WHERE run_id = $1', [done.run.id]);
  const kept = JSON.stringify(rows);
  for (const personal of ['anne@', 'anne at', 'anne_p', 'web-9', '31/02/1980', '0612'])
    expect(kept).not.toContain(personal);
});

test('what the consents of a line state is recorded once, by the address that it is about', async () => {
  const header = 'externalId,email,verified,consents,withdrawals,consentAt,consentText';
  const lines = [
    '1,c@consent.example,email,MARKETING EMAIL,,2026-11-01,v3',
    '2,d@consent.example,email,,MARKETING,2026-11-02,',
  ];
  await read([header, ...lines], { feed: 'consent' });
  await read([header, ...lines, ''], { feed: 'consent' });
  const rows = await app.db.rows(
    `SELECT i.value, c.purpose, c.channel, c.decision, c.text_version AS text FROM consent c
     JOIN identifier i ON i.id = c.identifier_id ORDER BY i.value`,
  );
  expect(rows).toEqual([
    { value: 'c@consent.example', purpose: 'MARKETING', channel: 'EMAIL', decision: 'GIVEN', text: 'v3' },
    { value: 'd@consent.example', purpose: 'MARKETING', channel: null, decision: 'WITHDRAWN', text: null },
  ]);
});

const ERASE = `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename } }`;

test('who was erased is not brought back by tomorrow’s file', async () => {
  const lines = [
    'externalId,email,surname,verified,consents,consentAt',
    '1,erase@me.example,Eraseme,email,MARKETING EMAIL,2026-11-01',
    '2,stay@me.example,Stayhere,email,,',
  ];
  await read(lines, { feed: 'erase' });
  const steward = await app.token('DATA_STEWARD');
  const { data } = await app.gql(steward, 'query ($by: CustomerKey!) { customer(by: $by) { id } }', {
    by: { email: 'erase@me.example' },
  });
  const input = { idempotencyKey: freshKey(), customer: data.customer!.id };
  expect((await app.gql(steward, ERASE, { input })).data.eraseCustomer.__typename).toBe(
    'EraseCustomerSuccess',
  );
  app.wait(60);
  const changed = lines.map((line) =>
    line.replace('me,email', 'me-too,email').replace('2026-11-01', '2026-11-02'),
  );
  const done = await read(changed, { feed: 'erase' });
  expect(done.counts).toEqual(counts({ accepted: 2, unchanged: 2 }));
  expect(done.figures).toMatchObject({ erased: 1 });
  const [left] = await app.db.rows(
    `SELECT count(*)::int AS n FROM person_record WHERE surname LIKE 'Eraseme%' UNION ALL
     SELECT count(*)::int FROM identifier WHERE value = 'erase@me.example'`,
  );
  expect(left).toEqual({ n: 0 });
  expect(await customer({ email: 'erase@me.example' })).toBeNull();
});

test('a file that was stopped goes on where it was, and everything is recorded once', async () => {
  const lines = Array.from({ length: 2_500 }, (_, i) => `${i},p${i}@stop.example,N${i}`);
  const path = on.file(['externalId,email,surname', ...lines]);
  const stopped = read([], { feed: 'stop', path }, (line) => {
    if (line > 1_800) throw new Error('stopped');
  });
  await expect(stopped).rejects.toThrow('stopped');
  expect(await recorded('stop')).toBe(1_000);
  const done = await read([], { feed: 'stop', path });
  expect(done.counts).toMatchObject({ accepted: 2_500, created: 2_500 });
  expect(await recorded('stop')).toBe(2_500);
});
