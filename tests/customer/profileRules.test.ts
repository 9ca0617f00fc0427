// Pure rules of what is known of a customer: survivorship, promises, habits, masked values, and what a shopper's account reaches.

import type { FoundIdentifier } from '../../src/customer/queries/identifiers';
import { habitsOf } from '../../src/customer/rules/habits';
import type { IdentityLink } from '../../src/customer/rules/links';
import { maskedValue } from '../../src/customer/rules/masking';
import { type PromisedOrder, promiseState } from '../../src/customer/rules/promises';
import { nameOf, type PersonStatement, survivingValues } from '../../src/customer/rules/survivorship';
import { reachedFrom } from '../../src/customer/rules/view';

let ids = 0;
const stated = (day: string, facts: Partial<PersonStatement>): PersonStatement => ({
  interactionId: ++ids,
  source: 'order',
  isVerified: false,
  at: new Date(`${day}T10:00:00Z`),
  ...facts,
});
const TRUSTED = ['crm', 'order'];
const surviving = (...statements: PersonStatement[]) => survivingValues(statements, TRUSTED);

describe('survivorship', () => {
  test('a verified statement counts before a later one', () => {
    const [name] = surviving(
      stated('2026-01-01', { fullName: 'Anne Martin', isVerified: true }),
      stated('2026-06-01', { fullName: 'A. Martin' }),
    );
    expect(name).toMatchObject({ value: 'Anne Martin', rule: 'VERIFIED', source: 'order', isVerified: true });
  });
  test('then the later day, whatever the source', () => {
    const [name] = surviving(
      stated('2026-01-01', { fullName: 'Anne Martin', source: 'crm' }),
      stated('2026-06-01', { fullName: 'Anne Durand', source: 'elsewhere' }),
    );
    expect(name).toMatchObject({ value: 'Anne Durand', rule: 'LATEST', source: 'elsewhere' });
  });
  test('on one day the more trusted source, and an unlisted one last', () => {
    const early = new Date('2026-06-01T08:00:00Z');
    const [name] = surviving(
      stated('2026-06-01', { fullName: 'Elsewhere', source: 'elsewhere' }),
      stated('2026-06-01', { fullName: 'Order', source: 'order' }),
      stated('2026-06-01', { fullName: 'Crm', source: 'crm', at: early }),
    );
    expect(name).toMatchObject({ value: 'Crm', rule: 'MOST_TRUSTED', at: early });
  });
  test('then what was stated last', () => {
    const [name] = surviving(
      stated('2026-06-01', { fullName: 'First' }),
      stated('2026-06-01', { fullName: 'Second' }),
    );
    expect(name).toMatchObject({ value: 'Second', rule: 'LAST_RECORDED' });
  });
  test('spellings that differ in capitals and blanks are one value', () => {
    const [name] = surviving(
      stated('2026-01-01', { fullName: 'anne  MARTIN' }),
      stated('2026-06-01', { fullName: 'Anne Martin' }),
    );
    expect(name).toMatchObject({ value: 'Anne Martin', rule: 'ONLY_VALUE' });
  });
  test('an address is taken from one statement, not put together of two', () => {
    const values = surviving(
      stated('2026-01-01', { street: 'Rue A 1', postalCode: '75001', city: 'Paris' }),
      stated('2026-06-01', { city: 'Lyon', postalCode: '69001' }),
    );
    expect(values.map(({ attribute, value }) => [attribute, value])).toEqual([
      ['postalCode', '69001'],
      ['city', 'Lyon'],
    ]);
  });
  test('attributes survive apart from each other; the order of statements never matters', () => {
    const all = [
      stated('2026-01-01', { fullName: 'Anne Martin', isVerified: true }),
      stated('2026-03-01', { language: 'fr' }),
      stated('2026-06-01', { fullName: 'X', language: 'en', contactChannel: 'SMS' }),
    ];
    const values = surviving(...all);
    expect(surviving(...[...all].reverse())).toEqual(values);
    expect(values.map(({ value, rule }) => [value, rule])).toEqual([
      ['Anne Martin', 'VERIFIED'],
      ['en', 'LATEST'],
      ['SMS', 'ONLY_VALUE'],
    ]);
    expect(nameOf(values)).toBe('Anne Martin');
  });
  test('a name of parts, and no name', () => {
    expect(nameOf(surviving(stated('2026-01-01', { firstName: 'Anne', surname: 'Martin' })))).toBe(
      'Anne Martin',
    );
    expect(nameOf(surviving(stated('2026-01-01', { fullName: '' })))).toBeNull();
    expect(nameOf([])).toBeNull();
  });
});

