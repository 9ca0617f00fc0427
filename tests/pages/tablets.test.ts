// A shared tablet in real browsers: a manager enrols it with a QR code, people sign in with PINs and alternate, and it is revoked.

import type { Browser, Page } from 'playwright-core';
import { goodPin, Tablets } from '../access/tabletSupport';
import { ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { lookAt, openBrowser, openTablet, type PageUnderTest } from './browser';

jest.setTimeout(90_000);

let app: TestApp;
let browser: Browser;
let desktop: PageUnderTest;
let tablet: PageUnderTest;
const looks: string[] = [];

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp(), openBrowser()]);
  const tablets = new Tablets(app);
  await app.token('STAFF', 'Anna', ['paris']);
  await tablets.withPin('Boris', goodPin(1));
  [desktop, tablet] = [await openTablet(browser, app.url), await openTablet(browser, app.url)];
  await desktop.page.goto('/tablets');
  await desktop.page.getByLabel('Jeton d’accès').fill(await tablets.manager('Mona'));
  await desktop.page.getByRole('button', { name: 'Se connecter' }).click();
  await desktop.page.getByRole('heading', { name: 'Tablettes et codes PIN' }).waitFor();
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

/** Taps the digits of a PIN on the pad. */
async function tap(page: Page, pin: string): Promise<void> {
  for (const digit of pin) await page.getByRole('button', { name: digit, exact: true }).click();
  await page.getByRole('button', { name: 'Valider' }).click();
}
const choose = (name: string) => tablet.page.getByRole('button', { name }).click();
const atCounter = () => tablet.page.getByRole('button', { name: 'Réglages' });
async function signOut(): Promise<void> {
  await atCounter().click();
  await tablet.page.getByRole('button', { name: 'Se déconnecter' }).click();
  await tablet.page.getByRole('heading', { name: 'Qui êtes-vous ?' }).waitFor();
}

