// Goods at the counter, in a real browser: transfers, deliveries and blind counts, by scan and offline; and a tablet whose clock is wrong.

import type { Browser } from 'playwright-core';
import { ANNE, freshKey, type Orders, ordersOn } from '../order/support';
import { purchasesOn } from '../purchase/support';
import { START, startApp, type TestApp } from '../support/app';
import { lookAt, openBrowser, openTablet, type PageUnderTest, scan, until } from './browser';

jest.setTimeout(90_000);

const GTIN = { LAMP: '2000000000022', MUG: '2000000000046', TENT: '2000000000015' };
const CREATE = `mutation ($input: CreateTransferInput!) { createTransfer(input: $input) {
  __typename ... on CreateTransferSuccess { transfer { id number } } } }` as const;
const OPEN_COUNT = `mutation ($input: OpenCountInput!) { openCount(input: $input) { __typename } }` as const;
const STATUS = `query ($id: ID!) { transfer(by: { id: $id }) { status lines { received } } }` as const;
const COUNTS =
  `query { stockCounts(filter: { location: "paris" }) { nodes { sku { code } status counted } } }` as const;

let app: TestApp;
let o: Orders;
let planner: string;
let browser: Browser;
let tablet: PageUnderTest;
const looks: string[] = [];

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp({ SESSION_IDLE_MINUTES: '1440' }), openBrowser()]);
  o = await ordersOn(app);
  planner = await app.token('PLANNER', 'planner');
  tablet = await openTablet(browser, app.url);
  const { page } = tablet;
  await page.clock.setFixedTime(START);
  for (const shop of ['paris', 'depot']) {
    await o.stock(shop, [
      { sku: 'MUG', quantity: 20 },
      { sku: 'LAMP', quantity: 20 },
    ]);
  }
  await page.goto('/counter');
  await page.getByLabel('Jeton d’accès').fill(o.paris);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByText('Rien à préparer.').waitFor();
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

const look = async (screen: string) => looks.push(...(await lookAt(tablet.page, screen)));
async function transfer(from: string, to: string, lines: { sku: string; quantity: number }[]) {
  const input = { idempotencyKey: freshKey(), from, to, lines };
  return (await app.gql(planner, CREATE, { input })).data.createTransfer.transfer!;
}
const statusOf = async (id: string) => (await app.gql(o.paris, STATUS, { id })).data.transfer!;

test('a transfer is received by scan, with its differences shown before they are confirmed', async () => {
  const { page } = tablet;
  const sent = await transfer('depot', 'paris', [
    { sku: 'MUG', quantity: 3 },
    { sku: 'LAMP', quantity: 2 },
  ]);
  await o.transferAct(o.depot, 'dispatchTransfer', sent.id);
  const before = await o.level('paris', 'LAMP');
  await page.getByRole('link', { name: 'Marchandises' }).click();
  await page.getByText('À recevoir').waitFor();
  await look('goods');
  await scan(page, sent.number);
  await page.getByRole('heading', { name: 'De Depot' }).waitFor();
  for (let i = 0; i < 3; i++) await scan(page, GTIN.MUG);
  await page.getByText('Enamel mug : 3 sur 3').waitFor();
  await scan(page, GTIN.MUG);
  await page.getByText('Enamel mug : 4, mais 3 attendus.').waitFor();
  await page.getByRole('button', { name: 'Une unité de moins : Enamel mug' }).click();
  await scan(page, GTIN.TENT);
  await page.getByText('C’est « Tent for two », qui n’est pas dans ce document.').waitFor();
  await scan(page, GTIN.LAMP);
  await look('receive');
  // The tab is closed in between: what was scanned is still there.
  await page.reload();
  await page.getByRole('textbox', { name: 'Unités : Head lamp' }).waitFor();
  await until(
    async () => (await page.getByRole('textbox', { name: 'Unités : Enamel mug' }).inputValue()) === '3',
  );
  await page.getByRole('button', { name: 'Enregistrer la réception' }).click();
  await page.getByText('Head lamp : 1 au lieu de 2').waitFor();
  await look('differences');
  await page.getByRole('button', { name: 'Confirmer malgré les écarts' }).click();
  await until(async () => (await statusOf(sent.id)).status === 'RECEIVED');
  expect((await o.level('paris', 'LAMP'))!.available).toBe(before!.available! + 1);
});

