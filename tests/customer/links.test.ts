// Customers as a function of the log of links: by properties, whatever order its rows come in.

import fc from 'fast-check';
import type { IdentifierKind } from '../../src/customer/rules/identifiers';
import {
  deriveCustomers,
  type IdentityLink,
  type LinkedIdentifier,
  type LinkKind,
  type LinkOrigin,
  PERSON_LIMIT_FACTOR,
  pairOf,
  pairsBetween,
  pairsOfJoin,
} from '../../src/customer/rules/links';

const SIZE = 9;
const LIMITS = { EMAIL: 2, WEB_ACCOUNT: 1 };

const someIdentifiers = fc
  .array(
    fc.record({
      kind: fc.constantFrom<IdentifierKind>('EMAIL', 'PHONE', 'WEB_ACCOUNT'),
      dice: fc.integer({ min: 0, max: 9 }),
    }),
    { minLength: SIZE, maxLength: SIZE },
  )
  .map((all) =>
    all.map(({ kind, dice }, i): LinkedIdentifier => ({ id: i + 1, kind, scope: '', isShared: dice === 0 })),
  );

const somePair = fc
  .tuple(fc.integer({ min: 1, max: SIZE }), fc.integer({ min: 1, max: SIZE }))
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => pairOf(a, b));

