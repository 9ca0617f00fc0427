// The page of an order: opened by a signed link alone, with forms that work without script, and nothing of the customer in it.

import { orderOfToken, orderToken } from '../../src/order/rules/orderLink';
import { dispatch, type Receiver, register, startReceiver } from '../outbox/support';
import { startApp, type TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';
import { ANNE, freshKey, type Orders, ordersOn } from './support';

let app: TestApp;
let o: Orders;
let receiver: Receiver;
const LAMP = [{ sku: 'LAMP', quantity: 1 }];

beforeAll(async () => {
  app = await startApp({ PUBLIC_URL: 'https://shop.example.com/' });
  o = await ordersOn(app);
  receiver = await startReceiver();
  await register(app, await app.token('ADMIN'), receiver.url, ['notice.*']);
  await o.stock('paris', [{ sku: 'LAMP', quantity: 100 }]);
});
afterAll(async () => {
  await receiver.close();
  await app.close();
});

const idOf = async (number: string): Promise<string> => {
  const [row] = await app.db.rows<{ id: string }>('SELECT id FROM customer_order WHERE number = $1', [
    number,
  ]);
  return row!.id;
};
const tokenOf = async (number: string, linkGeneration = 0): Promise<string> =>
  orderToken(app.parts.secretKey, { id: await idOf(number), linkGeneration });
async function placed(): Promise<{ id: string; number: string; token: string }> {
  const { order } = await o.place({ location: 'paris', lines: LAMP, customer: ANNE });
  return { id: order.id, number: order.number, token: await tokenOf(order.number) };
}
async function ready(): Promise<{ id: string; number: string; token: string }> {
  const { id, number } = await o.ready(LAMP, { customer: ANNE });
  return { id, number, token: await tokenOf(number) };
}
const get = (token: string, query = '?lang=en', init: RequestInit = {}) =>
  fetch(`${app.url}/o/${token}${query}`, init);
const text = async (token: string, query?: string): Promise<string> => (await get(token, query)).text();
const keyIn = (html: string): string => /name="key" value="([^"]+)"/.exec(html)![1]!;
const send = (token: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${app.url}/o/${token}?lang=en`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers,
    redirect: 'manual',
  });
const commands = async (action: string): Promise<number> => {
  const [row] = await app.db.rows<{ count: number }>(
    'SELECT count(*)::int AS count FROM command WHERE action = $1 AND outcome ? $2',
    [action, 'value'],
  );
  return row!.count;
};

test('each notice of an order has the link of its page, in the language of its customer', async () => {
  receiver.got.length = 0;
  const order = await ready();
  await dispatch(app);
  const { data } = JSON.parse(receiver.got.find(({ body }) => body.includes(order.number))!.body);
  expect(data.pageUrl).toBe(`https://shop.example.com/o/${order.token}`);
  // A token is in no table.
  const [stored] = await app.db.rows<{ all: string }>("SELECT string_agg(m::text, ' ') AS all FROM outbox m");
  expect(stored!.all).not.toContain(order.token);
});

test('the page shows the state, and when it is ready the code and its QR code; nothing of the customer', async () => {
  const { id, token, number } = await placed();
  const before = await text(token);
  expect(before).toContain(`Order ${number}`);
  expect(before).toContain('We have received your order');
  expect(before).toContain('http-equiv="refresh"');
  expect(before).not.toContain('<svg');
  await o.act(o.paris, 'startPicking', { orders: [id] });
  await o.act(o.paris, 'pickLine', { order: id, ...LAMP[0]! });
  await o.act(o.paris, 'markReady', { order: id, stagingArea: 'shelf 7' });
  const after = await text(token);
  expect(after).toContain(await o.code(id));
  expect(after).toContain('<svg');
  for (const secret of ['Anne', 'Martin', 'example.com', 'LAMP', 'shelf 7', id])
    expect(after).not.toContain(secret);
  expect(await text(token, '?lang=fr')).toContain('Votre commande vous attend');
});

test('it is stored nowhere, indexed nowhere, sends no referrer and runs only its own script', async () => {
  const { token } = await placed();
  const { headers } = await get(token);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('x-robots-tag')).toContain('noindex');
  expect(headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'sha256-[^ ]+'; style-src 'sha256-/,
  );
  expect(headers.get('set-cookie')).toBeNull();
});

