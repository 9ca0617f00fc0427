// A customer of whom every text is a word of its own: through the API, imports and webhooks into every column that can hold personal data.

import { importProfileFile } from '../../src/customer/actions/importProfiles';
import { encodeGlobalID } from '../../src/graphql/ids';
import { freshKey, type Orders } from '../order/support';
import { salesFiles } from '../sales/support';
import type { TestApp } from '../support/app';
import { capitalized, sendMutation } from '../support/graphqlClient';
import { runJob } from './lived';

/** Every word that was planted, and whether it was to be stored; each begins in a way that nothing else does. */
const planted = new Map<string, { isStored: boolean }>();
const plant = (text: string, isStored: boolean): string => {
  planted.set(text, { isStored });
  return text;
};
/** A word that is stored somewhere until the customer is erased. */
export const word = (name: string): string => plant(`qzq${name}`, true);
/** A word that is never stored: of requests and lines that are refused, or hashed. */
export const never = (name: string): string => plant(`qzq${name}`, false);
/** Words as they stand in the database. */
export const words = (isStored?: boolean): string[] =>
  [...planted].flatMap(([text, one]) => (isStored === undefined || one.isStored === isStored ? [text] : []));

const plain = <const Name extends string>(name: Name) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ... on Refusal { message } } }` as const;
const MUTATIONS = {
  requestReturn: `mutation ($input: RequestReturnInput!) { requestReturn(input: $input) { __typename
    ... on Refusal { message } ... on RequestReturnSuccess { return { id } } } }`,
  ingestContacts: `mutation ($input: IngestContactsInput!) { ingestContacts(input: $input) { __typename
    ... on Refusal { message } ... on IngestContactsSuccess { created refused { path value message } } } }`,
  rejectReturn: plain('rejectReturn'),
  recordConsent: plain('recordConsent'),
  withdrawConsent: plain('withdrawConsent'),
  joinCustomers: plain('joinCustomers'),
  noteContact: plain('noteContact'),
  importSales: plain('importSales'),
  exportCustomer: plain('exportCustomer'),
  releaseReservation: plain('releaseReservation'),
} as const;

export const EMAIL = `${word('mail')}@quill.example`;
/** Where a help desk shows a contact. */
export const LINK = `https://desk.example/?of=${word('link')}`;
const SECOND_EMAIL = `${word('second')}@quill.example`;
export const ACCOUNT = word('account');
export const CUSTOMER = {
  ...{
    name: `Zoe ${word('name')}`,
    email: EMAIL,
    phone: plant('+33612349876', true),
    contactChannel: 'EMAIL',
  },
  ...{ account: ACCOUNT, emailVerified: true, loyaltyCard: word('card'), loyaltyCardVerified: true },
};
const PROFILE = {
  ...{ externalId: word('record'), email: EMAIL, loyaltyCard: CUSTOMER.loyaltyCard, fullName: word('full') },
  ...{ firstName: word('first'), surname: word('surname'), birthDate: plant('1971-03-17', true) },
  ...{ birthPlace: word('birthplace'), street: word('street'), postalCode: word('post'), city: word('city') },
  ...{ country: 'FR', gender: word('gender'), occupation: word('work'), language: plant('fr-qzqlang', true) },
  ...{
    tillCustomer: word('till'),
    tillFeed: 'till',
    socialHandle: word('handle'),
    socialNetwork: 'instagram',
  },
  ...{
    verified: 'email|loyaltyCard|tillCustomer|socialHandle',
    consents: 'MARKETING',
    consentAt: '2026-11-01',
  },
};
/** Lines that are rejected: as a whole file would have them, with texts of the person in every column. */
const REJECTED = [
  { ...PROFILE, externalId: never('rejected'), birthDate: never('nodate') },
  { ...PROFILE, externalId: never('unread'), email: never('nomail') },
  { ...PROFILE, externalId: '' },
];

