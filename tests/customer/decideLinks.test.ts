// joinCustomers and splitCustomer over HTTP: decisions of data stewards hold against rules and models, and undo each other.

import { encodeGlobalID } from '../../src/graphql/ids';
import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { type People, peopleOf } from './people';

let app: TestApp;
let people: People;
let steward: string;
let web: number;

beforeAll(async () => {
  app = await startApp();
  people = peopleOf(app);
  steward = await app.token('DATA_STEWARD');
  await app.token('STOREFRONT');
  const [row] = await app.db.rows<{ id: number }>(
    `SELECT id FROM actor WHERE role = 'STOREFRONT' ORDER BY id DESC LIMIT 1`,
  );
  web = row!.id;
});
afterAll(() => app.close());

const global = (id: string): string => encodeGlobalID('Customer', id);
const JOIN = `mutation ($input: JoinCustomersInput!) { joinCustomers(input: $input) { __typename
  ... on JoinCustomersSuccess { customers } ... on InvalidInput { message path } ... on NotFound { message keys } } }` as const;
const SPLIT = `mutation ($input: SplitCustomerInput!) { splitCustomer(input: $input) { __typename
  ... on SplitCustomerSuccess { customers } ... on InvalidInput { message path } ... on NotFound { message keys } } }` as const;

interface Decided {
  __typename: string;
  customers?: string[];
  message?: string;
}
async function join(ids: string[], more: object = {}, token = steward, key = freshKey()): Promise<Decided> {
  const input = { idempotencyKey: key, customers: ids.map(global), reason: 'same person', ...more };
  return (await app.gql(token, JOIN, { input })).data?.joinCustomers as Decided;
}
async function split(id: string, identifiers: object[], more: object = {}): Promise<Decided> {
  const input = { idempotencyKey: freshKey(), customer: global(id), identifiers, reason: 'another', ...more };
  return (await app.gql(steward, SPLIT, { input })).data?.splitCustomer as Decided;
}
/** A customer with an account and an address, both verified: joined by rule. */
const verified = async (name: string): Promise<string> => {
  const seen = [people.seen('WEB_ACCOUNT', name, web), people.seen('EMAIL', `${name}@quill.example`, web)];
  return (await people.record({ identifiers: seen }))[0]!;
};
async function customerOf(email: string): Promise<string> {
  const [row] = await app.db.rows<{ id: string }>(
    'SELECT customer_id AS id FROM identifier WHERE value = $1',
    [email],
  );
  return row!.id;
}

test('customers that were joined are found by both ids, and splitting gives the old ids back', async () => {
  const [a, b] = [await verified('ann'), await verified('ben')];
  expect(await join([b, a])).toEqual({ __typename: 'JoinCustomersSuccess', customers: [global(a)] });
  expect([await customerOf('ann@quill.example'), await customerOf('ben@quill.example')]).toEqual([a, a]);
  // A former id names the customer that it became.
  expect((await join([a, b])).message).toBe('customers names one customer twice, by a former id of it.');
  const [{ id: name } = { id: '' }] = await app.db.rows<{ id: string }>(
    'SELECT name AS id FROM actor WHERE id = $1',
    [web],
  );
  const parted = [
    { email: 'ben@quill.example' },
    { storefrontAccount: { storefront: name, account: 'ben' } },
  ];
  expect(await split(b, parted)).toEqual({
    __typename: 'SplitCustomerSuccess',
    customers: [global(a), global(b)],
  });
  expect([await customerOf('ann@quill.example'), await customerOf('ben@quill.example')]).toEqual([a, b]);
  // A rule does not join what a person parted: both stand verified in one interaction.
  await people.record({
    identifiers: [
      people.seen('EMAIL', 'ann@quill.example', web),
      people.seen('EMAIL', 'ben@quill.example', web),
    ],
  });
  expect(await customerOf('ben@quill.example')).toBe(b);
  // A person joins them again.
  expect(await join([a, b])).toMatchObject({ customers: [global(a)] });
  expect(await customerOf('ben@quill.example')).toBe(a);
});

