// mayContact: consents count for the address that gave them, withdrawals for the whole customer, and joining customers never widens one.

import fc from 'fast-check';
import {
  CONSENT_CHANNELS,
  CONSENT_PURPOSES,
  type ContactPurpose,
  mayContact,
  neededAddress,
  type RecordedDecision,
} from '../../src/customer/rules/consent';

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
const OPEN = { isRestricted: false, isErased: false };
const given = (
  identifierId: number,
  day: number,
  more: Partial<RecordedDecision> = {},
): RecordedDecision => ({
  ...{ identifierId, purpose: 'MARKETING', channel: 'EMAIL', decision: 'GIVEN', at: at(day) },
  ...more,
});
const withdrawn = (identifierId: number, day: number, more: Partial<RecordedDecision> = {}) =>
  given(identifierId, day, { decision: 'WITHDRAWN', ...more });
const ask = (
  decisions: RecordedDecision[],
  identifierId: number | null = 1,
  purpose: ContactPurpose = 'MARKETING',
  channel: (typeof CONSENT_CHANNELS)[number] | null = 'EMAIL',
) => mayContact(purpose, channel, identifierId, { decisions, ...OPEN });

describe('by the decisions recorded', () => {
  test('nothing is allowed without a consent, but for transactions and what needs none until an objection', () => {
    expect(ask([])).toEqual({ isAllowed: false, reason: 'NO_CONSENT', decidedAt: null });
    expect(ask([], null)).toMatchObject({ isAllowed: false });
    expect(ask([], 1, 'SURVEY')).toMatchObject({ isAllowed: true, reason: 'NO_OBJECTION' });
    expect(ask([], 1, 'TRANSACTIONAL')).toMatchObject({ isAllowed: true, reason: 'TRANSACTIONAL' });
  });
  test('a consent counts for its address, purpose and channel', () => {
    const decisions = [given(1, 2)];
    expect(ask(decisions)).toEqual({ isAllowed: true, reason: 'CONSENT_GIVEN', decidedAt: at(2) });
    expect(ask(decisions, 2)).toMatchObject({ isAllowed: false, reason: 'NO_CONSENT' });
    expect(ask(decisions, 1, 'PERSONALISATION')).toMatchObject({ isAllowed: false });
    expect(ask(decisions, 1, 'MARKETING', 'SMS')).toMatchObject({ isAllowed: false });
    expect(ask([given(1, 2, { channel: null })], 1, 'MARKETING', 'SMS')).toMatchObject({ isAllowed: true });
    // A consent on one channel is none on all of them.
    expect(ask(decisions, 1, 'MARKETING', null)).toMatchObject({ isAllowed: false });
  });
  test('a withdrawal by any identifier of the customer counts, until the address consents again', () => {
    expect(ask([given(1, 2), withdrawn(7, 3)])).toEqual({
      ...{ isAllowed: false, reason: 'WITHDRAWN', decidedAt: at(3) },
    });
    expect(ask([given(1, 2), withdrawn(7, 3, { channel: 'SMS' })])).toMatchObject({ isAllowed: true });
    expect(ask([given(1, 2), withdrawn(7, 3, { channel: null })])).toMatchObject({ isAllowed: false });
    expect(ask([withdrawn(7, 3), given(1, 4)])).toMatchObject({ isAllowed: true });
    expect(ask([withdrawn(7, 3), given(2, 4)])).toMatchObject({ isAllowed: false });
    expect(ask([given(1, 3), withdrawn(1, 3)])).toMatchObject({ isAllowed: false });
    expect(ask([withdrawn(7, 3, { purpose: 'SURVEY', channel: null })], 1, 'SURVEY')).toMatchObject({
      ...{ isAllowed: false, reason: 'WITHDRAWN' },
    });
  });
  test('a restricted or erased customer gets what concerns a transaction and nothing else', () => {
    const decisions = [given(1, 2)];
    const restricted = { decisions, isRestricted: true, isErased: false };
    expect(mayContact('MARKETING', 'EMAIL', 1, restricted)).toMatchObject({ reason: 'RESTRICTED' });
    expect(mayContact('SURVEY', 'EMAIL', 1, restricted)).toMatchObject({ isAllowed: false });
    expect(mayContact('TRANSACTIONAL', 'EMAIL', 1, restricted)).toMatchObject({ isAllowed: true });
    const erased = { decisions: [], isRestricted: false, isErased: true };
    expect(mayContact('SURVEY', 'EMAIL', null, erased)).toMatchObject({ reason: 'ERASED', isAllowed: false });
  });
  test('a consent on a channel is given by an address of that channel', () => {
    expect(neededAddress('EMAIL', 'EMAIL')).toBeNull();
    expect(neededAddress('EMAIL', 'PHONE')).toBe('EMAIL');
    expect(neededAddress('SMS', 'PHONE')).toBeNull();
    expect(neededAddress('MESSAGING', 'PHONE')).toBeNull();
    expect(neededAddress('POST', 'LOYALTY_CARD')).toBeNull();
    expect(neededAddress(null, 'EMAIL')).toBeNull();
  });
});

const decision = (ids: number[]) =>
  fc.record({
    identifierId: fc.constantFrom(...ids),
    purpose: fc.constantFrom(...CONSENT_PURPOSES),
    channel: fc.constantFrom(null, ...CONSENT_CHANNELS),
    decision: fc.constantFrom('GIVEN' as const, 'WITHDRAWN' as const),
    at: fc.nat({ max: 5 }).map(at),
  });
const ONE = [1, 2];
const OTHER = [3, 4];
const customer = (ids: number[]) => fc.array(decision(ids), { maxLength: 12 });

test('joining two customers allows nothing that was not allowed before, in whatever order the decisions are read', () => {
  fc.assert(
    fc.property(customer(ONE), customer(OTHER), fc.boolean(), fc.boolean(), (one, other, a, b) => {
      for (const purpose of CONSENT_PURPOSES)
        for (const channel of [null, ...CONSENT_CHANNELS])
          for (const [ids, decisions, isRestricted] of [
            [ONE, one, a],
            [OTHER, other, b],
          ] as const)
            for (const id of ids) {
              const before = mayContact(purpose, channel, id, { decisions, isRestricted, isErased: false });
              const joined = [...other, ...one];
              const after = mayContact(purpose, channel, id, {
                ...{ decisions: joined, isRestricted: a || b, isErased: false },
              });
              if (after.isAllowed && !before.isAllowed) return false;
              const reversed = { decisions: joined.toReversed(), isRestricted: a || b, isErased: false };
              if (JSON.stringify(mayContact(purpose, channel, id, reversed)) !== JSON.stringify(after))
                return false;
            }
      return true;
    }),
    { numRuns: 100 },
  );
});
