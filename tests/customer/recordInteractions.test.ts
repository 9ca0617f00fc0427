// recordInteractions: identifiers, interactions, names and joins that follow, in any order and repeated.

import { applySharedValues } from '../../src/customer/actions/applySharedValues';
import { appendLinks, lockCustomers } from '../../src/customer/actions/links';
import { recordInteractions } from '../../src/customer/actions/recordInteractions';
import { identifiersOfCustomers, presentCustomerIds } from '../../src/customer/queries/identifiers';
import { linkedRegion } from '../../src/customer/queries/links';
import {
  IdentifierHashes,
  type IdentifierKind,
  normalIdentifier,
} from '../../src/customer/rules/identifiers';
import type { NewInteraction, SeenIdentifier } from '../../src/customer/rules/interactions';
import { inTransaction } from '../../src/db/transaction';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let hashes: IdentifierHashes;
beforeEach(async () => {
  app = await startApp();
  hashes = new IdentifierHashes(app.parts.secretKey);
});
afterEach(() => app.close());

const claimed = (kind: IdentifierKind, value: string): SeenIdentifier => ({
  ...hashes.typed(kind, value)!,
  verifiedBy: null,
});
const verified = (kind: IdentifierKind, value: string): SeenIdentifier => ({
  ...claimed(kind, value),
  verifiedBy: 0,
});
let keys = 0;
const contact = (identifiers: SeenIdentifier[], more: Partial<NewInteraction> = {}): NewInteraction => {
  keys += 1;
  return {
    ...{ kind: 'CONTACT', source: 'test', sourceKey: String(keys), at: app.parts.clock(), channel: 'PHONE' },
    ...{ identifiers, ...more },
  };
};
const record = (...interactions: NewInteraction[]) => {
  const { config, clock } = app.parts;
  return inTransaction(app.db, (tx) =>
    recordInteractions(tx, { identity: config.identity, now: clock() }, interactions),
  );
};
const customersOf = async (...interactions: NewInteraction[]) =>
  (await record(...interactions)).map((row) => row?.customerId ?? null);