test('a split part stays whole, and so do the others', async () => {
  const a = await verified('cleo');
  await people.record({
    identifiers: [people.seen('EMAIL', 'cleo@quill.example', web), people.seen('PHONE', '+33612345671', web)],
  });
  // The e-mail address held the account and the telephone together.
  const result = await split(a, [{ email: 'cleo@quill.example' }]);
  const other = await customerOf('cleo@quill.example');
  const rest = await customerOf('+33612345671');
  expect([other, rest === a]).toEqual([a, false]);
  expect(result.customers).toEqual([global(rest), global(a)]);
  const accounts = await app.db.rows("SELECT customer_id AS id FROM identifier WHERE value = 'cleo'");
  expect(accounts).toEqual([{ id: rest }]);
});

const idOf = async (email: string): Promise<number> => {
  const found = await app.db.rows<{ id: number }>('SELECT id FROM identifier WHERE value = $1', [email]);
  return found[0]!.id;
};

let phone = 33_612_345_680;
/** A customer with an address and a telephone, both verified. */
const known = async (name: string): Promise<string> => {
  const seen = [people.seen('EMAIL', `${name}@quill.example`, web), people.seen('PHONE', `+${++phone}`, web)];
  return (await people.record({ identifiers: seen }))[0]!;
};

test('what only the model joined is confirmed by its two ids, and then stays joined', async () => {
  const [a, b, c] = [await known('lea'), await known('max'), await known('nora')];
  const pair = [await idOf('lea@quill.example'), await idOf('max@quill.example')] as const;
  expect(await people.modelLinks('JOIN', ...pair)).toEqual([a, a]);
  expect(await join([b, a])).toEqual({ __typename: 'JoinCustomersSuccess', customers: [global(a)] });
  const decided = await app.db.rows(
    `SELECT DISTINCT kind, reason FROM identity_link
     WHERE origin = 'PERSON' AND $1 IN (low_id, high_id)`,
    [pair[1]],
  );
  expect(decided).toEqual([{ kind: 'JOIN', reason: 'same person' }]);
  // The model changes its mind: what a person decided stands.
  expect(await people.modelLinks('SPLIT', ...pair)).toEqual([a, a]);
  expect((await join([a, b])).message).toBe('customers names one customer twice, by a former id of it.');
  // A probable pair is joined with a third customer in one request.
  const d = await known('otto');
  await people.modelLinks('JOIN', await idOf('nora@quill.example'), await idOf('otto@quill.example'));
  expect(await join([c, d, a])).toEqual({ __typename: 'JoinCustomersSuccess', customers: [global(a)] });
  expect([await customerOf('otto@quill.example'), await customerOf('max@quill.example')]).toEqual([a, a]);
});

const ofPerson = (email: string) =>
  app.db.rows(
    `SELECT l.kind FROM identity_link l JOIN identifier i ON i.id IN (l.low_id, l.high_id)
     WHERE l.origin = 'PERSON' AND i.value = $1`,
    [email],
  );

test('a join or a split confirms nothing that only the model joined with one of the customers', async () => {
  const [a, b, c] = [await known('pia'), await known('quin'), await known('rosa')];
  const pair = [await idOf('pia@quill.example'), await idOf('quin@quill.example')] as const;
  expect(await people.modelLinks('JOIN', ...pair)).toEqual([a, a]);
  expect(await join([a, c])).toMatchObject({ customers: [global(a)] });
  const present = () =>
    Promise.all(['pia', 'quin', 'rosa'].map((name) => customerOf(`${name}@quill.example`)));
  expect(await present()).toEqual([a, a, a]);
  expect(await ofPerson('quin@quill.example')).toEqual([]);
  // Splitting the third off again leaves the probable link as it was.
  await split(a, [{ email: 'rosa@quill.example' }]);
  expect(await customerOf('pia@quill.example')).toBe(a);
  expect(await customerOf('quin@quill.example')).toBe(a);
  // The model withdraws: its part is a customer of its own again.
  expect(await people.modelLinks('SPLIT', ...pair)).toEqual([a, b]);
});

const ERASE = `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename
  ... on EraseCustomerSuccess { openOrders } } }` as const;

