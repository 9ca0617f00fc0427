// Consents over HTTP: recorded once, given by an address, withdrawn for the whole customer, and read by the gate that messages pass.

import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let web: string;
let steward: string;
let feed: string;
beforeAll(async () => {
  app = await startApp();
  web = await app.token('STOREFRONT');
  steward = await app.token('DATA_STEWARD');
  feed = await app.token('FEED');
});
afterAll(() => app.close());

let keys = 0;
const key = () => `consent-${++keys}`;
const mutationOf = (
  name: string,
  Name: string,
) => `mutation ($input: ${Name}Input!) { ${name}(input: $input) {
  __typename ... on Refusal { message } ... on InvalidInput { path }
  ... on ${Name}Success { skipped consents { id address purpose channel decision at recordedAt textVersion proof } } } }`;
interface Answer {
  __typename: string;
  message?: string;
  path?: string;
  skipped?: number;
  consents?: Record<string, unknown>[];
}
async function send(
  token: string,
  decision: 'record' | 'withdraw',
  consents: object[],
  idempotencyKey = key(),
) {
  const name = `${decision}Consent`;
  const Name = name[0]!.toUpperCase() + name.slice(1);
  const answer = await app.gqlUntyped<Record<string, Answer>>(token, mutationOf(name, Name), {
    input: { idempotencyKey, consents },
  });
  expect(answer.errors).toBeUndefined();
  return answer.data[name]!;
}
async function ask(address: object, purpose = 'MARKETING', channel: string | null = 'EMAIL') {
  const answer = await app.gqlUntyped<{ mayContact: { isAllowed: boolean; reason: string }[] }>(
    feed,
    'query ($contacts: [ContactPermissionInput!]!) { mayContact(contacts: $contacts) { isAllowed reason decidedAt } }',
    { contacts: [{ address, purpose, channel }] },
  );
  expect(answer.errors).toBeUndefined();
  return answer.data.mayContact[0]!.reason;
}
const email = (name: string) => ({ email: `${name}@consent.example` });
const entry = (address: object, more: object = {}) => ({
  ...{ address, purpose: 'MARKETING', channel: 'EMAIL' },
  ...more,
});
/** Joins the customers of two addresses as a data steward would. */
const join = async (one: string, other: string) => {
  const rows = await app.db.rows<{ id: number; own: string }>(
    'SELECT id, own_id AS own FROM identifier WHERE value = ANY($1::text[]) ORDER BY id',
    [[one, other]],
  );
  await app.db.rows('UPDATE identifier SET customer_id = $1::uuid WHERE id = $2', [
    rows[0]!.own,
    rows[1]!.id,
  ]);
};

test('a consent is recorded with its evidence, once for each key', async () => {
  const consents = [
    entry(email('Anne'), { textVersion: '2026-03', proof: 'form 4711', at: '2026-11-20T10:00:00Z' }),
  ];
  const once = key();
  const first = await send(web, 'record', consents, once);
  expect(first).toMatchObject({
    ...{ __typename: 'RecordConsentSuccess', skipped: 0 },
    consents: [
      {
        ...{ address: 'anne@consent.example', purpose: 'MARKETING', channel: 'EMAIL', decision: 'GIVEN' },
        ...{ at: '2026-11-20T10:00:00.000Z', textVersion: '2026-03', proof: 'form 4711' },
      },
    ],
  });
  expect(await send(web, 'record', consents, once)).toEqual(first);
  expect(await ask(email('anne'))).toBe('CONSENT_GIVEN');
  expect(await ask(email('anne'), 'MARKETING', 'SMS')).toBe('NO_CONSENT');
  expect(await ask(email('anne'), 'PERSONALISATION', null)).toBe('NO_CONSENT');
  const rows = await app.db.rows(
    `SELECT kind, source FROM interaction WHERE source = 'consent' ORDER BY id DESC LIMIT 2`,
  );
  expect(rows).toEqual([{ kind: 'CONSENT_GIVEN', source: 'consent' }]);
});

test('unknown addresses get what is transactional, and surveys until they object', async () => {
  expect(await ask(email('nobody'))).toBe('NO_CONSENT');
  expect(await ask(email('nobody'), 'SURVEY')).toBe('NO_OBJECTION');
  expect(await ask(email('nobody'), 'TRANSACTIONAL')).toBe('TRANSACTIONAL');
  await send(web, 'withdraw', [entry(email('nobody'), { purpose: 'SURVEY', channel: null })]);
  expect(await ask(email('nobody'), 'SURVEY')).toBe('WITHDRAWN');
});

test('joined customers keep each address its own consent, and share withdrawals', async () => {
  await send(web, 'record', [entry(email('bea'))]);
  await send(web, 'record', [entry({ phone: '+33612345601' }, { channel: 'SMS' })]);
  await send(web, 'record', [entry({ phone: '+33612345601' }, { channel: null })]);
  await join('bea@consent.example', '+33612345601');
  expect(await ask(email('bea'))).toBe('CONSENT_GIVEN');
  expect(await ask(email('bea'), 'MARKETING', 'SMS')).toBe('NO_CONSENT');
  app.wait(1);
  await send(web, 'withdraw', [entry({ phone: '+33612345601' }, { channel: null })]);
  expect(await ask(email('bea'))).toBe('WITHDRAWN');
  app.wait(1);
  await send(web, 'record', [entry(email('bea'))]);
  expect(await ask(email('bea'))).toBe('CONSENT_GIVEN');
  expect(await ask({ phone: '+33612345601' }, 'MARKETING', 'SMS')).toBe('WITHDRAWN');
});

test('restricted customers and erased addresses get no more than what is transactional', async () => {
  await send(web, 'record', [entry(email('carl'))]);
  await app.db.rows(`UPDATE identifier SET restricted_at = now() WHERE value = 'carl@consent.example'`);
  expect(await ask(email('carl'))).toBe('RESTRICTED');
  expect(await ask(email('carl'), 'TRANSACTIONAL')).toBe('TRANSACTIONAL');
});

test('decisions are never changed or deleted', async () => {
  await expect(app.db.rows(`UPDATE consent SET decision = 'WITHDRAWN'`)).rejects.toThrow('append-only');
  await expect(app.db.rows('DELETE FROM consent')).rejects.toThrow('append-only');
  await app.db.rows('UPDATE consent SET proof = NULL');
});

describe('is refused:', () => {
  test.each([
    ['no address', [{ address: { email: 'nobody' }, purpose: 'SURVEY' }], 'consents.0.address.email'],
    ['an address of another channel', [entry({ phone: '+33612345602' })], 'consents.0.address'],
    ['a time in the future', [entry(email('dora'), { at: '2027-01-01T00:00:00Z' })], 'consents.0.at'],
    ['one decision twice', [entry(email('dora')), entry(email('DORA'))], 'consents.1'],
    ['nothing', [], 'consents'],
    ['a long proof', [entry(email('dora'), { proof: 'x'.repeat(201) })], 'consents.0.proof'],
  ])('%s', async (_name, consents, path) => {
    expect(await send(steward, 'record', consents)).toMatchObject({ __typename: 'InvalidInput', path });
  });
  test('a withdrawal of any channel is taken from any address', async () => {
    const all = [entry({ phone: '+33612345602' })];
    expect(await send(steward, 'withdraw', all)).toMatchObject({ __typename: 'WithdrawConsentSuccess' });
  });
});