const count = async (table: 'interaction' | 'identifier' | 'identity_link' | 'person_record') =>
  Number((await app.db.pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count);

test('values are compared in one form', () => {
  expect(normalIdentifier('EMAIL', ' Zoé@Bücher.Example ')).toBe('zoé@xn--bcher-kva.example');
  expect(normalIdentifier('EMAIL', 'nobody')).toBeNull();
  expect(normalIdentifier('PHONE', '06 12 34 56 78', 'FR')).toBe('+33612345678');
  expect(normalIdentifier('PHONE', '06 12 34 56 78')).toBeNull();
  expect(normalIdentifier('LOYALTY_CARD', '12-ab 3')).toBe('12AB3');
  expect(normalIdentifier('SOCIAL_HANDLE', '@Zoe.Q')).toBe('zoe.q');
  expect(hashes.identifier('EMAIL', 'a@b.example').hash).not.toBe(
    hashes.identifier('PHONE', 'a@b.example').hash,
  );
});

test('what is verified together becomes one customer, found by every id that it had; what is claimed does not', async () => {
  const [mail, phone] = [verified('EMAIL', 'zoe@quill.example'), verified('PHONE', '+33612345678')];
  const [first, second] = await customersOf(contact([mail]), contact([phone]));
  expect(first).not.toBe(second);
  const [both] = await record(contact([phone, mail], { person: { fullName: 'Zoe Quill' } }));
  expect(both).toMatchObject({ customerId: first, isNew: true });
  expect(await presentCustomerIds(app.db, [first!, second!])).toEqual(
    new Map([
      [first, first],
      [second, first],
    ]),
  );
  const found = await identifiersOfCustomers(app.db, [first!]);
  expect(found.map((one) => one.value)).toEqual(['zoe@quill.example', '+33612345678']);
  expect(await count('person_record')).toBe(1);

  const other = contact([claimed('EMAIL', 'zoe@quill.example'), verified('LOYALTY_CARD', 'C 1')]);
  const [card] = await customersOf(other);
  expect(card).not.toBe(first);
  expect(await count('identity_link')).toBe(1);
});

test('recorded again, nothing changes, also when it states more', async () => {
  const one = contact([verified('EMAIL', 'zoe@quill.example'), verified('PHONE', '+33612345678')]);
  const [first] = await record(one);
  const more = { ...one, identifiers: [...one.identifiers, verified('LOYALTY_CARD', 'C1')] };
  const [again, nobody] = await record(more, contact([]));
  expect(again).toEqual({ ...first, isNew: false });
  expect(nobody).toBeNull();
  expect([await count('interaction'), await count('identifier')]).toEqual([1, 2]);
});

test('listed values join nobody, and one that stood beside many others is shared from then on: its customers part again', async () => {
  const info = verified('EMAIL', 'info@quill.example');
  const [a, b] = await customersOf(
    contact([info, verified('PHONE', '+33612345678')]),
    contact([info, verified('PHONE', '+33612345679')]),
  );
  expect(a).not.toBe(b);
  expect(await count('identity_link')).toBe(0);

  const desk = verified('PHONE', '+33142000000');
  const card = (n: number) => verified('LOYALTY_CARD', `CARD${n}`);
  const first = await customersOf(contact([desk, card(1)]), contact([desk, card(2)]));
  expect(new Set(first).size).toBe(1);
  for (let n = 3; n <= app.parts.config.identity.sharedClaims; n += 1) await record(contact([desk, card(n)]));
  const after = await customersOf(contact([card(1)]), contact([card(2)]), contact([card(3)]));
  expect(new Set(after).size).toBe(3);
  const [deskCustomer] = await customersOf(contact([desk]));
  expect(after).not.toContain(deskCustomer);
});

test('a changed list of shared values reaches what is stored: it parts people, and joins them again; decisions of people stay', async () => {
  const apply = (...sharedValues: string[]) =>
    applySharedValues(app.db, { ...app.parts.config.identity, sharedValues }, app.parts.clock());
  const [desk, other] = [verified('EMAIL', 'desk@quill.example'), verified('PHONE', '+33612345678')];
  const cards = [1, 2, 3].map((n) => verified('LOYALTY_CARD', `C${n}`));
  const [first] = await customersOf(contact([desk, cards[0]!]), contact([desk, cards[1]!]));
  const customerOf = async (...seen: SeenIdentifier[]) => {
    const { rows } = await app.db.pool.query(
      'SELECT customer_id AS id FROM unnest($1::text[]) WITH ORDINALITY AS k(hash, n) JOIN identifier USING (hash) ORDER BY n',
      [seen.map(({ hash }) => hash)],
    );
    return rows.map((row: { id: string }) => row.id);
  };
  expect(await customerOf(desk, cards[0]!, cards[1]!)).toEqual([first, first, first]);
  expect(await apply()).toEqual({ shared: 0, unshared: 0 });

  expect(await apply('Desk@Quill.example', '+33 6 12 34 56 78')).toEqual({ shared: 1, unshared: 0 });
  expect(new Set(await customerOf(desk, cards[0]!, cards[1]!)).size).toBe(3);
  expect(await apply('desk@')).toEqual({ shared: 0, unshared: 0 });
  // What is verified beside it meanwhile is joined later; what a person forbade never is.
  await record(contact([desk, cards[2]!]), contact([other, cards[2]!]));
  await inTransaction(app.db, async (tx) => {
    await lockCustomers(tx);
    const { rows } = await app.db.pool.query('SELECT id FROM identifier WHERE hash = ANY($1) ORDER BY id', [
      [desk.hash, cards[1]!.hash],
    ]);
    const pairs = [[Number(rows[0].id), Number(rows[1].id)]] as [number, number][];
    const forbid = { kind: 'FORBID', origin: 'PERSON', actorId: 0, pairs, evidence: [{}] } as const;
    await appendLinks(tx, app.parts.clock(), forbid);
  });
  expect(await apply()).toEqual({ shared: 0, unshared: 1 });
  expect(await customerOf(desk, cards[0]!, cards[2]!, other)).toEqual([first, first, first, first]);
  expect(await customerOf(cards[1]!)).not.toEqual([first]);
  const links = await count('identity_link');
  expect(await apply()).toEqual({ shared: 0, unshared: 0 });
  expect(await count('identity_link')).toBe(links);
});

test('a value that is no longer listed stays shared where many people use it', async () => {
  const { identity } = app.parts.config;
  const info = claimed('EMAIL', 'info@quill.example');
  for (let n = 0; n < identity.sharedClaims; n += 1)
    await record(contact([info, verified('LOYALTY_CARD', `M${n}`)]));
  const apply = (sharedValues: string[]) =>
    applySharedValues(app.db, { ...identity, sharedValues }, app.parts.clock());
  expect(await apply([])).toEqual({ shared: 0, unshared: 0 });
  expect(await apply(['info@'])).toEqual({ shared: 0, unshared: 0 });
});

test('of a customer no more identifiers come together than the limits allow', async () => {
  const phone = verified('PHONE', '+33612345678');
  const account = (id: string): SeenIdentifier => ({
    ...hashes.typed('WEB_ACCOUNT', id, { scope: '1' })!,
    verifiedBy: 0,
  });
  const [one, two] = await customersOf(contact([account('a'), phone]), contact([account('b'), phone]));
  expect(one).not.toBe(two);
});

test('imports do not bring back who was erased; an own interaction does', async () => {
  const mail = claimed('EMAIL', 'zoe@quill.example');
  await app.db.pool.query(`INSERT INTO suppressed_identifier VALUES ('EMAIL', '', $1, now())`, [mail.hash]);
  const row = claimed('SOURCE_RECORD', '17');
  const [skipped] = await record(contact([mail, row], { kind: 'PROFILE', isImport: true }));
  expect(skipped).toBeNull();
  expect([await count('interaction'), await count('identifier')]).toEqual([0, 0]);
  const [own] = await record(contact([mail]));
  expect(own).toMatchObject({ isNew: true });
});

test('recorded one after another or at once, by several at the same time, the customers are the same', async () => {
  const mails = Array.from({ length: 6 }, (_, n) => verified('EMAIL', `p${n}@quill.example`));
  const cards = Array.from({ length: 6 }, (_, n) => verified('LOYALTY_CARD', `K${n}`));
  const chains = mails.flatMap((mail, n) => [
    contact([mail, cards[n]!]),
    contact([mail]),
    contact([cards[n]!]),
  ]);
  const answers = await Promise.all(chains.map((one) => record(one)));
  const once = await record(...chains);
  expect(once.map((row) => row!.interactionId)).toEqual(answers.map(([row]) => row!.interactionId));
  expect(new Set(once.map((row) => row!.customerId)).size).toBe(6);
  const region = await linkedRegion(app.db, [once[0]!.identifierId]);
  expect(region.identifiers.map((one) => one.kind).sort()).toEqual(['EMAIL', 'LOYALTY_CARD']);
});