test('a join and an erasure at once: both are erased, or one is and the join is refused', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const [a, b] = [await verified(`left${n}`), await verified(`right${n}`)];
      const input = { idempotencyKey: freshKey(), customer: global(n % 2 === 0 ? a : b) };
      const erase = () => app.gql(steward, ERASE, { input });
      const decide = () => join([a, b], { reason: `both are right${n}` });
      const [joined, erased] = n % 4 < 2 ? [decide(), erase()] : [erase(), decide()].reverse();
      const [{ __typename }, answer] = await Promise.all([joined, erased] as [
        Promise<Decided>,
        ReturnType<typeof erase>,
      ]);
      expect(answer.data?.eraseCustomer.__typename).toBe('EraseCustomerSuccess');
      const left = await app.db.rows<{ value: string }>(
        'SELECT value FROM identifier WHERE value IN ($1, $2) ORDER BY 1',
        [`left${n}@quill.example`, `right${n}@quill.example`],
      );
      const wholesale = __typename === 'JoinCustomersSuccess';
      const others = [{ value: `${n % 2 === 0 ? 'right' : 'left'}${n}@quill.example` }];
      expect([n, left]).toEqual([n, wholesale ? [] : others]);
      return __typename;
    }),
  );
  expect(outcomes.every((one) => ['JoinCustomersSuccess', 'InvalidInput'].includes(one))).toBe(true);
  const reasons = await app.db.rows("SELECT reason FROM identity_link WHERE reason LIKE 'both are right%'");
  expect(reasons).toEqual([]);
  // What was erased is joined with nobody who is known.
  const together = await app.db.rows(
    `SELECT 1 FROM identifier e JOIN identifier k ON k.customer_id = e.customer_id
     WHERE e.erased_at IS NOT NULL AND k.erased_at IS NULL`,
  );
  expect(together).toEqual([]);
});

test('what a person forbade is joined by nobody but a person who says so', async () => {
  const [a, b] = [await verified('dora'), await verified('emil')];
  await join([a, b]);
  const [{ id: name } = { id: '' }] = await app.db.rows<{ id: string }>(
    'SELECT name AS id FROM actor WHERE id = $1',
    [web],
  );
  const parted = [
    { email: 'emil@quill.example' },
    { storefrontAccount: { storefront: name, account: 'emil' } },
  ];
  await split(a, parted, { forbid: true });
  expect((await join([a, b])).message).toBe(
    'A person decided that these customers must never be one; send evenIfForbidden to decide again.',
  );
  expect(await customerOf('emil@quill.example')).toBe(b);
  expect(await join([a, b], { evenIfForbidden: true })).toMatchObject({ customers: [global(a)] });
});

test('a repeated request gets its first answer; two joins at once of three customers give one', async () => {
  const [a, b, c] = [await verified('fay'), await verified('gus'), await verified('hal')];
  await Promise.all([join([a, b]), join([b, c])]);
  expect(
    new Set([
      await customerOf('fay@quill.example'),
      await customerOf('gus@quill.example'),
      await customerOf('hal@quill.example'),
    ]),
  ).toEqual(new Set([a]));
  const d = await verified('ida');
  const key = freshKey();
  const first = await join([a, d], {}, steward, key);
  expect(await join([a, d], {}, steward, key)).toEqual(first);
});

test('refusals name what was wrong, and nothing is changed', async () => {
  const [a, b] = [await verified('jon'), await verified('kim')];
  const unknown = '00000000-0000-7000-8000-000000000000';
  expect(await join([a, unknown])).toMatchObject({ __typename: 'NotFound', keys: [global(unknown)] });
  expect((await join([a])).message).toBe('customers names one customer only; name two or more.');
  expect((await split(a, [{ email: 'kim@quill.example' }])).message).toBe(
    'identifiers.0 is not an identifier of this customer; look at Customer.identifiers.',
  );
  expect((await split(a, [{ id: global(a) }])).message).toContain(
    'identifiers.0 names no identifier of its own',
  );
  expect((await split(a, [{ email: 'nothing' }])).message).toContain(
    'identifiers.0.email is not an e-mail address',
  );
  const [{ id: name } = { id: '' }] = await app.db.rows<{ id: string }>(
    'SELECT name AS id FROM actor WHERE id = $1',
    [web],
  );
  const whole = [{ email: 'jon@quill.example' }, { storefrontAccount: { storefront: name, account: 'jon' } }];
  expect((await split(a, whole)).message).toBe(
    'identifiers names all identifiers of this customer; leave those out that stay.',
  );
  expect(await join([a, b], {}, await app.token('AGENT'))).toBeNull();
  expect(await customerOf('kim@quill.example')).toBe(b);
});
