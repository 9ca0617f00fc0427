// importCustomers: what a feed states is stored once, under the rules of files; what is rejected; who may send; who stays erased.

import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let feed: string;
let agent: string;
beforeAll(async () => {
  app = await startApp();
  feed = await app.token('FEED', 'crm-feed');
  agent = await app.token('AGENT');
  await app.token('STOREFRONT', 'web');
});
afterAll(() => app.close());

const IMPORT = `mutation ($input: ImportCustomersInput!) { importCustomers(input: $input) { __typename
  ... on Refusal { message } ... on InvalidInput { path }
  ... on ImportCustomersSuccess { accepted created corrected unchanged merged erased
    run { number kind feed status rejected } rejects { line code reason raw } } } }` as const;
async function send(lines: object[], more: object = {}, token = feed) {
  const input = { idempotencyKey: freshKey(), feed: 'crm', country: 'FR', lines, ...more };
  const { data, errors } = await app.gql(token, IMPORT, { input });
  return { answer: data?.importCustomers, errors };
}
const CUSTOMER =
  `query ($by: CustomerKey!) { customer(by: $by) { id name identifiers { kind scope value standing }
  claimedIdentifiers { kind } attributes { attribute value source } consents { purpose channel decision } } }` as const;
const customer = async (by: object) => (await app.gql(agent, CUSTOMER, { by })).data.customer;
const zoe = {
  ...{ externalId: '17', firstName: 'Zoé', surname: 'Quill', birthDate: '1980-02-29', language: 'fr' },
  ...{ email: 'zoe@quill.example', phone: '06 12 34 56 78', loyaltyCard: 'k 17', contactChannel: 'SMS' },
  ...{ account: 'web-17', storefront: 'web', verified: ['EMAIL', 'LOYALTY_CARD'] },
  ...{ consents: [{ purpose: 'MARKETING', channel: 'EMAIL' }], consentAt: '2026-11-01T08:00:00Z' },
};

test('a line states identifiers, names, preferences and consents, once, as a line of a file does', async () => {
  const done = { accepted: 1, created: 0, corrected: 0, unchanged: 0, merged: 0, erased: 0, rejects: [] };
  const { answer } = await send([zoe]);
  const run = { kind: 'CUSTOMERS', feed: 'crm', status: 'DONE', rejected: 0 };
  expect(answer).toMatchObject({ ...done, created: 1, run });
  const found = (await customer({ email: 'zoe@quill.example' }))!;
  expect(found.name).toBe('Zoé Quill');
  expect(found.identifiers).toEqual(
    expect.arrayContaining([
      { kind: 'EMAIL', scope: '', value: 'zoe@quill.example', standing: 'VERIFIED' },
      { kind: 'LOYALTY_CARD', scope: '', value: 'K17', standing: 'VERIFIED' },
      { kind: 'SOURCE_RECORD', scope: 'crm', value: '17', standing: 'VERIFIED' },
    ]),
  );
  expect(found.claimedIdentifiers.map(({ kind }) => kind).sort()).toEqual(['PHONE', 'WEB_ACCOUNT']);
  expect(found.consents).toEqual([{ purpose: 'MARKETING', channel: 'EMAIL', decision: 'GIVEN' }]);
  expect(found.attributes).toEqual(
    expect.arrayContaining([{ attribute: 'BIRTH_DATE', value: '1980-02-29', source: 'customers:crm' }]),
  );
  app.wait(10);
  expect((await send([zoe])).answer).toMatchObject({ ...done, unchanged: 1 });
  const other = { ...zoe, surname: 'Plume', updatedAt: '2026-11-25T09:05:00Z' };
  expect((await send([other, other])).answer).toMatchObject({
    ...done,
    accepted: 2,
    corrected: 1,
    merged: 1,
  });
  expect((await customer({ email: 'zoe@quill.example' }))!.name).toBe('Zoé Plume');
  const old = { ...zoe, surname: 'Older', updatedAt: '2026-11-02T09:05:00Z' };
  await send([old]);
  expect((await customer({ email: 'zoe@quill.example' }))!.name).toBe('Zoé Plume');
});

test('a retry gets the first answer, also of two at once; the same key for other lines is refused', async () => {
  const input = { idempotencyKey: freshKey(), feed: 'crm', lines: [{ externalId: '20', surname: 'Twice' }] };
  const sent = await Promise.all([1, 2, 3].map(() => app.gql(feed, IMPORT, { input })));
  const answers = sent.map(({ data }) => data.importCustomers);
  expect(answers[0]).toMatchObject({ created: 1 });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  const other = { ...input, lines: [{ externalId: '21' }] };
  expect((await app.gql(feed, IMPORT, { input: other })).data.importCustomers.__typename).toBe('KeyReused');
});

