// The element on a page of another site: the examples of its README, every state, the keyboard, its size, and how it looks.

import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { administer } from '../access/support';
import { ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { accessibilityFaults, openBrowser } from './browser';

jest.setTimeout(90_000);
const MAX_GZIP_BYTES = 12 * 1_024;
const SHOTS = join(__dirname, 'screenshots');
const README = readFileSync(join(__dirname, '../../src/pages/element/README.md'), 'utf8');
const LOOKS = [
  { name: 'phone-fr-light', width: 390, height: 844, language: 'fr', colorScheme: 'light' },
  { name: 'phone-en-dark', width: 320, height: 640, language: 'en', colorScheme: 'dark' },
  { name: 'desktop-en-light', width: 1440, height: 900, language: 'en', colorScheme: 'light' },
] as const;

let app: TestApp;
let browser: Browser;
let site: Server;
let origin: string;
let token: string;
/** The body of the page that the site answers next. */
let body = '';

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp(), openBrowser()]);
  const o = await ordersOn(app);
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 9 },
    { sku: 'MUG', quantity: 3 },
  ]);
  await o.stock('lyon', [{ sku: 'LAMP', quantity: 2 }]);
  // A strict shop: scripts of the server of Comptoir only, no inline styles, no markup from texts.
  const policy = `default-src 'none'; script-src ${app.url}; connect-src ${app.url}; style-src 'sha256-none' 'self'; require-trusted-types-for 'script'`;
  site = createServer((req, res) => {
    if (req.url === '/shop.css') return void res.setHeader('content-type', 'text/css').end(STYLE);
    res.setHeader('content-security-policy', policy).setHeader('content-type', 'text/html; charset=utf-8');
    res.end(body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => site.once('listening', resolve));
  origin = `http://localhost:${(site.address() as AddressInfo).port}`;
  const admin = await app.token('ADMIN', 'chief');
  const actor = (await administer(app, admin, 'createActor', { name: 'shop', role: 'STOREFRONT' })).actor.id;
  token = (await administer(app, admin, 'createToken', { actor, pageOrigins: [origin] })).token;
}, 90_000);
afterAll(async () => {
  await browser?.close();
  site?.close();
  await app?.close();
});

const STYLE = `body{margin:0;padding:16px;font:100%/1.5 system-ui,sans-serif;background:#fff;color:#1a1d1f}
@media(prefers-color-scheme:dark){body{background:#14171a;color:#eceeef}}
main{max-width:30rem}comptoir-availability{display:block;min-height:32rem}`;

/** The examples of the README with the addresses of this test. */
const EXAMPLES = [...README.matchAll(/```html\n([\s\S]*?)```/g)].map(([, text]) => text!);
const example = (): string =>
  EXAMPLES[0]!
    .replaceAll('https://comptoir.example.com', app.url)
    .replaceAll('cpage_…', token)
    .replace('GAZ-230', 'LAMP');
const element = (attributes: string): string =>
  `<script src="${app.url}/elements/availability.js" async></script><comptoir-availability token="${token}" ${attributes}></comptoir-availability>`;

interface Visit {
  page: Page;
  faults: string[];
}
async function visit(inside: string, language = 'fr', more: object = {}): Promise<Visit> {
  body = `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>Shop</title><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/shop.css"></head><body><main><h1>Lampe</h1>${inside}<p id="below">Livraison gratuite</p></main></body></html>`;
  const context = await browser.newContext({ locale: `${language}-FR`, hasTouch: true, ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted ?(Type|Script)/i.test(message.text())) faults.push(message.text());
  });
  await page.addInitScript(`window.shifts = 0; window.events = [];
    new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifts += one.value; })
      .observe({ type: 'layout-shift', buffered: true });
    for (const name of ['choose', 'reserving', 'reserved', 'cancelled', 'error'])
      addEventListener('comptoir-' + name, ({ detail }) => window.events.push([name, detail]));`);
  await page.goto(origin);
  return { page, faults };
}
const eventsOf = (page: Page) => page.evaluate<[string, Record<string, unknown>][]>('window.events');

