// The mails of notices: one for each kind and language, nothing of a value becomes markup, a header or a link, and only notices by mail have one.

import { MAIL_LIMITS, type MailedNotice, type MailOrder } from '../../src/order/rules/mail/content';
import type { NoticeTopic } from '../../src/order/rules/mail/texts';
import { type NoticeMail, noticeMail } from '../../src/order/rules/mail/write';
import { TOPICS } from '../../src/outbox/rules/topics';
import { dispatch, type Receiver, register, startReceiver } from '../outbox/support';
import { startApp, type TestApp } from '../support/app';
import { ANNE, type Orders, ordersOn } from './support';

const NOW = new Date('2026-03-02T09:00:00Z');
const PAGE = 'https://shop.example.com/o/abc?lang=fr';
const ORDER: MailOrder = {
  ...{ id: 'o', status: 'READY', payment: 'PAY_IN_STORE', paidAt: null },
  collectBy: new Date('2026-03-05T17:30:00Z'),
  lines: [
    { sku: 'LAMP', name: 'Lampe Arc', ordered: 3, units: 2, missing: 1 },
    { sku: 'CHAIR', name: 'Chaise', ordered: 1, units: 0, missing: 0 },
  ],
  lineCount: 2,
  ...{ shopName: 'Rivoli', street: '1 rue de Rivoli', postalCode: '75001', city: 'Paris' },
  timeZone: 'Europe/Paris',
  weekly: [{ weekday: 1, opensAt: '10:00', closesAt: '19:00' }],
  exceptions: [],
};
const NOTICE: MailedNotice = {
  ...{ topic: 'notice.order_ready', payload: { number: 'C-7' }, name: 'Anne Martin', language: 'fr' },
  ...{ order: ORDER, url: PAGE, pickupCode: 'ABC234', now: NOW },
};
const mailOf = (more: Partial<MailedNotice>): NoticeMail => noticeMail({ ...NOTICE, ...more })!;
const ordered = (more: Partial<MailOrder>): MailOrder => ({ ...ORDER, ...more });

const NOTICES = TOPICS.filter((topic): topic is NoticeTopic => topic.startsWith('notice.'));
const cases = NOTICES.flatMap((topic) => ['fr', 'en'].map((language) => [topic, language] as const));

