// A customer who has left something in every table: an order with a reservation, unlocked and collected, a return, one cancelled, a
// consent, a statement of another system, a decision of a person, and contacts.

import { appendLinks, lockCustomers } from '../../src/customer/actions/links';
import { inTransaction } from '../../src/db/transaction';
import { freshKey, type Orders } from '../order/support';
import type { TestApp } from '../support/app';
import { capitalized, sendMutation } from '../support/graphqlClient';
import { jobNamed } from '../support/jobs';
import type { People } from './people';

const RETURN = `mutation ($input: RequestReturnInput!) { requestReturn(input: $input) { __typename
  ... on RequestReturnSuccess { return { id } } } }` as const;
const plain = <const Name extends 'recordConsent' | 'rejectReturn' | 'ingestContacts'>(name: Name) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ... on Refusal { message } } }` as const;
const MUTATIONS = {
  requestReturn: RETURN,
  recordConsent: plain('recordConsent'),
  rejectReturn: plain('rejectReturn'),
  ingestContacts: plain('ingestContacts'),
};
const IDENTIFIERS =
  'SELECT id, customer_id AS "customerId" FROM identifier WHERE value = ANY($1::text[]) ORDER BY id';

/** Runs a job of the timetable for the present time. */
export function runJob(app: TestApp, name: string) {
  return jobNamed(name).run(app.parts, app.parts.clock(), async () => true);
}

/** Those who act for customers, and the customers that they serve. */
export async function livesOn(app: TestApp, o: Orders, people: People) {
  const admin = await app.token('ADMIN');
  const feed = await app.token('FEED');
  async function act<Name extends keyof typeof MUTATIONS>(token: string, name: Name, input: object) {
    const { answer } = await sendMutation(app, MUTATIONS, name, token, {
      idempotencyKey: freshKey(),
      ...input,
    });
    expect(answer).toMatchObject({ __typename: `${capitalized(name)}Success` });
    return answer;
  }

  /** An order with everything that customers and staff can write into one, collected, and a return of it. */
  async function collected(name: string, customer: object): Promise<string> {
    const lines = [{ sku: 'LAMP', quantity: 2 }];
    const reservation = await o.reserve(lines, { holder: `basket of ${name}` });
    const { order } = await o.place({ reservation, customer, note: `${name} on the bell` });
    await o.act(o.paris, 'startPicking', { orders: [order.id] });
    await o.act(o.paris, 'pickLine', { order: order.id, ...lines[0] });
    await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'shelf 7' });
    await o.act(o.web, 'imHere', { order: order.id, arrivalNote: `${name}, bay 4` });
    await app.db.rows("UPDATE customer_order SET code_attempts = 5 WHERE status = 'READY'");
    await o.act(admin, 'unlockPickupCode', { order: order.id, reason: `passport of ${name}` });
    const code = await o.code(order.id);
    const done = await o.act(o.paris, 'collectOrder', { order: order.id, code, collectedBy: `Jim ${name}` });
    expect(done.__typename).toBe('CollectOrderSuccess');
    const back = [{ sku: 'LAMP', quantity: 1, reason: `too bright for ${name}` }];
    const requested = await act(o.web, 'requestReturn', { order: order.id, lines: back });
    const rejected = {
      return: (requested as { return: { id: string } }).return.id,
      reason: `${name} broke it`,
    };
    await act(o.paris, 'rejectReturn', rejected);
    return order.id;
  }

  return {
    admin,
    /** Lives as the customer `name`, in every text of whom the name stands. Answers the customer's id. */
    async live(name: string): Promise<{ customerId: string; order: string }> {
      const email = `${name}@lived.example`;
      const customer = {
        ...{
          name: `Zoe ${name}`,
          email,
          phone: '+33612345678',
          contactChannel: 'EMAIL',
          emailVerified: true,
        },
        ...{ account: `account-${name}`, loyaltyCard: `CARD ${name}`, loyaltyCardVerified: true },
      };
      const order = await collected(name, customer);
      const second = { location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }], customer };
      const cancelled = { order: (await o.place(second)).order.id, reason: 'OTHER', note: `${name} rang` };
      await o.act(o.paris, 'cancelOrderLine', { ...cancelled, sku: 'LAMP' });
      await runJob(app, 'recordInteractions');
      const consents = [
        { address: { email }, purpose: 'MARKETING', proof: `form of ${name}`, textVersion: '1' },
      ];
      await act(o.web, 'recordConsent', { consents });
      await people.record({
        ...{ kind: 'PROFILE', isImport: true, facts: { member: name } },
        identifiers: [
          people.seen('LOYALTY_CARD', `CARD ${name}`, 0),
          people.seen('SOURCE_RECORD', `${name}-crm-9`, 0, 'crm'),
        ],
        person: {
          ...{
            fullName: `Zoé ${name}`,
            firstName: `Zoé of ${name}`,
            surname: name,
            birthDate: `1980 ${name}`,
          },
          ...{
            birthPlace: `Brest ${name}`,
            street: `1 rue ${name}`,
            postalCode: `29 ${name}`,
            city: `City ${name}`,
          },
          ...{
            country: `FR ${name}`,
            gender: `F ${name}`,
            occupation: `baker ${name}`,
            language: `fr-${name}`,
          },
        },
      });
      const contact = {
        ...{
          externalId: `call of ${name}`,
          channel: 'PHONE',
          at: app.parts.clock().toISOString(),
          state: 'OPEN',
        },
        ...{ topic: 'LATE_ORDER', identifiers: [{ kind: 'EMAIL', value: email }] },
      };
      await act(feed, 'ingestContacts', { source: 'phone', contacts: [contact] });
      const own = await app.db.rows<{ id: number; customerId: string }>(IDENTIFIERS, [
        [`account-${name}`, `CARD${name.toUpperCase()}`],
      ]);
      expect(own).toHaveLength(2);
      await inTransaction(app.db, async (tx) => {
        await lockCustomers(tx);
        const pairs = [[own[0]!.id, own[1]!.id]] as [number, number][];
        const links = { kind: 'JOIN', origin: 'PERSON', actorId: 0, pairs, evidence: [{}] } as const;
        await appendLinks(tx, app.parts.clock(), { ...links, reason: `${name} showed both` });
      });
      return { customerId: own[0]!.customerId, order };
    },
  };
}
export type Lives = Awaited<ReturnType<typeof livesOn>>;