test('lines that are wrong are answered with their reason and the others are stored; nothing that names people is repeated', async () => {
  const { answer } = await send(
    [
      { externalId: 'good', email: 'good@reject.example' },
      { externalId: ' ' },
      { externalId: 'r1', email: 'hidden at reject' },
      { externalId: 'r2', phone: '0612hidden' },
      { externalId: 'r3', birthDate: '31/02/1980' },
      { externalId: 'r4', language: 'French' },
      { externalId: 'r5', shop: 'atlantis', surname: 'hidden' },
      { externalId: 'r6', account: 'hidden' },
      { externalId: 'r7', account: 'hidden', storefront: 'wub' },
      { externalId: 'r8', consents: [{ purpose: 'SURVEY' }] },
      { externalId: 'r9', updatedAt: '2199-01-01T00:00:00Z' },
      { externalId: 'r10', country: 'France' },
    ],
    { country: null },
  );
  expect(answer).toMatchObject({ accepted: 1, created: 1, run: { rejected: 11 } });
  const rejects = answer.__typename === 'ImportCustomersSuccess' ? answer.rejects! : [];
  const expected: RegExp[] = [
    /^2 MISSING_VALUE: externalId/,
    /^3 BAD_TEXT: email is not an e-mail address/,
    /^4 BAD_TEXT: phone is not/,
    /^5 BAD_TEXT: birthDate is no day/,
    /^6 BAD_TEXT: language is 'French'/,
    /^7 UNKNOWN_LOCATION: there is no location 'atlantis'/,
    /^8 BAD_TEXT: account needs its storefront/,
    /^9 BAD_TEXT: there is no storefront 'wub'; there are web/,
    /^10 BAD_TEXT: consents and withdrawals need the time/,
    /^11 BAD_TEXT: updatedAt is .* in the future/,
    /^12 BAD_TEXT: country is 'FRANCE'/,
  ];
  expect(rejects).toHaveLength(expected.length);
  for (const [i, form] of expected.entries()) {
    const { line, code, reason } = rejects[i]!;
    expect(`${line} ${code}: ${reason}`).toMatch(form);
  }
  const stored = await app.db.rows('SELECT raw, reason FROM import_reject');
  expect(stored).toHaveLength(11);
  expect(JSON.stringify([rejects, stored])).not.toMatch(/hidden|31\/02/);
  const outcomes = await app.db.rows("SELECT outcome FROM command WHERE outcome::text LIKE '%hidden%'");
  expect(outcomes).toEqual([]);
});

test('requests beyond the limits are refused as a whole, with the field', async () => {
  const line = { externalId: '1' };
  expect((await send([])).answer).toMatchObject({ __typename: 'InvalidInput', path: 'lines' });
  expect((await send([line], { feed: '' })).answer).toMatchObject({ path: 'feed' });
  expect((await send([line], { country: 'France' })).answer).toMatchObject({ path: 'country' });
  expect((await send([line, { ...line, city: 'x'.repeat(255) }])).answer).toMatchObject({
    path: 'lines.1.city',
  });
  expect((await send([{ ...line, city: 'a\u0000b' }])).answer).toMatchObject({ path: 'lines.0.city' });
  const consents = Array.from({ length: 11 }, () => ({ purpose: 'SURVEY' }));
  expect((await send([{ ...line, consents }])).answer).toMatchObject({ path: 'lines.0.consents' });
});

test('a feed belongs to its sender, and only feeds and administrators send', async () => {
  const line = { externalId: '1' };
  const other = await app.token('FEED', 'other-feed');
  const forbidden = async (token: string, more: object = {}) =>
    (await send([line], more, token)).errors?.[0]?.extensions?.code;
  expect(await forbidden(other)).toBe('FORBIDDEN');
  expect(await forbidden(await app.token('FEED', 'bound-feed', ['paris']), { feed: 'bound' })).toBe(
    'FORBIDDEN',
  );
  for (const role of ['AGENT', 'PLANNER', 'STAFF', 'STOREFRONT', 'DATA_STEWARD', 'AUDITOR'] as const)
    expect(await forbidden(await app.token(role, undefined, role === 'STAFF' ? ['paris'] : undefined))).toBe(
      'FORBIDDEN',
    );
  expect((await send([line], { feed: 'of-admin' }, await app.token('ADMIN'))).answer).toMatchObject({
    created: 1,
  });
});

const ERASE =
  `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename } }` as const;

test('who was erased is not brought back by another request', async () => {
  const line = { externalId: 'e1', surname: 'Eraseme', email: 'erase@me.example', verified: ['EMAIL'] };
  await send([line]);
  const steward = await app.token('DATA_STEWARD');
  const { id } = (await customer({ email: 'erase@me.example' }))!;
  const input = { idempotencyKey: freshKey(), customer: id };
  const erased = (await app.gql(steward, ERASE, { input })).data.eraseCustomer;
  expect(erased.__typename).toBe('EraseCustomerSuccess');
  const { answer } = await send([
    { ...line, surname: 'Eraseme-too' },
    { externalId: 'e2', surname: 'Stay' },
  ]);
  expect(answer).toMatchObject({ accepted: 2, created: 1, unchanged: 1, erased: 1 });
  const left = await app.db.rows("SELECT surname FROM person_record WHERE surname LIKE 'Eraseme%'");
  expect(left).toEqual([]);
  expect(await customer({ email: 'erase@me.example' })).toBeNull();
});