test('the script is one file of at most 12 kB, open to pages of every site', async () => {
  const script = await fetch(`${app.url}/elements/availability.js`, {
    headers: { 'accept-encoding': 'gzip' },
  });
  expect(script.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  expect(script.headers.get('access-control-allow-origin')).toBe('*');
  expect(script.headers.get('cache-control')).toContain('max-age=3600');
  expect(Number(script.headers.get('content-length'))).toBeLessThan(MAX_GZIP_BYTES);
});

test('the example of the README, from the town to the reservation, with the keyboard; it is remembered', async () => {
  expect(EXAMPLES.length).toBeGreaterThanOrEqual(3);
  const { page, faults } = await visit(example());
  const globals = 'Object.keys(window).filter((name) => /comptoir/i.test(name))';
  await page.getByText('Indiquez votre ville').waitFor();
  await page.getByRole('textbox', { name: 'Ville ou code postal' }).focus();
  await page.keyboard.type('Nulle-part-sur-Mer');
  await page.keyboard.press('Enter');
  await page.getByText('Nous ne connaissons pas « Nulle-part-sur-Mer »').waitFor();
  await page.getByRole('textbox').fill('78000');
  await page.keyboard.press('Enter');
  await page.getByText('1 magasin autour de Versailles').waitFor();
  await page.getByText('Prêt aujourd’hui à 12:00, car la préparation prend 2 h').waitFor();
  await page.getByRole('textbox').fill('Lyon');
  await page.keyboard.press('Enter');
  await page.getByText('Derniers exemplaires').waitFor();
  // From the field over the two buttons and the choice to the main button.
  for (const key of ['Tab', 'Tab', 'Tab', 'Space', 'Tab', 'Enter']) await page.keyboard.press(key);
  await page.getByText(/Réservé à Lyon jusqu’à/).waitFor();
  expect(await app.db.rows(`SELECT FROM reservation WHERE status = 'ACTIVE'`)).toHaveLength(1);
  const events = await eventsOf(page);
  expect(events.map(([name]) => name)).toEqual(['reserving', 'reserved']);
  expect(events[1]![1]).toMatchObject({ location: { code: 'lyon' }, lines: [{ sku: 'LAMP', quantity: 1 }] });
  await page.reload();
  await page.getByText(/Réservé à Lyon jusqu’à/).waitFor();
  await page.getByRole('button', { name: 'Annuler' }).click();
  await page.getByText('Réservation annulée.').waitFor();
  expect(await app.db.rows(`SELECT FROM reservation WHERE status = 'ACTIVE'`)).toHaveLength(0);
  expect(await page.evaluate(globals)).toEqual([]);
  expect(await page.context().cookies()).toEqual([]);
  expect(await page.evaluate('window.shifts')).toBe(0);
  expect(faults).toEqual([]);
});

test('a basket, near the visitor, where the page adds lines or reserves by itself; nothing is stored', async () => {
  const lines = JSON.stringify([
    { sku: 'LAMP', quantity: 1 },
    { sku: 'MUG', quantity: 1 },
  ]);
  const { page, faults } = await visit(element(`lines='${lines}' shops="3"`), 'en', {
    ...{ geolocation: { latitude: 48.86, longitude: 2.34 }, permissions: ['geolocation'] },
  });
  await page.evaluate(
    `Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }`,
  );
  await page.getByRole('button', { name: 'Near me' }).tap();
  await page.getByText('1 shop near you').waitFor();
  await page.getByText('Last ones').waitFor();
  await page.evaluate(
    `addEventListener('comptoir-reserving', (event) => event.preventDefault(), { once: true })`,
  );
  await page.getByRole('button', { name: 'Reserve at Paris' }).tap();
  await page.evaluate(
    `addEventListener('comptoir-reserving', ({ detail }) => { detail.lines[0].quantity += 1; }, { once: true })`,
  );
  await page.getByRole('button', { name: 'Reserve at Paris' }).tap();
  await page.getByText(/Reserved at Paris until/).waitFor();
  const [, , last] = await eventsOf(page);
  expect(last).toMatchObject(['reserved', { lines: [{ sku: 'LAMP', quantity: 2 }, { sku: 'MUG' }] }]);
  await page.getByRole('button', { name: 'Cancel' }).tap();
  await page.getByRole('button', { name: 'Reserve at Paris' }).waitFor();
  expect(faults).toEqual([]);
});

test('slow, without network, again; refused; empty: each is shown, in the same space', async () => {
  const { page, faults } = await visit(element('sku="LAMP" near="48.85,2.35"'), 'en');
  await page.getByRole('button', { name: 'Reserve at Paris' }).waitFor();
  await page.context().setOffline(true);
  await page.evaluate(`document.querySelector('comptoir-availability').setAttribute('quantity', '2')`);
  await page.getByText('Looking for shops…').waitFor();
  await page.getByText('No answer. Check your connection.').waitFor();
  await page.context().setOffline(false);
  let isSlow = true;
  await page.route('**/elements/graphql', async (route) => {
    if (isSlow) await page.getByText('This takes longer than usual…').waitFor();
    isSlow = false;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Reserve at Paris' }).waitFor();
  await page.evaluate(`document.querySelector('comptoir-availability').setAttribute('sku', 'SOCK-M')`);
  await page.getByText('No shop nearby has this article').waitFor();
  await page.evaluate(`document.querySelector('comptoir-availability').setAttribute('token', 'wrong')`);
  await page.getByText('Availability in shops cannot be shown').waitFor();
  expect((await eventsOf(page)).at(-1)).toMatchObject([
    'error',
    { message: expect.stringContaining('unknown') },
  ]);
  expect(await page.evaluate('window.shifts')).toBe(0);
  expect(faults).toEqual([]);
});

test('axe, sizes, languages and colours', async () => {
  mkdirSync(SHOTS, { recursive: true });
  const found: string[] = [];
  for (const { name, width, height, language, colorScheme } of LOOKS) {
    const { page } = await visit(element('sku="LAMP" near="48.85,2.35" radius="800"'), language, {
      ...{ viewport: { width, height }, colorScheme },
    });
    await page.getByText('Lyon', { exact: true }).waitFor();
    await page.screenshot({ path: join(SHOTS, `element-${name}.png`) });
    found.push(...(await accessibilityFaults(page)).map((fault) => `${name}: ${fault}`));
    if (await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
      found.push(`${name}: too wide`);
    const small = await page.evaluate<string[]>(
      `[...document.querySelector('comptoir-availability').shadowRoot.querySelectorAll('button, label, input[type=text]')]
        .map((one) => [one, one.getBoundingClientRect()]).filter(([, { width, height }]) => width < 44 || height < 44)
        .map(([one]) => one.outerHTML)`,
    );
    found.push(...small);
    await page.context().close();
  }
  expect(found).toEqual([]);
});
