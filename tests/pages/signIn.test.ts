// Signing in with a real browser: the people of a demonstration, at the first page and at the counter.

import type { Browser } from 'playwright-core';
import { hashToken } from '../../src/access/queries/callers';
import { DEMONSTRATION_ACTORS } from '../../src/access/rules/demonstration';
import { startApp, type TestApp } from '../support/app';
import { lookAt, openBrowser, openTablet } from './browser';

jest.setTimeout(90_000);

let app: TestApp;
let browser: Browser;
const WHO = ['demo-staff-rivoli', 'demo-planner', 'demo-admin'];

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp({ DEMO: 'true' }), openBrowser()]);
  for (const { token, name, role } of DEMONSTRATION_ACTORS.filter((one) => WHO.includes(one.token))) {
    await app.token(role, name, role === 'STAFF' ? ['paris'] : []);
    await app.db.rows(
      `INSERT INTO access_token (actor_id, token_hash, hint) SELECT id, $2, 'demo' FROM actor WHERE name = $1`,
      [name, hashToken(token)],
    );
  }
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

test('the first page offers the people of the demonstration, greets the one chosen, and leads to the counter', async () => {
  const { page, faults } = await openTablet(browser, app.url);
  await page.goto('/');
  await page.getByRole('button', { name: 'Camille (Paris Rivoli)' }).waitFor();
  const looks = await lookAt(page, 'start-sign-in');
  await page.getByRole('button', { name: 'Camille (Paris Rivoli)' }).click();
  await page.getByRole('heading', { name: 'Bonjour, Camille (Paris Rivoli)' }).waitFor();
  looks.push(...(await lookAt(page, 'start')));
  await page.getByRole('link', { name: 'Le comptoir' }).click();
  await page.getByText('Rien à préparer.').waitFor();
  expect([...looks, ...faults]).toEqual([]);
});

test('a person without a page of the shop is greeted too, signs out, and the counter offers only its own people', async () => {
  const { page, faults } = await openTablet(browser, app.url);
  await page.goto('/');
  await page.getByRole('button', { name: 'Sofia' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Bonjour, Sofia (planner)' }).waitFor();
  expect(await page.getByRole('link', { name: 'Le comptoir' }).count()).toBe(0);
  await page.getByRole('link', { name: 'GraphiQL' }).waitFor();
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await page.getByRole('button', { name: 'Sofia' }).waitFor();
  await page.goto('/counter');
  await page.getByRole('button', { name: 'administrator' }).waitFor();
  expect(await page.getByRole('button', { name: 'Sofia' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Camille' }).click();
  await page.getByText('Rien à préparer.').waitFor();
  expect(faults).toEqual([]);
});