/** How the customer lives on an app, and how the life ends. */
export function plantedLife(
  app: TestApp,
  o: Orders,
  tokens: { admin: string; feed: string; steward: string },
) {
  const files = salesFiles(() => app);
  const act = async <Name extends keyof typeof MUTATIONS>(token: string, name: Name, input: object) =>
    (await sendMutation(app, MUTATIONS, name, token, { idempotencyKey: freshKey(), ...input })).answer;
  async function succeed<Name extends keyof typeof MUTATIONS>(token: string, name: Name, input: object) {
    const answer = await act(token, name, input);
    expect(answer).toMatchObject({ __typename: `${capitalized(name)}Success` });
    return answer;
  }

  async function importProfiles() {
    const rows = [PROFILE, ...REJECTED];
    const cells = rows.map((row) => Object.keys(PROFILE).map((key) => row[key as keyof typeof row]));
    const { run } = await importProfileFile(
      app.db,
      {
        path: files.file([Object.keys(PROFILE).join(','), ...cells.map((row) => row.join(','))]),
        ...{ feed: 'crm', mapping: new Map(), encoding: 'utf-8', separator: null, dateOrder: 'ymd' },
        ...{ storefront: null, country: null, verified: null, again: false, reread: true },
        ...{ secretKey: app.parts.secretKey, identity: app.parts.config.identity },
      },
      app.parts.clock(),
    );
    return { accepted: run.accepted, rejected: run.rejected, figures: run.figures };
  }

  const importSales = () =>
    files.lines(
      [
        'document,line,sku,units,day,price,customer,email',
        `1,1,LAMP,2,2026-11-24,9.90,${never('buyer')},${EMAIL}`,
        `2,1,NOPE,2,2026-11-24,9.90,${never('rejectedbuyer')},${EMAIL}`,
      ],
      { reread: true },
    );

  /** An order with everything that customers and staff can write into one, collected, with two returns. */
  async function collectedOrder(): Promise<void> {
    const reservation = await o.reserve([{ sku: 'LAMP', quantity: 3 }], { holder: word('basket') });
    const { order } = await o.place({ reservation, customer: CUSTOMER, note: word('note') });
    const fewer = { order: order.id, sku: 'LAMP', quantity: 1, reason: 'CUSTOMER_CHANGED_MIND' };
    const reduced = await o.act(o.web, 'cancelOrderLine', { ...fewer, note: word('linenote') });
    expect(reduced.__typename).toBe('CancelOrderLineSuccess');
    await o.act(o.paris, 'startPicking', { orders: [order.id] });
    await o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', quantity: 2 });
    await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'shelf 7' });
    await o.act(o.web, 'imHere', { order: order.id, arrivalNote: word('arrival') });
    await app.db.rows('UPDATE customer_order SET code_attempts = 5 WHERE number = $1', [order.number]);
    await o.act(tokens.admin, 'unlockPickupCode', { order: order.id, reason: word('passport') });
    const code = await o.code(order.id);
    const done = await o.act(o.paris, 'collectOrder', {
      order: order.id,
      code,
      collectedBy: word('delegate'),
    });
    expect(done.__typename).toBe('CollectOrderSuccess');
    const lines = [{ sku: 'LAMP', quantity: 1, reason: word('backreason') }];
    const { return: back } = await succeed(o.web, 'requestReturn', { order: order.id, lines });
    await succeed(o.paris, 'rejectReturn', { return: back!.id, reason: word('rejectreason') });
  }

  async function cancelledOrder(): Promise<void> {
    const { order } = await o.place({
      location: 'paris',
      lines: [{ sku: 'LAMP', quantity: 1 }],
      customer: CUSTOMER,
    });
    const note = { order: order.id, reason: 'OTHER', note: word('cancelnote') };
    expect((await o.act(o.paris, 'cancelOrder', note)).__typename).toBe('CancelOrderSuccess');
  }

  async function openOrder() {
    const reservation = await o.reserve([{ sku: 'LAMP', quantity: 1 }], { holder: word('openbasket') });
    return (await o.place({ reservation, customer: CUSTOMER, note: word('opennote') })).order;
  }

  /** Baskets that became no order. */
  async function abandonedBaskets(): Promise<void> {
    for (const holder of [ACCOUNT, 'qzqbasket']) {
      const reservation = await o.reserve([{ sku: 'LAMP', quantity: 1 }], { holder });
      await succeed(o.web, 'releaseReservation', { reservation });
    }
    await o.reserve([{ sku: 'LAMP', quantity: 1 }], { holder: ACCOUNT });
  }

  /** Requests that are refused, and stored with their refusal; errors, which are logged. */
  async function refused(): Promise<void> {
    const order = { location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] };
    for (const customer of [
      { ...CUSTOMER, email: never('badmail') },
      { ...CUSTOMER, phone: never('badphone') },
      { ...CUSTOMER, name: never('toolong').repeat(50) },
    ])
      expect((await o.place({ ...order, customer })).__typename).toBe('InvalidInput');
    await o.place({ ...order, lines: [{ sku: 'SOCK-M', quantity: 1 }], customer: CUSTOMER });
    const key = freshKey();
    await o.place({
      ...order,
      idempotencyKey: key,
      lines: [{ sku: 'MUG', quantity: 9 }],
      customer: CUSTOMER,
    });
    await o.place({ ...order, idempotencyKey: key, customer: CUSTOMER, note: never('otherrequest') });
    const consents = [
      { address: { email: never('noaddress') }, purpose: 'MARKETING', proof: never('noproof') },
    ];
    await act(o.web, 'recordConsent', { consents });
    await act(tokens.steward, 'joinCustomers', { customers: [never('noid')], reason: never('noreason') });
  }

  const contact = (externalId: string, more: object) => ({
    ...{ externalId, channel: 'PHONE', at: app.parts.clock().toISOString(), state: 'OPEN', ...more },
  });

  async function contacts(): Promise<void> {
    const desk = { kind: 'HELP_DESK_CONTACT', scope: 'zendesk', value: word('desk'), verified: true };
    const second = { kind: 'EMAIL', value: SECOND_EMAIL };
    const answer = await succeed(tokens.feed, 'ingestContacts', {
      source: 'zendesk',
      contacts: [
        contact('1', {
          identifiers: [{ kind: 'EMAIL', value: EMAIL }],
          fullName: word('caller'),
          topic: 'LATE',
        }),
        contact('2', { identifiers: [desk, second], fullName: word('deskname'), language: 'fr' }),
        contact('3', { identifiers: [desk], link: LINK }),
        contact('4', { identifiers: [desk], topic: `Mrs. ${never('badtopic')}!` }),
        contact('5', {
          identifiers: [desk],
          handler: `(${never('badhandler')})`,
          language: never('badlanguage'),
        }),
        contact('6', { identifiers: [desk], link: never('badlink') }),
        contact('7', { identifiers: [{ kind: 'EMAIL', value: EMAIL }], orderNumber: never('badorder') }),
      ],
    });
    expect(answer).toMatchObject({ created: 3, refused: [{}, {}, {}, {}] });
    // The client, who sent them, is shown the values.
    expect(JSON.stringify(answer)).toContain('qzqbadtopic');
    const seen = { resolved: false, identifiers: [{ kind: 'EMAIL', value: EMAIL }] };
    await succeed(o.paris, 'noteContact', { location: 'paris', topic: 'LATE', ...seen });
  }

  const customerIdOf = async (value: string): Promise<string> => {
    const [row] = await app.db.rows<{ id: string }>(
      'SELECT customer_id AS id FROM identifier WHERE value = $1',
      [value],
    );
    return encodeGlobalID('Customer', row!.id);
  };

  return {
    ...{ files, importProfiles, importSales, contact, succeed },
    /** Lives. Answers the customer and the order that is still open. */
    async live() {
      await collectedOrder();
      await cancelledOrder();
      await abandonedBaskets();
      await runJob(app, 'recordInteractions');
      await importSales();
      expect(await importProfiles()).toMatchObject({ accepted: 1, rejected: 3 });
      const consents = [
        { address: { email: EMAIL }, purpose: 'SURVEY', proof: word('proof'), textVersion: '2' },
      ];
      await succeed(o.web, 'recordConsent', { consents });
      await contacts();
      const customers = [await customerIdOf(ACCOUNT), await customerIdOf('qzqdesk')];
      await succeed(tokens.steward, 'joinCustomers', { customers, reason: word('reason') });
      const lines = [
        {
          ...{ sku: 'LAMP', day: '2026-11-24', location: 'paris', units: 1 },
          document: '9',
          customer: never('apibuyer'),
        },
        {
          ...{ sku: 'NOPE', day: '2026-11-24', location: 'paris', units: 1 },
          document: '10',
          customer: never('noskubuyer'),
        },
      ];
      await succeed(tokens.feed, 'importSales', { feed: 'till', lines });
      await refused();
      const order = await openOrder();
      await runJob(app, 'recordInteractions');
      const [customer] = customers as [string, string];
      await succeed(tokens.steward, 'exportCustomer', { customer });
      await runJob(app, 'exportCustomers');
      return { customer, order };
    },
  };
}
export type PlantedLife = ReturnType<typeof plantedLife>;