test('its version changes with the order, and only then', async () => {
  const { id, token } = await placed();
  const version = async () => (await get(`${token}/version`, '')).text();
  const first = await version();
  expect(await text(token)).toContain(`data-version="${first}"`);
  expect(await version()).toBe(first);
  app.wait(1);
  await o.act(o.paris, 'startPicking', { orders: [id] });
  expect(await version()).not.toBe(first);
});

test('a customer sets out and arrives by plain forms; a form that is sent twice or at once has one effect', async () => {
  const { id, token } = await ready();
  const key = keyIn(await text(token));
  const before = await commands('imHere');
  const form = { key, do: 'here', bay: ' bay 4 <b> ' };
  const answers = await Promise.all([send(token, form), send(token, form), send(token, form)]);
  expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
  expect(answers[0]!.headers.get('location')).toBe(`/o/${token}?lang=en&done=here`);
  expect(await commands('imHere')).toBe(before + 1);
  const seen = await o.see(id, 'arrivedAt arrivalNote onTheWayAt');
  expect(seen).toMatchObject({ arrivalNote: 'bay 4 <b>', onTheWayAt: null });
  // What one visitor wrote is not shown to the next.
  expect(await text(token)).not.toContain('bay 4');
  expect((await send(token, { key: keyIn(await text(token)), do: 'way' })).status).toBe(303);
  expect((await o.see(id, 'onTheWayAt')).onTheWayAt).not.toBeNull();
});

test('a customer cancels; what is no longer possible is explained and changes nothing', async () => {
  const { id, token } = await ready();
  const key = keyIn(await text(token));
  expect((await send(token, { key, do: 'cancel' })).headers.get('location')).toBe(`/o/${token}?lang=en`);
  expect(await o.see(id, 'status cancelReason')).toEqual({
    status: 'CANCELLED',
    cancelReason: 'CUSTOMER_CHANGED_MIND',
  });
  const closed = await text(token);
  expect(closed).toContain('The order is cancelled');
  expect(closed).not.toContain('<form');
  const late = await send(token, { key, do: 'here' });
  expect(late.headers.get('location')).toContain('done=refused');
  expect(await text(token, '?lang=en&done=refused')).toContain('no longer possible');
});

test('long, strange and empty forms change nothing', async () => {
  const { id, token } = await ready();
  const key = keyIn(await text(token));
  const outcome = async (form: Record<string, string>) =>
    (await send(token, form)).headers.get('location')?.split('done=')[1];
  expect(await outcome({})).toBe('busy');
  expect(await outcome({ key: 'x', do: 'cancel' })).toBe('busy');
  expect(await outcome({ key, do: 'collect' })).toBe('busy');
  expect(await outcome({ key, do: 'here', bay: 'b'.repeat(201) })).toBe('long');
  expect((await send(token, { key, do: 'here', bay: 'b'.repeat(5_000) })).status).toBe(413);
  expect(await o.see(id, 'status arrivedAt')).toEqual({ status: 'READY', arrivedAt: null });
});

test('forged, truncated, lengthened and swapped links open nothing; each answer is the same', async () => {
  const [one, two] = [await placed(), await placed()];
  const swapped = two.token.slice(0, 27) + one.token.slice(27);
  const changed = `${one.token.slice(0, 47)}${one.token.endsWith('A') ? 'B' : 'A'}`;
  const stranger = orderToken(Buffer.alloc(32, 7), { id: await idOf(one.number), linkGeneration: 0 });
  const unknown = orderToken(app.parts.secretKey, {
    id: '01900000-0000-7000-8000-000000000000',
    linkGeneration: 0,
  });
  const forged = [
    swapped,
    changed,
    stranger,
    unknown,
    one.token.slice(1),
    `${one.token}A`,
    one.number,
    '%00',
  ];
  const answers = await Promise.all(
    forged.map(async (token) => ({ status: (await get(token)).status, body: await text(token) })),
  );
  for (const { status, body } of answers) {
    expect(status).toBe(404);
    expect(body).toBe(answers[0]!.body);
  }
  expect((await send(changed, { key: '01900000-0000-7000-8000-000000000000', do: 'cancel' })).status).toBe(
    404,
  );
  expect(orderOfToken(app.parts.secretKey, one.token)).toMatchObject({ linkGeneration: 0 });
});

