// The ten minutes of the README: reserve in the demonstration shop, pick and hand over at the counter, and see the order's page move.

import type { Browser } from 'playwright-core';
import { hashToken } from '../../src/access/queries/callers';
import { DEMONSTRATION_PAGE_TOKEN } from '../../src/access/rules/demonstration';
import { ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { lookAt, openBrowser, openTablet, type PageUnderTest, scan } from './browser';

jest.setTimeout(180_000);

const LAMP = '2000000000022';

let app: TestApp;
let browser: Browser;
let shopper: PageUnderTest;
const looks: string[] = [];

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp({ DEMO: 'true' }), openBrowser()]);
  const o = await ordersOn(app);
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 9 },
    { sku: 'MUG', quantity: 9 },
  ]);
  await o.stock('lyon', [{ sku: 'MUG', quantity: 9 }]);
  await app.token('STOREFRONT', 'web shop');
  await app.token('STAFF', 'Camille (Paris Rivoli)', ['paris']);
  const { token, pageOrigins } = DEMONSTRATION_PAGE_TOKEN;
  await app.db.rows(
    `INSERT INTO access_token (actor_id, token_hash, hint, page_origins)
     SELECT a.id, t.hash, 'demo', CASE WHEN t.page THEN $4::text[] ELSE '{}' END
     FROM unnest($1::text[], $2::text[], $3::boolean[]) AS t(name, hash, page) JOIN actor a USING (name)`,
    [
      ['web shop', 'web shop', 'Camille (Paris Rivoli)'],
      ['demo-storefront', token, 'demo-staff-rivoli'].map(hashToken),
      [false, true, false],
      pageOrigins,
    ],
  );
  shopper = await openTablet(browser, app.url);
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

const look = async (screen: string) => looks.push(...(await lookAt(shopper.page, screen)));

test('three taps from an article to the order’s page; the counter picks and hands over; the page moves', async () => {
  const { page } = shopper;
  await page.goto('/shop');
  await page.getByText('Enamel mug').waitFor();
  await look('shop-list');
  await page.getByRole('searchbox').fill('lamp');
  await page.getByText('Enamel mug').waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Head lamp' }).click();
  await page.getByRole('button', { name: 'Réserver à Paris' }).waitFor();
  await look('shop-article');
  await page.getByRole('button', { name: 'Réserver à Paris' }).tap();
  await page.getByRole('link', { name: 'Commander' }).tap();
  await page.getByRole('button', { name: 'Confirmer, je paie en magasin' }).tap();
  await page.getByRole('heading', { name: 'Nous avons bien reçu votre commande' }).waitFor();
  expect(new URL(page.url()).pathname).toMatch(/^\/o\//);

  const counter = await openTablet(browser, app.url);
  await counter.page.goto('/counter');
  await counter.page.getByRole('button', { name: 'Camille' }).click();
  await counter.page.getByRole('link', { name: 'Alix Martin' }).click();
  await counter.page.getByRole('button', { name: 'Commencer la préparation' }).click();
  await counter.page.getByPlaceholder('Scannez un article').waitFor();
  await scan(counter.page, LAMP);
  await counter.page.getByLabel('Où rangez-vous la commande ?').fill('Étagère 7');
  app.wait(1);
  await counter.page.getByRole('button', { name: 'Prête, prévenir le client' }).click();
  await page.getByRole('heading', { name: 'Votre commande vous attend' }).waitFor();
  const code = (await page.locator('.code').textContent())!;
  await counter.page.getByLabel('Code de retrait du client').fill(code);
  await counter.page.getByLabel(/Paiement reçu/).check();
  app.wait(1);
  await counter.page.getByRole('button', { name: 'Remettre la commande' }).click();
  await page.getByRole('heading', { name: 'Commande retirée, merci' }).waitFor();
  expect(counter.faults).toEqual([]);
});

test('a basket over two shops becomes an order at each, also where a reservation has ended', async () => {
  const { page } = shopper;
  const put = async (article: string, shop: string) => {
    await page.goto(`/shop#/p/${article}`);
    await page.getByRole('radio', { name: shop }).check();
    await page.getByRole('button', { name: `Réserver à ${shop}` }).click();
    await page.getByText(`Réservé à ${shop}`).waitFor();
  };
  await put('LAMP', 'Paris');
  await put('MUG', 'Lyon');
  await page.getByRole('link', { name: 'Panier, 2 articles' }).click();
  await page.getByRole('heading', { name: 'Retrait à Lyon' }).waitFor();
  await look('shop-basket');
  app.wait(30);
  await page.getByLabel('Votre nom').fill('Bruno Petit');
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await page.getByRole('heading', { name: 'Vos commandes' }).waitFor();
  expect(await page.getByRole('link', { name: /Suivre la commande/ }).count()).toBe(2);
  const rows = await app.db.rows<{ code: string; payment: string }>(
    `SELECT l.code, o.payment FROM customer_order o JOIN location l ON l.id = o.location_id
     WHERE o.customer_name = 'Bruno Petit' ORDER BY l.code`,
  );
  expect(rows).toEqual(['lyon', 'paris'].map((code) => ({ code, payment: 'PAY_IN_STORE' })));
  // Nothing is left in the basket.
  await page.goto('/shop#/basket');
  await page.reload();
  await page.getByText('Votre panier est vide.').waitFor();
});

test('the shop is part of a demonstration only, and says where nothing answers', async () => {
  const { page, context } = shopper;
  await page.goto('/shop#/p/NONE');
  await page.getByText('Cet article n’existe pas.').waitFor();
  await context.setOffline(true);
  await page.evaluate(`location.hash = '#/p/MUG'`);
  await page.getByText('La boutique ne répond pas.').waitFor();
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Réessayer' }).click();
  await page.getByRole('heading', { name: 'Enamel mug' }).waitFor();
});

test('every screen is accessible and fits, and the policy was never violated', () => {
  expect(looks).toEqual([]);
  expect(shopper.faults).toEqual([]);
});
