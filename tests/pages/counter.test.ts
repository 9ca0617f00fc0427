// The counter in a real browser, on the real program: from the queue to the handover, wrong scans, offline, and how it looks.

import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { freshKey, type Orders, ordersOn } from '../order/support';
import { START, startApp, type TestApp } from '../support/app';
import { lookAt, openBrowser, openTablet, type PageUnderTest, scan, until } from './browser';

jest.setTimeout(90_000);

const GTIN = { LAMP: '2000000000022', MUG: '2000000000046', TENT: '2000000000015' };
const COUNTER_KB = 40;

let app: TestApp;
let o: Orders;
let browser: Browser;
let tablet: PageUnderTest;
const looks: string[] = [];

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp({ SESSION_IDLE_MINUTES: '1440' }), openBrowser()]);
  o = await ordersOn(app);
  tablet = await openTablet(browser, app.url);
  // The server's clock stands still; so does the tablet's.
  await tablet.page.clock.setFixedTime(START);
  await o.stock('paris', [
    { sku: 'MUG', quantity: 20 },
    { sku: 'LAMP', quantity: 20 },
    { sku: 'TENT-2', quantity: 3 },
  ]);
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

const person = (name: string) => ({ name, email: `${freshKey()}@example.com`, contactChannel: 'EMAIL' });
const placed = async (name: string, lines: { sku: string; quantity: number }[], more: object = {}) =>
  (await o.place({ location: 'paris', lines, customer: person(name), ...more })).order;
const statusOf = async (id: string) => (await o.see(id, 'status')).status;
const open = async (name: string) => tablet.page.getByRole('link', { name }).first().click();
const look = async (screen: string) => looks.push(...(await lookAt(tablet.page, screen)));

