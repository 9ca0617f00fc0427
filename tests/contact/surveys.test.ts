// Surveys of our own: sent once after a collection or a case, where they may be; answered once by a signed link, on its page or by a mutation.

import { sendSurveys } from '../../src/contact/actions/sendSurveys';
import { surveyToken } from '../../src/contact/rules/surveys';
import { freshKey, type Orders, ordersOn } from '../order/support';
import { dispatch, type Receiver, register, startReceiver } from '../outbox/support';
import { startApp, type TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';
import { jobNamed } from '../support/jobs';
import { account, contactsOn, email, line } from './support';

let app: TestApp;
let shop: Orders;
let desk: Awaited<ReturnType<typeof contactsOn>>;
let receiver: Receiver;
const DAY = 24 * 60;

beforeAll(async () => {
  app = await startApp({ PUBLIC_URL: 'https://shop.example.com/' });
  shop = await ordersOn(app);
  desk = await contactsOn(app);
  receiver = await startReceiver();
  await register(app, await app.token('ADMIN'), receiver.url, ['notice.survey']);
  await shop.stock('paris', [{ sku: 'LAMP', quantity: 200 }]);
});
afterAll(async () => {
  await receiver.close();
  await app.close();
});

const ANSWER = {
  answerSurvey: `mutation ($input: AnswerSurveyInput!) { answerSurvey(input: $input) { __typename
    ... on Refusal { message } ... on InvalidInput { path } ... on SurveyAnswered { answeredAt } ... on SurveyExpired { expiredAt }
    ... on AnswerSurveySuccess { answeredAt } } }`,
} as const;
const answer = async (token: string, answers: object, key = freshKey()) =>
  (
    await sendMutation(app, ANSWER, 'answerSurvey', shop.web, {
      idempotencyKey: key,
      token,
      answer: answers,
    })
  ).answer;

interface SurveyNotice {
  kind: string;
  number: string;
  recipient: { name: string | null; channel: string; address: string; language: string | null };
  survey: { token: string; url: string };
}
/** The surveys that are sent when the clock has come so far. */
async function sentAfter(minutes: number): Promise<SurveyNotice[]> {
  await record();
  app.wait(minutes);
  receiver.got.length = 0;
  await sendSurveys(app.db, app.parts.config, app.parts.clock());
  await dispatch(app);
  return receiver.got.map((one) => JSON.parse(one.body).data);
}
const record = () => jobNamed('recordInteractions').run(app.parts, app.parts.clock(), async () => true);

let people = 0;
/** Somebody new, with an account of the storefront and the addresses given. */
const stated = (more: object = {}) => {
  people += 1;
  const name = `p${people}@example.com`;
  return { name: 'Anne Martin', email: name, account: `a${people}`, contactChannel: 'EMAIL', ...more };
};
/** An order that its customer has collected. */
async function collected(customer: object): Promise<string> {
  const order = await shop.ready([{ sku: 'LAMP', quantity: 1 }], { customer });
  await shop.act(shop.paris, 'collectOrder', { order: order.id, code: await shop.code(order.id) });
  return order.number;
}
/** The token of a survey that was just sent. */
async function surveyOf(customer: object = stated()): Promise<string> {
  const number = await collected(customer);
  const sent = await sentAfter(DAY);
  return sent.find((one) => one.number === number)!.survey.token;
}
const row = async (token: string) => {
  const rows = await app.db.rows<{ id: string; csat: number | null; nps: number | null }>(
    'SELECT id, csat, nps FROM survey',
  );
  return rows.find(({ id }) => surveyToken(app.parts.secretKey, id) === token)!;
};
const path = (token: string) => `${app.url}/surveys/${token}`;
const post = (token: string, form: Record<string, string>) =>
  fetch(path(token), { method: 'POST', body: new URLSearchParams(form) });

test('a survey is sent a day after a collection, once, to the address of the order', async () => {
  const customer = stated();
  const number = await collected(customer);
  expect(await sentAfter(DAY - 1)).toEqual([]);
  const [survey, ...others] = await sentAfter(1);
  expect(others).toEqual([]);
  expect(survey).toMatchObject({
    kind: 'AFTER_COLLECTION',
    number,
    recipient: { name: 'Anne Martin', channel: 'EMAIL', address: customer.email },
    survey: { url: `https://shop.example.com/surveys/${survey!.survey.token}` },
  });
  expect(await sentAfter(1)).toEqual([]);
  // Neither the link nor the address is stored.
  const [stored] = await app.db.rows<{ all: string }>("SELECT string_agg(o::text, ' ') AS all FROM outbox o");
  expect(stored!.all).not.toContain(survey!.survey.token);
});

test('of many orders a customer gets one survey in SURVEY_INTERVAL_DAYS, and another one later', async () => {
  const customer = stated();
  await collected(customer);
  await collected(customer);
  expect(await sentAfter(DAY)).toHaveLength(1);
  await collected(customer);
  expect(await sentAfter(DAY)).toEqual([]);
  app.wait(90 * DAY);
  await collected(customer);
  expect(await sentAfter(DAY)).toHaveLength(1);
});

test('what was not reached within hours is left', async () => {
  await collected(stated());
  expect(await sentAfter(2 * DAY)).toEqual([]);
});

const CONSENT = {
  withdrawConsent: `mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { __typename ... on Refusal { message } } }`,
} as const;
const object = async (input: object, token = shop.web) => {
  const entry = { purpose: 'SURVEY', ...input };
  const sent = { idempotencyKey: freshKey(), consents: [entry] };
  const { answer: done, errors } = await sendMutation(app, CONSENT, 'withdrawConsent', token, sent);
  if (done?.__typename !== 'WithdrawConsentSuccess') throw new Error(JSON.stringify(errors ?? done));
};

test('who objected by another identifier gets none, also when the objection comes after the survey was made', async () => {
  const before = stated();
  await collected(before);
  await record();
  await object({ address: { account: before.account } });
  expect(await sentAfter(DAY)).toEqual([]);
  const between = stated();
  await collected(between);
  await record();
  app.wait(DAY);
  expect(await sendSurveys(app.db, app.parts.config, app.parts.clock())).toEqual({ surveys: 1 });
  await object({ address: { account: between.account } });
  receiver.got.length = 0;
  expect(await dispatch(app)).toMatchObject({ delivered: 0, closed: 1 });
});

test('a survey respects the preferred channel: text message, and none for who prefers calls', async () => {
  const phone = '+33612345678';
  const sms = stated({ phone, contactChannel: 'SMS' });
  await collected(sms);
  const called = stated({ phone: '+33612345679', contactChannel: 'PHONE' });
  await collected(called);
  const sent = await sentAfter(DAY);
  expect(sent.map(({ recipient }) => [recipient.channel, recipient.address])).toEqual([['SMS', phone]]);
});

test('a survey after a case goes to who wrote, in the language of the case, unless the source sent one itself', async () => {
  const at = app.parts.clock().toISOString();
  const done = { at, state: 'RESOLVED', stateAt: at };
  await desk.ingest([
    line('s1', { ...done, language: 'fr', identifiers: [account('case-1'), email('case1@example.com')] }),
    line('s2', {
      ...done,
      identifiers: [account('case-2'), email('case2@example.com')],
      survey: { csat: 4 },
    }),
    line('s3', { ...done, channel: 'INSTAGRAM', identifiers: [account('case-3')] }),
    line('s4', { ...done, state: 'OPEN', identifiers: [account('case-4'), email('case4@example.com')] }),
  ]);
  const sent = await sentAfter(DAY);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({
    kind: 'AFTER_CASE',
    recipient: { address: 'case1@example.com', language: 'fr' },
    survey: { url: expect.stringMatching(/\?lang=fr$/) },
  });
  // An agent closes the open case and sends its survey at once.
  const [open] = (await desk.cases({ status: 'OPEN' })).filter((one) =>
    one.contacts.some(({ externalId }) => externalId === 's4'),
  );
  const closed = await desk.send(desk.agent, 'closeCase', { case: open!.id, survey: true });
  expect(closed.answer).toMatchObject({ isSurveySent: true });
  receiver.got.length = 0;
  await dispatch(app);
  expect(JSON.parse(receiver.got[0]!.body).data.recipient.address).toBe('case4@example.com');
});

test('the page is in French or English without scripts, shows nothing of the customer, and takes one answer', async () => {
  const token = await surveyOf();
  const page = await fetch(path(token), { headers: { 'accept-language': 'de, en;q=0.5' } });
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  const html = await page.text();
  expect(html).toContain('<html lang="en">');
  expect(html).not.toMatch(/<script|example\.com|Anne|C-\d|LAMP/);
  const french = await (await fetch(`${path(token)}?lang=fr-FR`)).text();
  expect(french).toContain('Nous recommanderiez-vous');
  // Opening a link answers nothing: scanners of mail open all of them.
  expect(await row(token)).toMatchObject({ csat: null });
  const empty = await post(token, { csat: '9' });
  expect(empty.status).toBe(422);
  expect(await empty.text()).toContain('role="alert"');
  expect((await post(token, { csat: '4', nps: '10' })).status).toBe(200);
  const second = await post(token, { csat: '1' });
  expect(second.status).toBe(409);
  expect(await second.text()).toContain('déjà répondu');
  expect(await row(token)).toMatchObject({ csat: 4, nps: 10 });
  expect((await fetch(path(token))).status).toBe(200);
});

test('of many answers at once one counts', async () => {
  const token = await surveyOf();
  const answers = await Promise.all([1, 2, 3, 4, 5].map((csat) => answer(token, { csat })));
  expect(answers.map((one) => one.__typename).sort()).toEqual([
    'AnswerSurveySuccess',
    ...Array.from({ length: 4 }, () => 'SurveyAnswered'),
  ]);
  const first = answers.findIndex((one) => one.__typename === 'AnswerSurveySuccess');
  expect(await row(token)).toMatchObject({ csat: first + 1 });
});

test('a retry gets the first answer; a second answer, a late one and a changed link are refused', async () => {
  const token = await surveyOf();
  const key = freshKey();
  const first = await answer(token, { csat: 5, nps: 9 }, key);
  expect(first).toMatchObject({ __typename: 'AnswerSurveySuccess' });
  expect(await answer(token, { csat: 5, nps: 9 }, key)).toEqual(first);
  expect(await answer(token, { csat: 1 })).toMatchObject({ __typename: 'SurveyAnswered' });
  const changed = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
  for (const wrong of [changed, token.slice(1), `${token}A`, 'x', `${'é'.repeat(43)}`]) {
    expect(await answer(wrong, { csat: 1 })).toMatchObject({ __typename: 'InvalidInput', path: 'token' });
    expect((await fetch(path(encodeURIComponent(wrong)))).status).toBe(404);
    expect((await post(encodeURIComponent(wrong), { csat: '1' })).status).toBe(404);
  }
  expect(await answer(token, {})).toMatchObject({ path: 'answer.csat' });
  expect(await answer(token, { ces: 8 })).toMatchObject({ path: 'answer.ces' });
  const late = await surveyOf();
  app.wait(14 * DAY);
  expect(await answer(late, { csat: 1 })).toMatchObject({ __typename: 'SurveyExpired' });
  expect((await post(late, { csat: '1' })).status).toBe(410);
  const page = await fetch(path(late), { headers: { 'accept-language': 'en' } });
  expect([page.status, await page.text()]).toEqual([410, expect.stringContaining('its time is over')]);
});

test('answers count in the figures of service and stand in the customer’s timeline', async () => {
  const customer = stated();
  const token = await surveyOf(customer);
  await answer(token, { csat: 2 });
  const { data, errors } = await app.gql(
    desk.agent,
    `query ($by: CustomerKey!) { customerTimeline(by: $by, filter: { kinds: [SURVEY] }) { nodes { kind } } }`,
    { by: { email: customer.email } },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  expect(data.customerTimeline.nodes).toEqual([{ kind: 'SURVEY' }]);
});

test('without PUBLIC_URL no surveys are sent, and a page takes no large forms and no other methods', async () => {
  await collected(stated());
  await record();
  app.wait(DAY);
  const { contact } = app.parts.config;
  const config = { ...app.parts.config, contact: { ...contact, publicUrl: null } };
  expect(await sendSurveys(app.db, config, app.parts.clock())).toEqual({ surveys: 0 });
  const token = await surveyOf();
  expect((await post(token, { csat: 'x'.repeat(3_000) })).status).toBe(413);
  expect((await fetch(path(token), { method: 'PUT' })).status).toBe(405);
});