const someLinks = fc
  .array(
    fc.record({
      pair: somePair,
      kind: fc.constantFrom<LinkKind>('JOIN', 'JOIN', 'JOIN', 'SPLIT', 'FORBID'),
      origin: fc.constantFrom<LinkOrigin>('PERSON', 'RULE', 'MODEL'),
      bits: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength: 25 },
  )
  .map((all) =>
    all.map(({ pair: [lowId, highId], kind, origin, bits }, i): IdentityLink => {
      const forbid = kind === 'FORBID' && origin !== 'PERSON' ? 'JOIN' : kind;
      return { id: i + 1, kind: forbid, lowId, highId, origin, bits: origin === 'MODEL' ? bits : null };
    }),
  );

/** Of each identifier its customer, as a plain object. */
const customers = (identifiers: readonly LinkedIdentifier[], links: readonly IdentityLink[]) =>
  Object.fromEntries([...deriveCustomers(identifiers, links, LIMITS).lowestOf].sort(([a], [b]) => a - b));

const lastOfPerson = (links: readonly IdentityLink[]) => {
  const last = new Map<string, IdentityLink>();
  for (const link of links) if (link.origin === 'PERSON') last.set(`${link.lowId} ${link.highId}`, link);
  return [...last.values()];
};

const link = (
  id: number,
  kind: LinkKind,
  a: number,
  b: number,
  origin: LinkOrigin = 'RULE',
): IdentityLink => {
  const [lowId, highId] = pairOf(a, b);
  return { id, kind, lowId, highId, origin, bits: null };
};
const phones = (n: number): LinkedIdentifier[] =>
  Array.from({ length: n }, (_, i) => ({ id: i + 1, kind: 'PHONE', scope: '', isShared: false }));

test('rows and identifiers in any order give the same customers', () => {
  const shuffled = someLinks.chain((links) =>
    fc.tuple(fc.constant(links), fc.shuffledSubarray(links, { minLength: links.length })),
  );
  fc.assert(
    fc.property(someIdentifiers, shuffled, (identifiers, [links, inOtherOrder]) => {
      expect(customers([...identifiers].reverse(), inOtherOrder)).toEqual(customers(identifiers, links));
    }),
  );
});

test('a pair that a person forbade is never together, shared identifiers stay alone, limits hold', () => {
  fc.assert(
    fc.property(someIdentifiers, someLinks, (identifiers, links) => {
      const of = customers(identifiers, links);
      for (const { kind, lowId, highId } of lastOfPerson(links))
        if (kind === 'FORBID') expect(of[lowId]).not.toBe(of[highId]);
      for (const { id, isShared } of identifiers)
        if (isShared) expect(Object.values(of).filter((one) => one === of[id])).toHaveLength(1);
      for (const [kind, limit] of Object.entries(LIMITS))
        for (const lowest of Object.values(of)) {
          const members = identifiers.filter((one) => one.kind === kind && of[one.id] === lowest);
          expect(members.length).toBeLessThanOrEqual(limit * PERSON_LIMIT_FACTOR);
        }
    }),
  );
});

test('every JOIN that counts has an effect, or is reported with the reason', () => {
  fc.assert(
    fc.property(someIdentifiers, someLinks, (identifiers, links) => {
      const { lowestOf, conflicts } = deriveCustomers(identifiers, links, LIMITS);
      for (const { kind, lowId, highId } of lastOfPerson(links)) {
        const isTogether = lowestOf.get(lowId) === lowestOf.get(highId);
        const isReported = conflicts.some((one) => one.lowId === lowId && one.highId === highId);
        if (kind === 'JOIN') expect(isTogether || isReported).toBe(true);
      }
    }),
  );
});

test('what a person decided survives later rows of rules and models', () => {
  fc.assert(
    fc.property(someIdentifiers, someLinks, someLinks, (identifiers, links, rerun) => {
      const decided = links.filter((one) => one.origin === 'PERSON');
      const later = rerun
        .filter((one) => one.origin !== 'PERSON')
        .map((one) => ({ ...one, id: one.id + 1_000 }));
      const alone = customers(identifiers, decided);
      const after = customers(identifiers, [...links, ...later]);
      for (const a of identifiers)
        for (const b of identifiers) if (alone[a.id] === alone[b.id]) expect(after[a.id]).toBe(after[b.id]);
      for (const { kind, lowId, highId } of lastOfPerson(decided))
        if (kind === 'SPLIT' && alone[lowId] !== alone[highId]) expect(after[lowId]).not.toBe(after[highId]);
    }),
  );
});

test('a split after a join restores the customers from before', () => {
  fc.assert(
    fc.property(someIdentifiers, someLinks, somePair, (identifiers, links, [a, b]) => {
      const before = customers(identifiers, links);
      const members = (id: number) =>
        identifiers.map((one) => one.id).filter((one) => before[one] === before[id]);
      const [these, those] = [members(a), members(b)];
      fc.pre(before[a] !== before[b]);
      const append = (log: IdentityLink[], kind: LinkKind, pairs: ReturnType<typeof pairsBetween>) => [
        ...log,
        ...pairs.map(([low, high], i) => link(log.length + i + 1, kind, low, high, 'PERSON')),
      ];
      const joined = append([...links], 'JOIN', pairsOfJoin(these, those, links));
      const split = append(joined, 'SPLIT', pairsBetween(these, those));
      // A FORBID that the join lifted stays lifted: a SPLIT keeps the pair apart as well.
      expect(customers(identifiers, split)).toEqual(before);
    }),
  );
});

test('a person joins again what a person split, also where several pairs were split', () => {
  const log = [link(1, 'JOIN', 1, 2), link(2, 'JOIN', 3, 4), link(3, 'JOIN', 2, 3)];
  expect(customers(phones(4), log)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 });
  const split = pairsBetween([1, 2], [3, 4]).map(([a, b], i) => link(10 + i, 'SPLIT', a, b, 'PERSON'));
  const apart = [...log, ...split];
  expect(customers(phones(4), apart)).toEqual({ 1: 1, 2: 1, 3: 3, 4: 3 });
  // A rule that sees both halves beside a new telephone does not undo it: the later join is a conflict.
  const seen = [...apart, link(20, 'JOIN', 1, 5), link(21, 'JOIN', 3, 5)];
  expect(customers(phones(5), seen)).toEqual({ 1: 1, 2: 1, 3: 3, 4: 3, 5: 1 });
  expect(deriveCustomers(phones(5), seen, {}).conflicts).toEqual([
    { reason: 'SPLIT', lowId: 3, highId: 5, origin: 'RULE' },
  ]);
  const again = pairsOfJoin([1, 2], [3, 4], apart).map(([a, b], i) => link(30 + i, 'JOIN', a, b, 'PERSON'));
  expect(again).toHaveLength(4);
  expect(customers(phones(4), [...apart, ...again])).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 });
});

test('a limit is reported with its numbers; a person may go beyond it, a model’s stronger evidence comes first', () => {
  const accounts: LinkedIdentifier[] = [1, 2].map((id) => ({
    id,
    kind: 'WEB_ACCOUNT',
    scope: '',
    isShared: false,
  }));
  expect(deriveCustomers(accounts, [link(1, 'JOIN', 1, 2)], LIMITS).conflicts).toEqual([
    { reason: 'LIMIT', kind: 'WEB_ACCOUNT', count: 2, limit: 1, lowId: 1, highId: 2, origin: 'RULE' },
  ]);
  expect(customers(accounts, [link(1, 'JOIN', 1, 2, 'PERSON')])).toEqual({ 1: 1, 2: 1 });
  const three: LinkedIdentifier[] = [...accounts, { id: 3, kind: 'PHONE', scope: '', isShared: false }];
  const model = (id: number, a: number, bits: number): IdentityLink => ({
    ...link(id, 'JOIN', a, 3, 'MODEL'),
    bits,
  });
  expect(customers(three, [model(1, 1, 8), model(2, 2, 9)])).toEqual({ 1: 1, 2: 2, 3: 2 });
});