test('the page comes compressed, under a strict policy, in 40 kB', async () => {
  const page = await fetch(`${app.url}/counter`);
  expect(page.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'self'; style-src 'self'; .*require-trusted-types-for 'script'$/,
  );
  expect(page.headers.get('cache-control')).toBe('no-cache');
  const html = await page.text();
  const assets = [...html.matchAll(/"(\/assets\/[\w.-]+)"/g)].map(([, path]) => path!);
  expect(assets).toHaveLength(2);
  let bytes = gzipSync(html).length;
  // The list grows: what the script imports at once is loaded before the counter is shown.
  for (const path of assets) {
    const asset = await fetch(app.url + path, { headers: { 'accept-encoding': 'br' } });
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-encoding')).toBe('br');
    const text = await asset.text();
    assets.push(...[...text.matchAll(/\bfrom"\.(\/[\w.-]+)"/g)].map(([, name]) => `/assets${name}`));
    bytes += gzipSync(text).length;
  }
  expect(assets).toHaveLength(3);
  expect(bytes).toBeLessThan(COUNTER_KB * 1_024);
  const etag = page.headers.get('etag')!;
  expect((await fetch(`${app.url}/counter`, { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await fetch(`${app.url}/assets/counter-0000.js`)).status).toBe(404);
  expect((await fetch(`${app.url}/counter`, { method: 'POST' })).status).toBe(405);
});

test('a person signs in, and a token of another role is refused with the reason', async () => {
  const { page } = tablet;
  await page.goto('/counter');
  await look('sign-in');
  await page.getByLabel('Jeton d’accès').fill(o.web);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByText('Le comptoir est réservé aux équipes').waitFor();
  await page.getByLabel('Jeton d’accès').fill(o.paris);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByText('Rien à préparer.').waitFor();
  await look('empty');
  // The session is a cookie: the page is loaded again, and goes on.
  await page.reload();
  await page.getByText('Rien à préparer.').waitFor();
});

test('from the queue to the handover: scans, a wrong one, staging, a wrong code, payment', async () => {
  const { page } = tablet;
  const lines = [
    { sku: 'LAMP', quantity: 2 },
    { sku: 'MUG', quantity: 1 },
  ];
  const order = await placed('Anne Martin', lines, { payment: 'PAY_IN_STORE' });
  await open('Anne Martin');
  await look('placed');
  await page.getByRole('button', { name: 'Commencer la préparation' }).click();
  await page.getByPlaceholder('Scannez un article').waitFor();
  await scan(page, GTIN.LAMP);
  await page.getByText('Head lamp : encore 1').waitFor();
  await scan(page, GTIN.TENT);
  await page.getByText('C’est « Tent for two ». Cette commande n’en contient pas.').waitFor();
  await look('picking');
  await scan(page, '4006381333931');
  await page.getByText('Code inconnu : 4006381333931.').waitFor();
  // A DataMatrix with a batch before the GTIN and an expiry date behind it.
  await scan(page, `]d210LOT-7\u001d010${GTIN.LAMP}17270200`);
  await page.getByText('Head lamp : complet').waitFor();
  await scan(page, GTIN.LAMP);
  await page.getByText('Head lamp est déjà complet.').waitFor();
  await scan(page, GTIN.MUG);
  await page.getByLabel('Où rangez-vous la commande ?').fill('Étagère 7');
  await page.getByRole('button', { name: 'Prête, prévenir le client' }).click();
  await page.getByLabel('Code de retrait du client').waitFor();
  expect(await statusOf(order.id)).toBe('READY');
  const code = await o.code(order.id);
  await page.getByLabel('Code de retrait du client').fill(code === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA');
  await page.getByRole('button', { name: 'Remettre la commande' }).click();
  await page.getByText('Encore 4 essais').waitFor();
  await look('handover');
  // The customer shows a QR code: scanned anywhere, it fills the code in.
  await scan(page, `COMPTOIR:1:${order.number}:${code}`);
  await page.getByRole('button', { name: 'Remettre la commande' }).click();
  await page.getByText('Encaissez d’abord').waitFor();
  await page.getByLabel(/Paiement reçu/).check();
  await page.getByRole('button', { name: 'Remettre la commande' }).click();
  await page.getByText('Remise', { exact: true }).waitFor();
  expect(await o.see(order.id, 'status paidAt')).toMatchObject({
    status: 'COLLECTED',
    paidAt: expect.any(String),
  });
});

test('an answer that was read before a scan was confirmed does not undo the scan', async () => {
  const { page } = tablet;
  const order = await placed('Inès Roche', [{ sku: 'LAMP', quantity: 1 }]);
  await open('Inès Roche');
  await page.getByRole('button', { name: 'Commencer la préparation' }).click();
  await page.getByPlaceholder('Scannez un article').waitFor();
  await until(async () => (await statusOf(order.id)) === 'PICKING');
  // Each reading of the queue waits until it is let go, the first one with the state before the scan.
  const held: (() => void)[] = [];
  let isHolding = true;
  await page.route('**/graphql', async (route) => {
    if (route.request().headers().accept === 'text/event-stream') return route.continue();
    const response = await route.fetch();
    if (isHolding && (await response.text()).includes('"pickupQueue"')) {
      await new Promise<void>((letGo) => {
        held.push(letGo);
      });
    }
    await route.fulfill({ response });
  });
  await page.evaluate(`window.dispatchEvent(new Event('online'))`);
  await until(async () => held.length === 1);
  await scan(page, GTIN.LAMP);
  await page.getByRole('button', { name: 'Envois', exact: true }).waitFor();
  held[0]!();
  await until(async () => held.length === 2);
  await scan(page, GTIN.LAMP);
  await page.getByText('Head lamp est déjà complet.').waitFor();
  isHolding = false;
  for (const letGo of held) letGo();
  await page.unrouteAll({ behavior: 'wait' });
  await o.act(o.paris, 'cancelOrder', { order: order.id, reason: 'OTHER' });
  await page.getByText('Annulée', { exact: true }).waitFor();
});

test('a missing article shows what its report triggers, before it is confirmed', async () => {
  const { page } = tablet;
  await o.stock('lyon', [{ sku: 'MUG', quantity: 5 }]);
  const order = await placed('Bruno Petit', [{ sku: 'MUG', quantity: 2 }]);
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  await open('Bruno Petit');
  await page.getByRole('button', { name: 'Manquant : Enamel mug' }).click();
  await page.getByRole('dialog').getByText('Lyon (5)').waitFor();
  await page.getByRole('button', { name: '+1' }).click();
  await page.getByText('Le stock de ce magasin baisse de 2').waitFor();
  await look('short');
  expect((await o.see(order.id, 'lines { short awaiting }')).lines[0]).toEqual({ short: 0, awaiting: 0 });
  await page.getByRole('button', { name: 'Signaler le manquant' }).click();
  await page.getByText('2 par transfert').waitFor();
  await until(async () => (await statusOf(order.id)) === 'AWAITING_TRANSFER');
});

test('offline: scans wait in the outbox, a handover is refused, and all is sent once when the network is back', async () => {
  const { page, context } = tablet;
  const order = await placed('Chloé Roux', [{ sku: 'LAMP', quantity: 2 }]);
  const waits = (await o.ready([{ sku: 'MUG', quantity: 1 }], { customer: person('David Blanc') }))!;
  await open('Chloé Roux');
  await page.getByRole('button', { name: 'Commencer la préparation' }).click();
  await until(async () => (await statusOf(order.id)) === 'PICKING');
  await context.setOffline(true);
  await page.getByText('Hors ligne').waitFor();
  await scan(page, GTIN.LAMP);
  await scan(page, GTIN.LAMP);
  await page.getByText('2 en attente d’envoi').waitFor();
  await page.getByLabel('Où rangez-vous la commande ?').fill('Étagère 3');
  await page.getByRole('button', { name: 'Prête, prévenir le client' }).click();
  await page.getByRole('button', { name: 'Envois, 3 en attente d’envoi' }).click();
  await look('outbox-offline');
  await page.keyboard.press('Escape');
  await open('David Blanc');
  await page.getByText('Hors ligne, une remise est impossible').waitFor();
  expect(await page.getByRole('button', { name: 'Remettre la commande' }).isDisabled()).toBe(true);
  expect(await statusOf(order.id)).toBe('PICKING');
  await context.setOffline(false);
  await until(async () => (await statusOf(order.id)) === 'READY');
  expect((await o.see(order.id, 'lines { staged reserved }')).lines).toEqual([{ staged: 2, reserved: 0 }]);
  await page.getByRole('button', { name: 'Envois', exact: true }).waitFor();
  expect(await statusOf(waits.id)).toBe('READY');
});

test('what another tablet has done first is refused with the reason, and both see one truth', async () => {
  const { page, context } = tablet;
  const order = await placed('Emma Faure', [{ sku: 'MUG', quantity: 1 }]);
  await open('Emma Faure');
  await page.getByRole('button', { name: 'Commencer la préparation' }).waitFor();
  await context.setOffline(true);
  await page.getByText('Hors ligne').waitFor();
  await page.getByRole('button', { name: 'Commencer la préparation' }).click();
  await o.act(o.paris, 'cancelOrder', { order: order.id, reason: 'OTHER' });
  await context.setOffline(false);
  await page.getByText(/Impossible/).waitFor();
  await page.getByRole('button', { name: 'Envois, 1 refusé' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'J’ai compris' }).click();
  await page.getByText('Tout est envoyé et confirmé.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Annulée', { exact: true }).waitFor();
});

test('a customer who arrives rings, and a late order and a transfer are marked', async () => {
  const { page } = tablet;
  const order = (await o.ready([{ sku: 'LAMP', quantity: 1 }], { customer: person('Farid Haddad') }))!;
  await placed('Gina Costa', [{ sku: 'TENT-2', quantity: 1 }]);
  await page.getByRole('link', { name: 'Farid Haddad' }).waitFor();
  await o.act(o.web, 'imHere', { order: order.id, arrivalNote: 'Borne 4' });
  await page.getByText('Farid Haddad est là').waitFor();
  app.wait(300);
  await page.clock.setFixedTime(app.parts.clock());
  await o.act(o.web, 'onMyWay', { order: order.id });
  await page
    .getByText(/En retard de/)
    .first()
    .waitFor();
  await look('queue');
  await page.getByRole('button', { name: 'Ouvrir' }).click();
  await page.getByRole('heading', { name: 'Farid Haddad' }).waitFor();
});

test('a return: the order is scanned, each article with its disposition, and no unit comes back twice', async () => {
  const { page, context } = tablet;
  const lines = [
    { sku: 'LAMP', quantity: 2 },
    { sku: 'MUG', quantity: 1 },
  ];
  const order = (await o.ready(lines, { customer: person('Hugo Lefort') }))!;
  await page.getByRole('link', { name: 'Retours' }).click();
  await page.getByLabel('Numéro de commande').fill(order.number);
  await page.keyboard.press('Enter');
  await page.getByText('n’a pas été remise').waitFor();
  const code = await o.code(order.id);
  await o.act(o.paris, 'collectOrder', { order: order.id, code });
  const before = await o.level('paris', 'LAMP');
  await scan(page, `COMPTOIR:1:${order.number}:${code}`);
  await page.getByText('Que deviennent les articles').waitFor();
  await scan(page, GTIN.LAMP);
  await page.getByText('Head lamp : En rayon, comme neuf').waitFor();
  await page.getByLabel('À contrôler').check();
  await scan(page, GTIN.LAMP);
  await page.getByText('Head lamp : À contrôler').waitFor();
  await scan(page, GTIN.LAMP);
  await page.getByText('Head lamp : il ne reste rien à rendre.').waitFor();
  await scan(page, GTIN.TENT);
  await page.getByText(`${GTIN.TENT} ne fait pas partie de cette commande.`).waitFor();
  await look('return');
  await context.setOffline(true);
  await page.getByText('Hors ligne, un retour est impossible').waitFor();
  expect(await page.getByRole('button', { name: 'Reprendre 2 articles' }).isDisabled()).toBe(true);
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Reprendre 2 articles' }).click();
  await page.getByText(/R-.* : 2 articles repris/).waitFor();
  expect(await o.level('paris', 'LAMP')).toMatchObject({
    available: before.available! + 1,
    quarantine: before.quarantine! + 1,
  });
  await page.getByLabel('Numéro de commande').fill(order.number);
  await page.keyboard.press('Enter');
  await page.getByText('Que deviennent les articles').waitFor();
  await scan(page, GTIN.LAMP);
  await page.getByText('Head lamp : il ne reste rien à rendre.').waitFor();
});

test('by keyboard alone: an order is opened and its picking begun', async () => {
  const { page } = tablet;
  await page.getByRole('link', { name: 'Gina Costa' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Gina Costa' }).waitFor();
  // The focus moves once the order is drawn.
  const focused = () => page.evaluate<string>('document.activeElement.textContent');
  await until(async () => (await focused()) === 'Gina Costa');
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab');
    if ((await focused()) === 'Commencer la préparation') break;
  }
  await page.keyboard.press('Enter');
  await page.getByPlaceholder('Scannez un article').waitFor();
});

test('every screen is accessible and fits, and the policy was never violated', () => {
  expect(looks).toEqual([]);
  expect(tablet.faults).toEqual([]);
});