test('a link ends ORDER_LINK_DAYS after the order is closed, and with the generation of the order’s links', async () => {
  const { id, token, number } = await ready();
  await o.act(o.paris, 'collectOrder', { order: id, code: await o.code(id) });
  app.wait(30 * 24 * 60 - 1);
  expect((await get(token)).status).toBe(200);
  app.wait(1);
  const over = await get(token);
  expect([over.status, await over.text()]).toEqual([410, expect.stringContaining('expired')]);
  const other = await placed();
  expect((await get(await tokenOf(other.number, 1))).status).toBe(410);
  expect((await get(`${await tokenOf(number)}/version`, '')).status).toBe(410);
});

test('forms of other sites are refused; opening, HEAD and scanners of mail change nothing', async () => {
  const { id, token } = await ready();
  const form = { key: keyIn(await text(token)), do: 'cancel' };
  expect((await send(token, form, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await send(token, form, { origin: 'https://evil.example' })).status).toBe(403);
  const before = await o.see(id, 'updatedAt status');
  const head = await get(token, '', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  for (const query of ['?do=cancel', `?do=cancel&key=${form.key}`, '?done=here']) await get(token, query);
  await get(token, '', { headers: { purpose: 'prefetch', 'sec-purpose': 'prefetch' } });
  expect((await get(token, '', { method: 'DELETE' })).status).toBe(405);
  expect(await o.see(id, 'updatedAt status')).toEqual(before);
  // A session of the browser neither helps nor hinders, and an old browser without these headers is served.
  const cookie = 'development-comptoir-session=unknown; __Host-comptoir-session=unknown';
  expect((await send(token, form, { cookie, origin: 'null' })).status).toBe(303);
  expect((await o.see(id, 'status')).status).toBe('CANCELLED');
});

test('an erased order has no page', async () => {
  const { id, token } = await placed();
  await o.act(o.web, 'cancelOrder', { order: id, reason: 'CUSTOMER_CHANGED_MIND' });
  await o.act(await app.token('ADMIN'), 'eraseCustomer', { order: id });
  expect((await get(token)).status).toBe(404);
});

const REVOKE = {
  revokeOrderLink: `mutation ($input: RevokeOrderLinkInput!) { revokeOrderLink(input: $input) { __typename
    ... on Refusal { message } ... on RevokeOrderLinkSuccess { order { number } } } }`,
} as const;
async function revoke(token: string, order: string): Promise<string | undefined> {
  const input = { idempotencyKey: freshKey(), order };
  const { answer, errors } = await sendMutation(app, REVOKE, 'revokeOrderLink', token, input);
  return answer?.__typename ?? String(errors?.[0]?.extensions?.code);
}

test('a revoked link opens nothing; the next notice and the storefront have the new one', async () => {
  const { id, token, number } = await ready();
  expect((await o.see(id, 'pageUrl')).pageUrl).toBe(`https://shop.example.com/o/${token}`);
  // Staff do not see the code of an order, so they do not see its page.
  expect((await o.see(id, 'pageUrl', o.paris))?.pageUrl ?? null).toBeNull();
  const key = keyIn(await text(token));
  expect(await revoke(o.lyon, id)).toBe('FORBIDDEN');
  expect(await revoke(o.paris, id)).toBe('RevokeOrderLinkSuccess');
  const revoked = await get(token);
  expect([revoked.status, await revoked.text()]).toEqual([410, expect.stringContaining('was replaced')]);
  expect((await send(token, { key, do: 'cancel' })).status).toBe(410);
  const renewed = await tokenOf(number, 1);
  expect((await o.see(id, 'pageUrl')).pageUrl).toBe(`https://shop.example.com/o/${renewed}`);
  expect((await get(renewed)).status).toBe(200);
  receiver.got.length = 0;
  await o.act(o.web, 'reissuePickupCode', { order: id });
  await dispatch(app);
  expect(receiver.got.some(({ body }) => body.includes(`/o/${renewed}`))).toBe(true);
});