describe('promises', () => {
  const at = (time: string): Date => new Date(`2026-06-01T${time}:00Z`);
  const order = (facts: Partial<PromisedOrder>): PromisedOrder => ({
    ...{ status: 'PLACED', promisedAt: at('12:00'), transferExpectedAt: null, draftTransfers: 0 },
    ...facts,
  });
  test.each([
    [order({}), '11:00', { waitsFor: 'PICKING', isLate: false, lateMinutes: 0, isAtRisk: false }],
    [order({}), '12:00', { isLate: false }],
    [order({}), '13:30', { isLate: true, lateMinutes: 90 }],
    [order({ status: 'PICKING' }), '13:00', { waitsFor: 'PICKING_TO_END', isLate: true }],
    [order({ status: 'READY' }), '13:00', { waitsFor: 'COLLECTION', isLate: false, lateMinutes: 0 }],
    [order({ promisedAt: null }), '13:00', { isLate: false }],
    [
      order({ status: 'AWAITING_TRANSFER', draftTransfers: 1, transferExpectedAt: at('15:00') }),
      '11:00',
      { waitsFor: 'DISPATCH', isLate: false, isAtRisk: true },
    ],
    [
      order({ status: 'AWAITING_TRANSFER', transferExpectedAt: at('11:30') }),
      '11:00',
      { waitsFor: 'TRANSFER', isAtRisk: false },
    ],
    [
      order({ status: 'AWAITING_TRANSFER', transferExpectedAt: at('15:00') }),
      '13:00',
      { isLate: true, isAtRisk: false },
    ],
  ])('%j at %s', (facts, time, state) => {
    expect(promiseState(facts, at(time))).toMatchObject(state);
  });
});

describe('habits', () => {
  test('the location and the hour used most, each with how often', () => {
    const visits = [
      { locationId: 2, hour: 18, visits: 3 },
      { locationId: 2, hour: 9, visits: 1 },
      { locationId: 1, hour: 9, visits: 1 },
    ];
    expect(habitsOf(visits)).toEqual({
      location: { value: 2, times: 4, of: 5 },
      hour: { value: 18, times: 3, of: 5 },
    });
  });
  test('one visit is no habit', () => {
    expect(habitsOf([{ locationId: 2, hour: 18, visits: 1 }])).toEqual({ location: null, hour: null });
    expect(habitsOf([])).toEqual({ location: null, hour: null });
  });
});

test.each([
  ['EMAIL', 'anne.martin@example.com', 'a•••@example.com'],
  ['PHONE', '+33612345678', '+33•••78'],
  ['LOYALTY_CARD', '12345678', '12•••78'],
  ['LOYALTY_CARD', '1234', '•••'],
] as const)('the %s %s is masked as %s', (kind, value, masked) => {
  expect(maskedValue(kind, value)).toBe(masked);
});

describe('a shopper’s account reaches', () => {
  const identifier = (id: number, sharedReason: string | null = null): FoundIdentifier => ({
    ...{ id, kind: 'EMAIL', scope: '', hash: `${id}`, value: `${id}`, ownId: `${id}`, customerId: '1' },
    sharedReason,
  });
  const link = (lowId: number, highId: number, facts: Partial<IdentityLink> = {}): IdentityLink => ({
    ...{ id: ++ids, kind: 'JOIN', lowId, highId, origin: 'RULE', bits: null },
    ...facts,
  });
  const all = [1, 2, 3, 4].map((id) => identifier(id));
  const reached = (...links: IdentityLink[]) => reachedFrom(1, all, links, {}).map(({ id }) => id);
  test('itself when nothing is linked', () => expect(reached()).toEqual([1]));
  test('what rules and people joined, over several links', () =>
    expect(reached(link(1, 2), link(2, 3, { origin: 'PERSON' }))).toEqual([1, 2, 3]));
  test('not what the model joined, nor what hangs on it', () =>
    expect(reached(link(1, 2, { origin: 'MODEL', bits: 20 }), link(2, 3))).toEqual([1]));
  test('not what a person split since', () =>
    expect(reached(link(1, 2), link(1, 2, { origin: 'PERSON', kind: 'SPLIT' }))).toEqual([1]));
});