describe('every notice', () => {
  test.each(cases)('%s in %s has a mail of one subject, two bodies and its link', (topic, language) => {
    const isSurvey = topic === 'notice.survey';
    const { subject, text, html } = mailOf({
      ...{ topic, language, pickupCode: null, order: isSurvey ? null : ORDER },
    });
    expect(subject).toContain('C-7');
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).toContain(language === 'fr' ? 'Bonjour Anne Martin,' : 'Hello Anne Martin,');
    expect(text).toContain(`\n${PAGE}\n`);
    expect(text).not.toMatch(/<|&\w+;|undefined|null|\[object/);
    expect(html).not.toMatch(/undefined|>null<|\[object|<img|<script|<link|url\(/);
    expect(html).toContain(`<html lang="${language}">`);
    expect(html).toContain(`href="${PAGE}"`);
    expect(html.includes('Rivoli')).toBe(!isSurvey);
    expect(text.includes('10:00–19:00')).toBe(!isSurvey);
  });

  test('no two are alike, in no language', () => {
    const subjects = cases.map(([topic, language]) => mailOf({ topic, language }).subject);
    expect(new Set(subjects).size).toBe(cases.length);
  });

  test('other messages have none', () => {
    for (const topic of ['order.ready', 'webhook.test', 'toString'])
      expect(noticeMail({ ...NOTICE, topic })).toBeNull();
  });
});

test.each([
  [null, 'fr'],
  ['FR-ca', 'fr'],
  ['en-US', 'en'],
  ['de', 'en'],
])('a customer who reads %s gets it in %s', (language, expected) => {
  expect(mailOf({ language }).html).toContain(`<html lang="${expected}">`);
});

test('the ready mail has code, time on the clock of the shop, what is due, and what is missing', () => {
  const { text, html } = mailOf({ language: 'en' });
  expect(html).toContain('ABC234');
  expect(text).toContain('Pickup code: ABC234');
  expect(text).toMatch(/Collect it by Thursday,? 5 March at 18:30\./);
  expect(text).toContain('To be paid in the shop.');
  expect(text).toContain('- 2 × Lampe Arc (1 not available)');
  // Of this line nothing is left, because it was cancelled.
  expect(text).not.toContain('Chaise');
  const paid = mailOf({ order: ordered({ paidAt: NOW }), pickupCode: null, url: null });
  expect(paid.text).not.toMatch(/À payer|Code de retrait :|https?:/);
  expect(paid.html).not.toContain('<a ');
});

test('the two occasions of a topic have mails of their own', () => {
  const subject = (topic: string, more: object): string =>
    mailOf({ topic, language: 'en', payload: { number: 'C-7', ...more } }).subject;
  expect(subject('notice.order_ready', { newCode: true })).toContain('New pickup code');
  expect(subject('notice.order_changed', { sku: 'LAMP' })).toContain('has changed');
  expect(subject('notice.order_changed', { collectBy: null })).toContain('collect it by');
  expect(subject('notice.survey', { kind: 'AFTER_CASE' })).toContain('request');
});

test('a cancellation names its reason, never a suspicion, and the refund of what was paid', () => {
  const cancelled = (reason: unknown, order: Partial<MailOrder>): string =>
    mailOf({
      ...{ topic: 'notice.order_cancelled', language: 'en', pickupCode: null },
      ...{ payload: { number: 'C-7', reason }, order: ordered({ status: 'CANCELLED', ...order }) },
    }).text;
  expect(cancelled('OUT_OF_STOCK', { payment: 'PAID' })).toMatch(/not available any more\.[\s\S]*refunded/);
  expect(cancelled('OUT_OF_STOCK', {})).not.toContain('refunded');
  expect(cancelled('PAYMENT_FAILED', { payment: 'PAID' })).not.toContain('refunded');
  expect(cancelled('FRAUD_SUSPECTED', {})).not.toMatch(/fraud|suspect/i);
  // It names what was ordered.
  expect(cancelled('OTHER', {})).toContain('- 3 × Lampe Arc\n- 1 × Chaise');
});

test.each<[string, RegExp, RegExp]>([
  [
    'fr',
    /Annulé : 2 × Lampe Arc\.[\s\S]*Les articles étaient abîmés\./,
    /payé pour cela vous sera remboursé/,
  ],
  ['en', /Cancelled: 2 × Lampe Arc\.[\s\S]*The articles were damaged\./, /paid for it will be refunded/],
])('a changed order names what was cancelled, why, and what is paid back: %s', (language, what, refund) => {
  const changed = (more: object, order: Partial<MailOrder> = {}): NoticeMail =>
    mailOf({
      ...{ topic: 'notice.order_changed', language, pickupCode: null, order: ordered(order) },
      payload: { number: 'C-7', sku: 'LAMP', cancelled: 2, reason: 'DAMAGED', ...more },
    });
  for (const body of [changed({}).text, changed({}).html]) {
    expect(body).toMatch(what);
    expect(body).not.toMatch(refund);
  }
  expect(changed({}, { payment: 'PAID' }).html).toMatch(refund);
  expect(changed({}, { paidAt: NOW }).text).toMatch(refund);
  expect(changed({ reason: 'FRAUD_SUSPECTED' }).text).not.toMatch(/fraud/i);
  expect(changed({ cancelled: undefined, isCodeVoid: true }).html).toMatch(
    /code n’est plus valable, un nouveau suivra|code is void, and a new one will follow/,
  );
  // A short pick cancels nothing, and an article beyond the listed ones has no name here.
  expect(changed({ cancelled: undefined }).text).not.toMatch(what);
  expect(changed({ sku: 'OTHER' }).text).not.toMatch(/Annulé :|Cancelled:/);
});

describe('hostile values', () => {
  const EVIL = '"><script>alert(1)</script>\r\nBcc: all@example.com\u202e';
  test('are escaped in HTML, and make no line of their own', () => {
    const order = ordered({
      ...{ shopName: EVIL, street: EVIL, postalCode: EVIL, city: EVIL },
      lines: [{ sku: 'LAMP', name: EVIL, ordered: 1, units: 1, missing: 0 }],
    });
    const { subject, text, html } = mailOf({
      ...{ order, url: `${PAGE}&x="><b>`, payload: { number: EVIL } },
    });
    expect(subject).not.toMatch(/[\r\n\u202e]/);
    expect(text).not.toMatch(/^Bcc:/m);
    expect(html).not.toMatch(/<script|<b>|\u202e/);
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(html).toContain(`href="https://shop.example.com/o/abc?lang=fr&amp;x=&quot;&gt;&lt;b&gt;"`);
  });

  test.each([
    'win at https://evil.example',
    'evil.example',
    'WWW.x',
    '<b>Anne</b>',
    'a@b',
    'x'.repeat(61),
    ' ',
  ])('the name %j is not greeted', (name) => expect(mailOf({ name }).text).toContain('\nBonjour,\n'));
  test.each(['Dr. No', 'J. R. Ewing', 'Zoé d’Arc', "O'Neil & fils"])('the name %j is', (name) => {
    expect(mailOf({ name }).text).toContain(`Bonjour ${name},`);
  });

  test('the largest order makes a mail that no mail program cuts', () => {
    const name = '"'.repeat(5_000);
    const line = { sku: 'LAMP', name, ordered: 999_999, units: 999_998, missing: 1 };
    const range = (weekday: number, hour: number) => ({
      ...{ weekday, opensAt: `${hour}:00`, closesAt: `${hour}:30` },
    });
    const order = ordered({
      ...{ shopName: name, street: name, postalCode: name, city: name },
      ...{ lines: Array.from({ length: MAIL_LIMITS.lines }, () => line), lineCount: 500 },
      weekly: [1, 2, 3, 4, 5, 6, 7].flatMap((day) =>
        [10, 12, 14, 16, 18, 20].map((hour) => range(day, hour)),
      ),
    });
    const { html, text } = mailOf({ order, language: 'en' });
    expect(text).toContain('and 480 more articles');
    // Gmail cuts at 102 kB.
    expect(Buffer.byteLength(html)).toBeLessThan(40_000);
    expect(Buffer.byteLength(text)).toBeLessThan(10_000);
  });
});

describe('sent notices', () => {
  let app: TestApp;
  let o: Orders;
  let receiver: Receiver;
  const LAMP = [{ sku: 'LAMP', quantity: 1 }];
  beforeAll(async () => {
    app = await startApp({ PUBLIC_URL: 'https://shop.example.com/' });
    o = await ordersOn(app);
    receiver = await startReceiver();
    await register(app, await app.token('ADMIN'), receiver.url, ['notice.*']);
    await o.stock('paris', [{ sku: 'LAMP', quantity: 20 }]);
  });
  afterAll(async () => {
    await receiver.close();
    await app.close();
  });
  interface SentData {
    number: string;
    pageUrl: string;
    pickupCode?: string;
    mail?: NoticeMail;
  }
  async function sent(): Promise<SentData[]> {
    receiver.got.length = 0;
    await dispatch(app);
    return receiver.got.map(({ body }) => JSON.parse(body).data);
  }

  test('have a mail with the article, the code and the page of the order; nothing of it is stored', async () => {
    const order = await o.ready(LAMP, { customer: ANNE });
    const [notice] = await sent();
    const { mail, pickupCode, pageUrl } = notice!;
    expect(mail!.subject).toBe(`Votre commande ${order.number} est prête`);
    for (const body of [mail!.text, mail!.html]) {
      expect(body).toContain(pickupCode);
      expect(body).toContain(pageUrl);
      expect(body).toContain('1 × ');
    }
    const [stored] = await app.db.rows<{ all: string }>(
      "SELECT string_agg(m::text, ' ') AS all FROM outbox m",
    );
    expect(stored!.all).not.toContain('doctype');
    await o.act(o.paris, 'cancelOrder', { order: order.id, reason: 'OUT_OF_STOCK' });
    const [cancelled] = await sent();
    expect(cancelled!.mail!.text).toContain('Les articles ne sont plus disponibles.');
    expect(cancelled!.mail!.html).not.toContain(pickupCode);
  });

  test('that go by text message have none', async () => {
    const customer = { name: 'Bob Roux', phone: '+33612345672', contactChannel: 'SMS' };
    const order = await o.ready(LAMP, { customer });
    const [notice] = await sent();
    expect(notice).toMatchObject({ number: order.number, pickupCode: expect.any(String) });
    expect(notice).not.toHaveProperty('mail');
  });

  test('of an order with hostile names are harmless', async () => {
    await app.db.rows("UPDATE sku SET name = '<script>x</script>' WHERE code = 'LAMP'");
    await o.ready(LAMP, { customer: { ...ANNE, name: '<img src=x onerror=alert(1)>' } });
    const [notice] = await sent();
    expect(notice!.mail!.html).not.toMatch(/<script|<img/);
    expect(notice!.mail!.html).toContain('1 × &lt;script&gt;');
    expect(notice!.mail!.text).toContain('\nBonjour,\n');
  });
});
