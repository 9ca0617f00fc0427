// The page of planners in a real browser: a morning by keyboard alone, two planners, 20,000 proposals, and what it weighs.

import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { historyOf, putSales } from '../forecast/support';
import { putForecasts, replenishmentOn, runNight } from '../replenishment/support';
import { startApp, type TestApp } from '../support/app';
import { lookAt, openBrowser, openTablet, type PageUnderTest } from './browser';

jest.setTimeout(90_000);

const PLANNER_KB = 70;
const MOST_MS = 100;
const ROWS = 20_000;

let app: TestApp;
let browser: Browser;
let on: ReturnType<typeof replenishmentOn>;
let sofia: PageUnderTest;
let page: Page;
const looks: string[] = [];

const ALERT = `
  INSERT INTO forecast_alert (id, location_id, sku_id, kind, since_day, through_day, days, expected, actual, statistic,
    threshold, tracking_signal, created_at)
  SELECT gen_random_uuid(), l.id, s.id, 'SUDDEN_ZERO', '2026-11-19', '2026-11-24', 6, 14, 0, 0.001, 0.01, -0.8, '2026-11-25T04:00Z'
  FROM location l, sku s WHERE l.code = 'paris' AND s.code = 'TENT-2'`;

/** A token pasted into the page, as a planner does the first time. */
async function signIn(one: PageUnderTest, token: string): Promise<void> {
  await one.page.goto('/planner');
  await one.page.getByLabel('Jeton d’accès').fill(token);
  await one.page.getByRole('button', { name: 'Se connecter', exact: true }).click();
}
const openProposals = async (one: Page) => {
  await one.getByRole('link', { name: /Propositions/ }).click();
  await one.getByRole('grid', { name: 'Propositions' }).waitFor();
};
const row = (text: RegExp | string, one = page) => one.getByRole('row').filter({ hasText: text });
const look = async (screen: string) => looks.push(...(await lookAt(page, screen)));
const statuses = async (): Promise<Record<string, number>> => {
  const rows = await app.db.rows<{ status: string; count: number }>(
    'SELECT status, count(*)::int FROM replenishment_proposal GROUP BY 1',
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
};
/** Presses Tab until the focus is on an element that fits. */
async function tabTo(selector: string): Promise<void> {
  for (let i = 0; i < 40; i += 1) {
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${selector}`);
}

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp(), openBrowser()]);
  on = replenishmentOn(app, await app.token('PLANNER', 'Bruno'), await app.token('ADMIN'));
  sofia = await openTablet(browser, app.url);
  page = sofia.page;
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

test('the page comes under a strict policy, in 70 kB with all its scripts', async () => {
  const answer = await fetch(`${app.url}/planner`);
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; /);
  const html = await answer.text();
  const assets = [...html.matchAll(/"(\/assets\/[\w.-]+)"/g)].map(([, path]) => path!);
  expect(assets).toHaveLength(2);
  let bytes = gzipSync(html).length;
  for (const path of assets) {
    bytes += gzipSync(Buffer.from(await (await fetch(app.url + path)).arrayBuffer())).length;
  }
  expect(bytes).toBeLessThan(PLANNER_KB * 1_000);
});

test('it is for planners; without anything to do it says so', async () => {
  await signIn(sofia, await app.token('STAFF', 'Anna', ['paris']));
  await page.getByText('Cette page est réservée aux planificateurs').waitFor();
  await signIn(sofia, await app.token('PLANNER', 'Sofia'));
  await page.getByRole('heading', { name: 'Rien à décider' }).waitFor();
  await look('planner-empty');
  // The first page leads a planner here.
  await page.goto('/');
  await page.getByRole('link', { name: /Le réassort/ }).click();
  await page.getByRole('heading', { name: 'Rien à décider' }).waitFor();
  await openProposals(page);
  await page.getByText('Aucune proposition ne correspond').waitFor();
});

test('today: what to order before when, money against budgets, what broke, what is late', async () => {
  await on.act('upsertSuppliers', {
    suppliers: [
      { code: 'alps', name: 'Alpages', leadTimeDays: 3, orderCutOff: '11:00' },
      { code: 'sea', name: 'Mer du Nord', leadTimeDays: 5 },
    ],
  });
  for (const sku of ['MUG', 'LAMP']) await on.offer(sku);
  for (const sku of ['SOCK-M', 'TENT-2']) await on.offer(sku, { supplier: 'sea' });
  await on.stock('lyon', 'MUG', 60);
  await putSales(
    app.db,
    historyOf(
      [
        ['paris', 'MUG'],
        ['paris', 'LAMP'],
      ],
      60,
    ),
  );
  await putForecasts(app.db, [
    ['paris', 'MUG', 4],
    ['paris', 'LAMP', 2],
    ['paris', 'SOCK-M', 3],
    ['paris', 'TENT-2', 1],
    ['lyon', 'MUG', 0.2],
    ['lyon', 'LAMP', 2],
    ['lyon', 'TENT-2', 1],
  ]);
  await runNight(app);
  await on.act('setReplenishmentBudget', {
    budgets: [
      {
        ...{ fromDay: '2026-11-01', toDay: '2026-11-30', supplier: 'alps' },
        amount: { amountMinor: 5_000_00, currency: 'EUR' },
      },
    ],
  });
  await app.db.rows(ALERT);
  const late = { supplier: 'alps', location: 'lyon', order: true, lines: [{ sku: 'TENT-2', quantity: 6 }] };
  expect(await on.act('createPurchaseOrder', late)).toMatchObject({
    __typename: 'CreatePurchaseOrderSuccess',
  });
  await app.db.rows(`UPDATE purchase_order SET expected_at = '2026-11-22T08:00Z'`);
  await page.getByRole('link', { name: 'Aujourd’hui' }).click();
  await page.getByRole('button', { name: 'Actualiser' }).click();
  const decide = page.getByRole('region', { name: 'À décider' });
  await decide.getByRole('link', { name: /Avant 11:00.*encore 1 h 00.*Alpages/ }).waitFor();
  await decide.getByRole('link', { name: /Sans heure limite.*Mer du Nord/ }).waitFor();
  await decide.getByRole('link', { name: /Transferts depuis Lyon/ }).waitFor();
  await page
    .getByRole('region', { name: 'Budgets' })
    .getByText(/Reste ensuite/)
    .waitFor();
  await page.getByRole('region', { name: 'Commandes en retard' }).getByText('3 jours de retard').waitFor();
  await page.getByText(/Plus aucune vente · 0 vendus au lieu de 14/).waitFor();
  await look('planner-today');
  await page.getByRole('button', { name: 'Vu : alerte Tent for two, Paris' }).click();
  await page.getByText('Aucune vente ne s’est écartée').waitFor();
  // A group leads to its proposals.
  await decide.getByRole('link', { name: /Alpages/ }).click();
  expect(page.url()).toContain('#proposals?source=alps');
  await page.getByRole('button', { name: 'Tout afficher' }).click();
});

test('a morning by keyboard alone: why, another quantity with a reason, approved with a preview, rejected', async () => {
  const open = (await statuses()).PROPOSED!;
  await page.goto('/planner#proposals?sort=article&location=paris');
  await page.reload();
  await row('Enamel mug').waitFor();
  await tabTo('[role=grid]');
  await page.keyboard.press('ArrowDown');
  // The focused row explains itself: the terms add up to the quantity.
  const focused = page.locator('.grid-row.is-focused');
  await focused.getByText('Head lamp').waitFor();
  const quantity = (await focused.locator('.cell-quantity strong').textContent())!;
  await page.locator('.spark').waitFor();
  expect(await page.locator('[data-total]').textContent()).toBe(quantity);
  await page.keyboard.press('e');
  await page.keyboard.type('77');
  await page.keyboard.press('Tab');
  await look('planner-edit');
  await page.keyboard.type('Promotion');
  await page.keyboard.press('Enter');
  await row('Head lamp').getByText(`proposé : ${quantity}`).waitFor();
  // The keyboard is in the table again, and the waterfall has the edit in it.
  await page.getByText('Modifiée par Sofia : Promotion').waitFor();
  expect(await page.locator('[data-total]').textContent()).toBe('77');
  // This one and the next.
  await page.keyboard.press(' ');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  await page.getByText('2 sélectionnées').waitFor();
  await page.keyboard.press('a');
  const dialog = page.getByRole('dialog', { name: 'Approuver 2 propositions' });
  await dialog.getByText('Commande Alpages → Paris').waitFor();
  await dialog.getByRole('button', { name: 'Approuver et créer' }).waitFor();
  await look('planner-approve');
  await page.keyboard.press('Enter');
  await page.getByText(/^Créé : [12] commandes?, [01] transferts?\.$/).waitFor();
  await row('Head lamp').waitFor({ state: 'detached' });
  expect(await statuses()).toEqual({ PROPOSED: open - 2, ORDERED: 2 });
  // What is left is rejected, for a week.
  await page.keyboard.press('r');
  await page.getByRole('dialog', { name: 'Rejeter 1 proposition' }).waitFor();
  await page.keyboard.type('Fin de série');
  await page.keyboard.press('Tab');
  await page.keyboard.type('7');
  await page.keyboard.press('Enter');
  await page.getByText('1 proposition rejetée.').waitFor();
  expect(await statuses()).toEqual({ PROPOSED: open - 3, ORDERED: 2, REJECTED: 1 });
});

test('a quantity that the supplier does not sell is refused with what to do, and nothing typed is lost', async () => {
  await on.offer('TENT-2', { supplier: 'sea', packSize: 6 });
  await page.goto('/planner#proposals?search=tent&location=lyon');
  await page.reload();
  await row('Tent for two').locator('.cell-quantity').dblclick();
  await page.getByRole('spinbutton', { name: 'Quantité' }).fill('5');
  await page.getByLabel('Raison').fill('Rayon plein');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('in packs of 6').waitFor();
  expect(await page.getByLabel('Raison').inputValue()).toBe('Rayon plein');
  // The session ends midway: who signs in again finds what was typed.
  await page.context().clearCookies();
  await page.getByRole('spinbutton', { name: 'Quantité' }).fill('6');
  await page.keyboard.press('Enter');
  await page.getByLabel('Jeton d’accès').fill(await app.token('PLANNER', 'Sofia again'));
  await page.getByRole('button', { name: 'Se connecter', exact: true }).click();
  await page.getByLabel('Raison').waitFor();
  expect(await page.getByLabel('Raison').inputValue()).toBe('Rayon plein');
  await page.getByRole('button', { name: 'Valider' }).click();
  await row('Tent for two').getByText('proposé :').waitFor();
});

test('two planners: who decides second sees who was first, and nothing is ordered twice', async () => {
  const other = await openTablet(browser, app.url);
  await signIn(other, await app.token('PLANNER', 'Clara'));
  await openProposals(other.page);
  await row('Head lamp', other.page).first().waitFor();
  await page.goto('/planner#proposals?sort=article');
  await page.reload();
  const lamp = row('Head lamp').filter({ hasText: 'Lyon' });
  await lamp.waitFor();
  await row('Head lamp', other.page).first().click();
  await other.page.keyboard.press('a');
  await other.page.getByRole('button', { name: 'Approuver et créer' }).click();
  await other.page.getByText('Créé : 1 commande').waitFor();
  // Sofia edits it, and selects everything else with it.
  await lamp.locator('.cell-quantity').dblclick();
  await page.getByLabel('Raison').fill('Promotion');
  await page.keyboard.press('Enter');
  await lamp.getByText('Clara : commandée').waitFor();
  // Without a decision of her own she sees it when she comes back to the page.
  await row('Enamel mug', other.page).first().click();
  await other.page.keyboard.press('r');
  await other.page.getByLabel('Raison').fill('Stock suffisant');
  await other.page.keyboard.press('Enter');
  await other.page.getByText('1 proposition rejetée.').waitFor();
  await page.evaluate(`dispatchEvent(new Event('focus'))`);
  await row('Enamel mug').getByText('Clara : rejetée').waitFor();
  await page.getByRole('button', { name: 'Retirer les 2 lignes décidées par d’autres' }).click();
  await lamp.waitFor({ state: 'detached' });
  // Both have the same preview open; Clara confirms first.
  for (const one of [page, other.page]) {
    await row('Tent for two', one).first().click();
    await one.keyboard.press('a');
    await one.getByText('Commande Mer du Nord').waitFor();
  }
  await other.page.getByRole('button', { name: 'Approuver et créer' }).click();
  await other.page.getByText('Créé : 1 commande').waitFor();
  await page.getByRole('button', { name: 'Approuver et créer' }).click();
  await page.getByRole('dialog').getByText('Déjà commandée par Clara').waitFor();
  await look('planner-conflict');
  await page.keyboard.press('Escape');
  const orders = await app.db.rows<{ count: number }>(
    `SELECT count(*)::int FROM replenishment_proposal WHERE status = 'ORDERED' GROUP BY sku_id, location_id`,
  );
  expect(orders.every(({ count }) => count === 1)).toBe(true);
  expect(other.faults).toEqual([]);
  await other.context.close();
});

const SKUS = `INSERT INTO sku (code, name, category) SELECT 'X-' || i, 'Article ' || i, 'Outdoor/Light' FROM generate_series(1, 7000) i`;
const PROPOSALS = `
  INSERT INTO replenishment_proposal (id, location_id, sku_id, status, source, supplier_id, quantity_proposed, quantity,
    quantity_now, level, position, unit_cost_minor, currency, abc, lost_margin_minor, expected_on, cut_day, due_at, explanation,
    created_at)
  SELECT gen_random_uuid(), l.id, s.id, 'PROPOSED', 'SUPPLIER', o.supplier_id, n.i % 90 + 1, n.i % 90 + 1, n.i % 90 + 1, 100,
    10, 400, 'EUR', o.abc, (n.i * 7919) % 90001, o.expected_on, o.cut_day, o.due_at, o.explanation, o.created_at
  FROM sku s CROSS JOIN location l CROSS JOIN LATERAL (SELECT s.id * 3 + l.id AS i) n
  CROSS JOIN LATERAL (SELECT * FROM replenishment_proposal WHERE supplier_id IS NOT NULL ORDER BY id LIMIT 1) o
  WHERE s.code LIKE 'X-%' LIMIT $1`;
/** Milliseconds from a click or a scroll until the table shows other rows and the frame after is drawn; the fastest of some, without what the machine does beside. */
const measure = (act: string) => `(async () => {
  const first = () => document.querySelector('.is-data')?.textContent;
  const times = [];
  for (let i = 0; i < 7; i += 1) {
    const before = first();
    const begin = performance.now();
    ${act};
    while (first() === before) await new Promise((resolve) => setTimeout(resolve));
    document.querySelector('[role=grid]').getBoundingClientRect();
    times.push(performance.now() - begin);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return Math.min(...times);
})()`;

test('20,000 proposals are sorted and scrolled in less than 100 ms, with some rows in the document', async () => {
  await app.db.rows(`DELETE FROM replenishment_proposal WHERE status = 'PROPOSED'`);
  await app.db.rows(SKUS);
  await app.db.rows(PROPOSALS, [ROWS]);
  await page.goto('/planner#proposals');
  await page.reload();
  await page.getByText(/^20\s000 sur 20\s000/).waitFor({ timeout: 60_000 });
  const byQuantity = await page.evaluate<number>(
    measure(`document.querySelector('th.cell-quantity button').click()`),
  );
  const byArticle = await page.evaluate<number>(
    measure(`document.querySelector('th.cell-article button').click()`),
  );
  const scrolled = await page.evaluate<number>(
    measure(`document.querySelector('.grid').scrollTop += 52 * 3000`),
  );
  for (const ms of [byQuantity, byArticle, scrolled]) expect(ms).toBeLessThan(MOST_MS);
  expect(await page.locator('.is-data').count()).toBeLessThan(60);
  await page.getByRole('grid').focus();
  await page.keyboard.press('End');
  await page.locator('.is-focused[aria-rowindex="20001"]').waitFor();
  // More than the API takes at once is not sent.
  await page.keyboard.press('Control+a');
  await page.getByText(/20\s000 sélectionnées/).waitFor();
  await page.keyboard.press('a');
  await page.getByText(/Au plus 1\s000 à la fois/).waitFor();
  await page.keyboard.press('Escape');
});

test('every screen is accessible and fits, and the policy was never violated', () => {
  expect(looks).toEqual([]);
  expect(sofia.faults).toEqual([]);
});