test('offline a transfer is sent and a delivery received: both wait in the outbox and are done once', async () => {
  const { page, context } = tablet;
  const out = await transfer('paris', 'lyon', [{ sku: 'MUG', quantity: 2 }]);
  const { supplier, placed } = purchasesOn(app);
  await supplier(planner);
  const bought = await placed(planner, [{ sku: 'LAMP', quantity: 4 }]);
  const before = await o.level('paris', 'LAMP');
  await page.getByRole('link', { name: 'Retours' }).click();
  await page.getByRole('link', { name: 'Marchandises' }).click();
  await page.getByText('Alps & Co').waitFor();
  await context.setOffline(true);
  await page.getByRole('link', { name: /Pour / }).click();
  await page.getByRole('button', { name: 'Tout est là' }).click();
  await page.getByRole('button', { name: 'Remettre au transporteur' }).click();
  await page.getByRole('link', { name: 'Alps & Co' }).click();
  await page.getByRole('textbox', { name: 'Unités : Head lamp' }).fill('3');
  await page.getByRole('button', { name: 'Enregistrer la livraison' }).click();
  await page.getByLabel('Le reste ne viendra pas : clôturer').check();
  await page.getByRole('button', { name: 'Confirmer malgré les écarts' }).click();
  await page.getByRole('button', { name: 'Envois, 2 en attente d’envoi' }).waitFor();
  await page.getByText('Rien à envoyer, à recevoir ou à compter.').waitFor();
  expect((await statusOf(out.id)).status).toBe('DRAFT');
  await context.setOffline(false);
  await until(async () => (await statusOf(out.id)).status === 'DISPATCHED');
  await until(async () => (await o.level('paris', 'LAMP'))!.available === before!.available! + 3);
  expect(bought.status).toBe('ORDERED');
  await page.getByRole('button', { name: 'Envois', exact: true }).waitFor();
});

test('a blind count: what was requested and what was found besides, without the expected units', async () => {
  const { page } = tablet;
  const lamps = (await o.level('paris', 'LAMP'))!.available!;
  const mugs = (await o.level('paris', 'MUG'))!.available!;
  const input = { idempotencyKey: freshKey(), location: 'paris', reason: 'weekly', skus: ['LAMP'] };
  await app.gql(o.paris, OPEN_COUNT, { input });
  await page.getByRole('link', { name: 'Retours' }).click();
  await page.getByRole('link', { name: 'Marchandises' }).click();
  await page.getByRole('link', { name: /Comptage à l’aveugle 1 article/ }).click();
  await page.getByText('pas encore compté').waitFor();
  await page.getByRole('textbox', { name: 'Unités : Head lamp' }).fill(String(lamps - 1));
  await scan(page, GTIN.LAMP);
  // The server is overloaded for a moment: the scan is not lost.
  let refused = 0;
  await page.route('**/graphql', (route) => {
    if (refused > 0 || !route.request().postData()?.includes('"gtin"')) return route.continue();
    refused += 1;
    return route.fulfill({ status: 503, json: { errors: [{ message: 'Too many requests are waiting.' }] } });
  });
  await scan(page, GTIN.MUG);
  await page.getByText('Enamel mug : 1').waitFor();
  expect(refused).toBe(1);
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByRole('textbox', { name: 'Unités : Enamel mug' }).fill(String(mugs));
  await look('count');
  expect(await page.locator('.goods-line .quantity').count()).toBe(0);
  await page.getByRole('button', { name: 'Enregistrer le comptage' }).click();
  await until(async () => {
    const { nodes } = (await app.gql(o.paris, COUNTS)).data.stockCounts!;
    return nodes.filter(({ status }) => status === 'POSTED').length === 2;
  });
  expect((await o.level('paris', 'LAMP'))!.available).toBe(lamps);
});

const MOVES = `query ($sku: String!) { stockMoves(first: 1, filter: { location: "paris", sku: $sku }) {
  nodes { reason at occurredAt } } }` as const;

test('a tablet whose clock is a day fast, killed without network: the times are the server’s, and ten scans go in two requests', async () => {
  const { page, context } = tablet;
  const order = (
    await o.place({
      location: 'paris',
      lines: [{ sku: 'LAMP', quantity: 10 }],
      customer: { ...ANNE, name: 'Inès Morel' },
    })
  ).order;
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  await page.getByRole('link', { name: 'Inès Morel' }).click();
  await page.getByPlaceholder('Scannez un article').waitFor();
  await context.setOffline(true);
  await page.getByText('Hors ligne').waitFor();
  await page.clock.setFixedTime(new Date(START.getTime() + 24 * 3_600_000));
  for (let i = 0; i < 10; i++) await scan(page, GTIN.LAMP);
  await page.getByRole('button', { name: 'Envois, 10 en attente d’envoi' }).waitFor();
  // The tab is closed, and opened again an hour later.
  await page.goto('about:blank');
  app.wait(60);
  await page.clock.setFixedTime(new Date(START.getTime() + 25 * 3_600_000));
  await context.setOffline(false);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.postData() ?? ''));
  await page.goto('/counter');
  await page.getByText('L’horloge de cet appareil avance de 1 j').waitFor();
  await until(async () => (await o.see(order.id, 'lines { staged }')).lines[0].staged === 10);
  // A slow answer has one sent again, with the same keys.
  expect(new Set(requests.filter((data) => data.includes('idempotencyKey'))).size).toBe(2);
  await look('clock');
  expect((await app.gql(o.paris, MOVES, { sku: 'LAMP' })).data.stockMoves.nodes).toEqual([
    { reason: 'PICKED', at: app.parts.clock().toISOString(), occurredAt: START.toISOString() },
  ]);
  await page.clock.setFixedTime(app.parts.clock());
  await page.reload();
  await page.getByRole('link', { name: 'Inès Morel' }).waitFor();
  await page.getByText('L’horloge de cet appareil').waitFor({ state: 'detached' });
});

test('every screen is accessible and fits, and the policy was never violated', () => {
  expect(looks).toEqual([]);
  expect(tablet.faults).toEqual([]);
});
