// The mails of notices in a real Chromium: as wide as the screen and no wider, readable in light and dark, nothing loaded; pictures for people.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { MailOrder } from '../../src/order/rules/mail/content';
import { noticeMail } from '../../src/order/rules/mail/write';
import { accessibilityFaults, openBrowser, openTablet } from './browser';

jest.setTimeout(60_000);
const SHOTS = join(__dirname, 'screenshots');
const LOOKS = [
  { name: 'phone-fr-light', width: 360, language: 'fr', colorScheme: 'light' },
  { name: 'phone-en-dark', width: 320, language: 'en', colorScheme: 'dark' },
  { name: 'desktop-fr-dark', width: 1024, language: 'fr', colorScheme: 'dark' },
  { name: 'desktop-en-light', width: 1024, language: 'en', colorScheme: 'light' },
] as const;
const ORDER: MailOrder = {
  ...{ id: 'o', status: 'READY', payment: 'PAY_IN_STORE', paidAt: null },
  collectBy: new Date('2026-03-05T17:30:00Z'),
  lines: [
    { sku: 'LAMP', name: 'Lampe Arc', ordered: 3, units: 2, missing: 1 },
    { sku: 'W', name: 'W'.repeat(120), ordered: 1, units: 1, missing: 0 },
  ],
  lineCount: 31,
  ...{ shopName: 'Paris Rivoli', street: '104 rue de Rivoli', postalCode: '75001', city: 'Paris' },
  timeZone: 'Europe/Paris',
  weekly: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, opensAt: '10:00', closesAt: '19:30' })),
  exceptions: [],
};

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser?.close());

test('the ready mail fits every screen, in light and dark', async () => {
  mkdirSync(SHOTS, { recursive: true });
  const { page, faults } = await openTablet(browser, 'http://127.0.0.1:9');
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  for (const { name, width, language, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    const mail = noticeMail({
      ...{ topic: 'notice.order_ready', payload: { number: 'C-2026-0007' }, name: 'Anne Martin', language },
      ...{ order: ORDER, url: 'https://shop.example.com/o/abc', pickupCode: 'ABC234' },
      now: new Date('2026-03-02T09:00:00Z'),
    })!;
    await page.setContent(mail.html);
    await page.screenshot({ path: join(SHOTS, `mail-${name}.png`), fullPage: true });
    faults.push(...(await accessibilityFaults(page)).map((fault) => `${name}: ${fault}`));
    const card = await page.locator('.card').boundingBox();
    expect(card!.width).toBeLessThanOrEqual(600);
    expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
  }
  expect(faults).toEqual([]);
  expect(requests.filter((url) => !/^(data|about|blob):/.test(url))).toEqual([]);
  await page.context().close();
});
