// The page of an order in a real Chromium: it moves by itself, works without script and with the keyboard, and is seen in every size.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { orderToken } from '../../src/order/rules/orderLink';
import { type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { accessibilityFaults, openBrowser, openTablet } from './browser';

jest.setTimeout(60_000);
const SHOTS = join(__dirname, 'screenshots');
const MAX_GZIP_BYTES = 15_000;
const LOOKS = [
  { name: 'phone-fr-light', width: 390, height: 844, language: 'fr', colorScheme: 'light' },
  { name: 'phone-en-dark', width: 320, height: 640, language: 'en', colorScheme: 'dark' },
  { name: 'tablet-fr-dark', width: 1024, height: 768, language: 'fr', colorScheme: 'dark' },
  { name: 'desktop-en-light', width: 1440, height: 900, language: 'en', colorScheme: 'light' },
] as const;

let app: TestApp;
let browser: Browser;
let o: Orders;

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp(), openBrowser()]);
  o = await ordersOn(app);
  await o.stock('paris', [{ sku: 'LAMP', quantity: 9 }]);
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

async function placed(): Promise<{ id: string; path: string }> {
  const { order } = await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] });
  const [row] = await app.db.rows<{ id: string }>('SELECT id FROM customer_order WHERE number = $1', [
    order.number,
  ]);
  return { id: order.id, path: `/o/${orderToken(app.parts.secretKey, { id: row!.id, linkGeneration: 0 })}` };
}
async function makeReady(id: string): Promise<void> {
  app.wait(1);
  await o.act(o.paris, 'startPicking', { orders: [id] });
  await o.act(o.paris, 'pickLine', { order: id, sku: 'LAMP', quantity: 1 });
  await o.act(o.paris, 'markReady', { order: id, stagingArea: 'shelf 7' });
}

test('it moves by itself; the customer arrives; axe, sizes, languages and colours', async () => {
  const { page, faults } = await openTablet(browser, app.url);
  const looks: string[] = [];
  const look = async (screen: string): Promise<void> => {
    mkdirSync(SHOTS, { recursive: true });
    for (const { name, width, height, language, colorScheme } of LOOKS) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await page.goto(`${path}?lang=${language}`);
      await page.screenshot({ path: join(SHOTS, `${screen}-${name}.png`), fullPage: true });
      looks.push(...(await accessibilityFaults(page)).map((fault) => `${screen} ${name}: ${fault}`));
      if (await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
        looks.push(`${name}: too wide`);
    }
  };
  const { id, path } = await placed();
  await look('order-placed');
  await page.goto(`${path}?lang=fr`);
  await makeReady(id);
  await page.getByRole('heading', { name: 'Votre commande vous attend' }).waitFor();
  await look('order-ready');
  await page.goto(`${path}?lang=fr`);
  await page.getByLabel(/Où attendez-vous/).fill('place 4');
  await page.keyboard.press('Enter');
  await page.getByText('C’est noté, nous arrivons.').waitFor();
  expect(await o.see(id, 'arrivalNote')).toEqual({ arrivalNote: 'place 4' });
  const html = await (await fetch(`${app.url}${path}`)).text();
  expect(gzipSync(html).length).toBeLessThan(MAX_GZIP_BYTES);
  expect([...looks, ...faults]).toEqual([]);
});

test('without script a customer cancels, after one more question', async () => {
  const context = await browser.newContext({ baseURL: app.url, javaScriptEnabled: false, locale: 'en-GB' });
  const page = await context.newPage();
  const { id, path } = await placed();
  await page.goto(path);
  await page.getByText('Cancel the order', { exact: true }).click();
  await page.getByRole('button', { name: 'Yes, cancel the order' }).click();
  await page.getByRole('heading', { name: 'The order is cancelled' }).waitFor();
  expect((await o.see(id, 'status')).status).toBe('CANCELLED');
  await context.close();
});