test('a manager shows a QR code, and the tablet that opens its address is enrolled', async () => {
  const { page } = desktop;
  await page.getByText('Aucune tablette n’est enregistrée.').waitFor();
  await page.getByLabel('Nom de la tablette').fill('Comptoir gauche');
  await page.getByRole('button', { name: 'Créer un QR code' }).click();
  await page.getByRole('img', { name: 'Ouvrez l’appareil photo' }).waitFor();
  looks.push(...(await lookAt(page, 'tablets-enrolment')));
  const address = (await page.getByText(/#enrol=/).textContent())!;
  await tablet.page.goto(address);
  await tablet.page.getByRole('heading', { name: 'Qui êtes-vous ?' }).waitFor();
  // The code is used up, and not in the address any more.
  expect(tablet.page.url()).toBe(`${app.url}/counter`);
  await page.getByText('La tablette est enregistrée.').waitFor();
  await page.keyboard.press('Escape');
  looks.push(...(await lookAt(tablet.page, 'tablet-people')));
  const stranger = await openTablet(browser, app.url);
  await stranger.page.goto(address);
  await stranger.page.getByText('Ce code a déjà servi').waitFor();
});

test('a person replaces the start PIN of the manager, and works', async () => {
  await choose('Anna');
  await tap(tablet.page, '4711');
  await tablet.page.getByText('Demandez un code de départ').waitFor();
  await desktop.page.getByRole('button', { name: 'Donner un code de départ à Anna' }).click();
  const pin = (await desktop.page.locator('.start-pin').textContent())!;
  looks.push(...(await lookAt(desktop.page, 'tablets-start-pin')));
  await desktop.page.keyboard.press('Escape');
  await tap(tablet.page, pin);
  await tablet.page.getByText('Choisissez votre code PIN').waitFor();
  await tap(tablet.page, goodPin(2));
  await tap(tablet.page, goodPin(3));
  await tablet.page.getByText('Les deux saisies diffèrent').waitFor();
  for (const chosen of ['123456', '123456']) await tap(tablet.page, chosen);
  await tablet.page.getByText('Trop facile à deviner').waitFor();
  // With the keys of a keyboard as well.
  for (const label of ['Choisissez votre code PIN', 'Saisissez-le encore une fois']) {
    await tablet.page.getByText(label).waitFor();
    await tablet.page.keyboard.type(goodPin(2));
    await tablet.page.keyboard.press('Enter');
  }
  await atCounter().waitFor();
});

test('two people alternate on it, and each act is of its person', async () => {
  const orders = await ordersOn(app);
  await orders.stock('paris', [{ sku: 'MUG', quantity: 5 }]);
  for (const [name, pin] of [
    ['Boris', goodPin(1)],
    ['Anna', goodPin(2)],
  ] as const) {
    await signOut();
    await choose(name);
    await tap(tablet.page, pin);
    await atCounter().waitFor();
    const customer = { name: `Customer of ${name}`, email: `${name}@example.com`, contactChannel: 'EMAIL' };
    const { order } = await orders.place({
      location: 'paris',
      lines: [{ sku: 'MUG', quantity: 1 }],
      customer,
    });
    await tablet.page.getByRole('link', { name: customer.name }).click();
    await tablet.page.getByRole('button', { name: 'Commencer la préparation' }).click();
    await tablet.page.getByPlaceholder('Scannez un article').waitFor();
    await tablet.page.getByRole('button', { name: 'Envois', exact: true }).waitFor();
    for (let i = 0; i < 200 && (await orders.see(order.id, 'status')).status !== 'PICKING'; i += 1) {
      await tablet.page.waitForTimeout(20);
    }
  }
  const rows = await app.db.rows<{ name: string }>(
    `SELECT a.name FROM command c JOIN actor a ON a.id = c.actor_id WHERE c.action = 'startPicking' ORDER BY c.id`,
  );
  expect(rows.map(({ name }) => name)).toEqual(['Boris', 'Anna']);
});

test('after wrong PINs it is locked, with what to do; the manager unlocks it', async () => {
  await signOut();
  await choose('Boris');
  await tap(tablet.page, '9');
  await tablet.page.getByText('Code PIN incorrect. Encore 4 essais.').waitFor();
  looks.push(...(await lookAt(tablet.page, 'tablet-pin')));
  for (const left of ['3 essais', '2 essais', '1 essai']) {
    await tap(tablet.page, '9');
    await tablet.page.getByText(`Encore ${left}.`).waitFor();
  }
  await tap(tablet.page, '9');
  await tablet.page.getByText('Code PIN bloqué après trop d’essais').waitFor();
  await tablet.page.keyboard.press('Escape');
  await tablet.page.getByText('demandez à votre responsable de le débloquer').waitFor();
  const { page } = desktop;
  await page.reload();
  await page.getByText('Code PIN bloqué').waitFor();
  looks.push(...(await lookAt(page, 'tablets')));
  await page.getByRole('button', { name: 'Débloquer le code PIN de Boris' }).click();
  await page.getByText('Code PIN bloqué').waitFor({ state: 'detached' });
  await choose('Boris');
  await tap(tablet.page, goodPin(1));
  await atCounter().waitFor();
});

test('a tablet that is revoked signs its person out, and offers no PIN', async () => {
  const { page } = desktop;
  await page.getByRole('button', { name: 'Révoquer la tablette Comptoir gauche' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Révoquer' }).click();
  await page.getByText('Aucune tablette n’est enregistrée.').waitFor();
  await tablet.page.reload();
  await tablet.page.getByLabel('Jeton d’accès').waitFor();
  expect(await tablet.page.getByRole('button', { name: 'Boris' }).count()).toBe(0);
});

test('a manager sets the own PIN', async () => {
  const { page } = desktop;
  await page.getByLabel('Nouveau code PIN').fill('198701');
  await page.getByRole('button', { name: 'Enregistrer' }).click();
  await page.getByText('Trop facile à deviner').waitFor();
  await page.getByLabel('Nouveau code PIN').fill(goodPin(5));
  await page.getByRole('button', { name: 'Enregistrer' }).click();
  await page.getByText('Votre code PIN est enregistré.').waitFor();
});

test('every screen is accessible and fits, and the policy was never violated', () => {
  expect(looks).toEqual([]);
  expect([...desktop.faults, ...tablet.faults]).toEqual([]);
});
