// The counter beside the queue, in a real browser: stock of an article, orders for customers who stand in the shop, and
// commands that wait on a tablet whose session was revoked or whose disk is full.

import type { Browser } from 'playwright-core';
import { freshKey, type Orders, ordersOn } from '../order/support';
import { START, startApp, type TestApp } from '../support/app';
import { lookAt, openBrowser, openTablet, type PageUnderTest, scan, until } from './browser';

jest.setTimeout(90_000);

const GTIN = { LAMP: '2000000000022', MUG: '2000000000046', SOCK: '2000000000039' };
const SESSIONS = 'query { mySessions { id revokedAt } }' as const;
const REVOKE =
  `mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { __typename } }` as const;
const PLACED = `SELECT o.channel, o.customer_name AS name, o.customer_phone AS phone, o.payment::text AS payment, o.status::text AS status
  FROM customer_order o ORDER BY o.placed_at DESC, o.id DESC`;

let app: TestApp;
let o: Orders;
let browser: Browser;
let tablet: PageUnderTest;
const looks: string[] = [];

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp({ SESSION_IDLE_MINUTES: '1440' }), openBrowser()]);
  o = await ordersOn(app);
  tablet = await openTablet(browser, app.url);
  await tablet.page.clock.setFixedTime(START);
  await o.stock('paris', [{ sku: 'LAMP', quantity: 3 }]);
  await o.stock('lyon', [
    { sku: 'LAMP', quantity: 4 },
    { sku: 'MUG', quantity: 5 },
  ]);
  await o.stock('depot', [{ sku: 'LAMP', quantity: 60 }]);
  await tablet.page.goto('/counter');
  await signIn();
  await tablet.page.getByText('Rien à préparer.').waitFor();
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

async function signIn(): Promise<void> {
  await tablet.page.getByLabel('Jeton d’accès').fill(o.paris);
  await tablet.page.getByRole('button', { name: 'Se connecter' }).click();
}
const look = async (screen: string) => looks.push(...(await lookAt(tablet.page, screen)));
const placedOrders = () =>
  app.db.rows<{ channel: string; name: string; phone: string | null; payment: string; status: string }>(
    PLACED,
  );
async function openStock(): Promise<void> {
  await tablet.page.getByRole('link', { name: 'Stock' }).click();
  await tablet.page.getByText('Scannez l’article, ou saisissez').waitFor();
}
async function fillCustomer(name: string, contact: string): Promise<void> {
  await tablet.page.getByLabel('Nom du client').fill(name);
  await tablet.page.getByLabel('Téléphone ou e-mail').fill(contact);
}
const reserve = () => tablet.page.getByRole('button', { name: 'Réserver', exact: true }).click();

test('an article by scan, by code and by name: here and in the nearest shops, with their distance', async () => {
  const { page } = tablet;
  await openStock();
  await scan(page, GTIN.LAMP);
  await page.getByText('disponibles ici, à Paris').waitFor();
  expect(await page.locator('.big-number').textContent()).toBe('3');
  expect(await page.locator('.shop-line').allTextContents()).toEqual([
    expect.stringMatching(/^Depot111 km · entrepôt60$/),
    expect.stringMatching(/^Lyon39\d km4$/),
  ]);
  await look('stock');
  const field = page.getByLabel('Code ou nom de l’article');
  await field.fill('outdoor');
  await page.keyboard.press('Enter');
  await page.getByText('Plusieurs articles correspondent').waitFor();
  await look('stock-names');
  await page.getByRole('link', { name: 'Tent for two' }).click();
  await page.getByText('disponible ici, à Paris').waitFor();
  expect(await page.locator('.big-number').textContent()).toBe('0');
  await page.getByText('Aucun autre magasin n’en a.').waitFor();
  expect(await page.getByRole('button', { name: 'Faire venir pour le client' }).isDisabled()).toBe(true);
  await field.fill('lamp');
  await page.keyboard.press('Enter');
  await page.getByText('disponibles ici, à Paris').waitFor();
  await field.fill('zzz');
  await page.keyboard.press('Enter');
  await page.getByText('Code inconnu : zzz.').waitFor();
  // The browser's button goes back to the article, which the address names.
  await page.reload();
  await page.getByText('Stock d’un article').waitFor();
});

test('reserved for the customer who stands here: a wrong number is named, and a lost answer does not order twice', async () => {
  const { page } = tablet;
  await scan(page, GTIN.LAMP);
  await page.getByRole('button', { name: 'Réserver pour le client' }).click();
  await page.getByRole('button', { name: '+1' }).click();
  await page.getByText('2 d’ici').waitFor();
  await fillCustomer('Jeanne Petit', '12');
  await reserve();
  await page.getByText('Ce n’est ni un numéro de téléphone').waitFor();
  await look('stock-order');
  await page.getByLabel('Téléphone ou e-mail').fill('06 12 34 56 78');
  // The server places the order, and its answer is lost three times.
  let lost = 0;
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('Jeanne')) return route.continue();
    if (lost >= 3) return route.continue();
    await route.fetch();
    lost += 1;
    return route.abort();
  });
  await reserve();
  await page.getByText('Pas de réponse du serveur').waitFor();
  await reserve();
  await page.getByRole('heading', { name: 'Jeanne Petit' }).waitFor();
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByRole('button', { name: 'Commencer la préparation' }).waitFor();
  expect(await placedOrders()).toEqual([
    {
      channel: 'STORE',
      name: 'Jeanne Petit',
      phone: '+33612345678',
      payment: 'PAY_IN_STORE',
      status: 'PLACED',
    },
  ]);
});

test('what another customer has taken meanwhile is refused, and the present stock shown', async () => {
  const { page } = tablet;
  await openStock();
  await scan(page, GTIN.LAMP);
  await page.getByText('disponible ici, à Paris').waitFor();
  await page.getByRole('button', { name: 'Réserver pour le client' }).click();
  await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] });
  await fillCustomer('Karim Benali', 'karim@example.com');
  await reserve();
  await page.getByText('Le stock vient de changer').waitFor();
  await until(async () => (await page.locator('.big-number').textContent()) === '0');
  expect((await placedOrders()).map(({ name }) => name)).not.toContain('Karim Benali');
  // It comes from the depot instead, as the dialog shows now.
  await page.getByText('1 par transfert').waitFor();
  await reserve();
  await page.getByRole('heading', { name: 'Karim Benali' }).waitFor();
  await page
    .getByText(/^Transfert d/)
    .first()
    .waitFor();
});

test('an article that only other shops have comes by transfer', async () => {
  const { page } = tablet;
  await openStock();
  await scan(page, GTIN.MUG);
  await page.getByRole('button', { name: 'Faire venir pour le client' }).click();
  await fillCustomer('Léa Simon', 'lea@example.com');
  await page.getByLabel('Déjà payé').check();
  await page.getByText('En stock : Lyon').waitFor();
  await reserve();
  await page.getByRole('heading', { name: 'Léa Simon' }).waitFor();
  expect((await placedOrders()).find(({ name }) => name === 'Léa Simon')).toMatchObject({
    payment: 'PAID',
    status: 'AWAITING_TRANSFER',
  });
  await tablet.context.setOffline(true);
  await openStock();
  await page.getByText('Hors ligne, le stock n’est pas connu.').waitFor();
  await tablet.context.setOffline(false);
});

test('a part is handed over: what is due follows, and the rest returns to the shelf', async () => {
  const { page } = tablet;
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 2 },
    { sku: 'SOCK-M', quantity: 1 },
  ]);
  const lines = [
    { sku: 'LAMP', quantity: 2 },
    { sku: 'SOCK-M', quantity: 1 },
  ];
  const customer = { name: 'Paul Robin', email: 'paul@example.com', contactChannel: 'EMAIL' };
  const order = (await o.ready(lines, { customer, payment: 'PAY_IN_STORE' }))!;
  const before = await o.level('paris', 'LAMP');
  await page.getByRole('link', { name: 'Paul Robin' }).click();
  await page.getByLabel('Code de retrait du client').fill(await o.code(order.id));
  await page.getByText('Paiement reçu : 72,70').waitFor();
  await page.getByLabel('Le client n’en prend qu’une partie').check();
  for (let i = 0; i < 2; i++) await page.getByRole('button', { name: 'moins : Head lamp' }).click();
  await page.getByRole('button', { name: 'moins : Wool socks' }).click();
  await page.getByRole('button', { name: 'Remettre la commande' }).click();
  await page.getByText('Rien n’est pris').waitFor();
  await page.getByRole('button', { name: 'plus : Head lamp' }).click();
  await page.getByLabel('Paiement reçu : 29,90').check();
  await page.getByLabel('Une autre personne retire').check();
  await page.getByLabel('Nom de la personne').fill('Rose Robin');
  await look('handover-part');
  await page.getByRole('button', { name: 'Remettre la commande' }).click();
  await page.getByText('Remise', { exact: true }).waitFor();
  expect(await o.see(order.id, 'collectedBy lines { collected cancelled }')).toEqual({
    collectedBy: 'Rose Robin',
    lines: [
      { collected: 1, cancelled: 1 },
      { collected: 0, cancelled: 1 },
    ],
  });
  expect((await o.level('paris', 'LAMP')).available).toBe(before.available! + 1);
});

async function pickedOffline(name: string) {
  const { page, context } = tablet;
  await o.stock('paris', [{ sku: 'SOCK-M', quantity: 2 }]);
  const customer = { name, email: `${freshKey()}@example.com`, contactChannel: 'EMAIL' };
  const lines = [{ sku: 'SOCK-M', quantity: 2 }];
  const { order } = await o.place({ location: 'paris', lines, customer });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  await page.getByRole('link', { name }).click();
  await page.getByPlaceholder('Scannez un article').waitFor();
  await context.setOffline(true);
  await page.getByText('Hors ligne', { exact: false }).first().waitFor();
  return order;
}
const staged = async (id: string) => (await o.see(id, 'lines { staged }')).lines[0].staged;

test('the label of a staged order has its shelf, number and initials, and no code; its QR code opens the order', async () => {
  const { page } = tablet;
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  const customer = { name: 'Zoé Le-Goff', email: 'zoe@example.com', contactChannel: 'EMAIL' };
  const order = (await o.ready([{ sku: 'LAMP', quantity: 1 }], { customer }))!;
  await page.getByRole('link', { name: 'Zoé Le-Goff' }).click();
  await page.getByRole('link', { name: 'Étiquette du colis' }).click();
  const label = page.locator('.label');
  await label.getByText('shelf 7').waitFor();
  await label.getByText('Z. L. G.').waitFor();
  expect(await label.textContent()).not.toMatch(new RegExp(`Zoé|${await o.code(order.id)}`));
  await look('label');
  // On paper there is the label alone.
  await page.emulateMedia({ media: 'print' });
  expect(await page.evaluate('document.body.innerText.trim()')).toMatch(
    /^shelf 7\s+Z. L. G.\s+C-\S+\s+1 article/,
  );
  await page.emulateMedia({ media: null });
  await scan(page, order.number);
  await page.getByRole('heading', { name: 'Zoé Le-Goff' }).waitFor();
});

test('a session that was revoked while the tablet was offline loses nothing of the outbox', async () => {
  const { page, context } = tablet;
  const order = await pickedOffline('Marc Olivier');
  for (let i = 0; i < 2; i++) await scan(page, GTIN.SOCK);
  await page.getByRole('button', { name: 'Envois, 2 en attente d’envoi' }).waitFor();
  for (const { id: session, revokedAt } of (await app.gql(o.paris, SESSIONS)).data.mySessions!) {
    if (revokedAt === null)
      await app.gql(o.paris, REVOKE, { input: { session, idempotencyKey: freshKey() } });
  }
  await context.setOffline(false);
  await page.getByText('Votre session est terminée').waitFor();
  expect(await staged(order.id)).toBe(0);
  // Neither does the tab that is closed meanwhile.
  await page.reload();
  await signIn();
  await until(async () => (await staged(order.id)) === 2);
  await page.getByRole('button', { name: 'Envois', exact: true }).waitFor();
});

test('a full disk refuses the tap with a message, and nothing pretends to be done', async () => {
  const { page, context } = tablet;
  const order = await pickedOffline('Nora Klein');
  await page.evaluate(`globalThis.realPut = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };`);
  await scan(page, GTIN.SOCK);
  await page.locator('.scan-answer.wrong', { hasText: 'Cet appareil ne peut plus rien' }).waitFor();
  await page.locator('.notice', { hasText: 'Cet appareil ne peut plus rien' }).waitFor();
  await page.getByText('0/2').waitFor();
  await page.getByRole('button', { name: 'Envois', exact: true }).waitFor();
  await page.getByRole('button', { name: 'J’ai compris' }).click();
  await page.evaluate('IDBObjectStore.prototype.put = realPut');
  for (let i = 0; i < 2; i++) await scan(page, GTIN.SOCK);
  await page.getByText('2/2').waitFor();
  await context.setOffline(false);
  await until(async () => (await staged(order.id)) === 2);
});

test('a wave: two orders in one walk, each unit into the box of its order, offline too', async () => {
  const { page, context } = tablet;
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 2 },
    { sku: 'SOCK-M', quantity: 1 },
  ]);
  const customer = (name: string) => ({ name, email: `${freshKey()}@example.com`, contactChannel: 'EMAIL' });
  const place = async (name: string, skus: string[]) => {
    const lines = skus.map((sku) => ({ sku, quantity: 1 }));
    return (await o.place({ location: 'paris', lines, customer: customer(name) })).order;
  };
  const first = await place('Ugo Vidal', ['LAMP', 'SOCK-M']);
  const second = await place('Vera Weiss', ['LAMP']);
  await page.getByRole('link', { name: 'Préparer plusieurs commandes' }).click();
  await page.getByLabel('Vera Weiss').waitFor();
  await look('wave-choice');
  for (const name of ['Jeanne Petit', 'Anne Martin']) await page.getByLabel(name).uncheck();
  await page.getByRole('button', { name: 'Préparer 2 commandes ensemble' }).click();
  await page.getByText('A × 1').first().waitFor();
  await context.setOffline(true);
  await page.getByText('Hors ligne').first().waitFor();
  for (const box of ['A', 'B']) {
    await scan(page, GTIN.LAMP);
    await page.getByText(`Dans le bac ${box}`).waitFor();
  }
  await scan(page, GTIN.LAMP);
  await page.getByText('Head lamp est déjà complet.').waitFor();
  // The tab is closed in between: the wave goes on.
  await page.reload();
  await page.getByRole('link', { name: 'B Vera Weiss Complet : à ranger' }).waitFor();
  await look('wave');
  await scan(page, GTIN.SOCK);
  await page.getByText('Tout est prélevé.').waitFor();
  await context.setOffline(false);
  await until(async () => (await staged(second.id)) === 1);
  await until(async () =>
    (await o.see(first.id, 'lines { staged }')).lines.every((line) => line.staged === 1),
  );
  await page.getByRole('link', { name: 'B Vera Weiss' }).click();
  await page.getByLabel('Où rangez-vous la commande ?').waitFor();
});

test('the day of the shop: kept promises, waits, short picks and orders by state, beside those of a week ago', async () => {
  const { page } = tablet;
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  const { id } = (await o.ready([{ sku: 'LAMP', quantity: 1 }]))!;
  await o.act(o.web, 'imHere', { order: id });
  app.wait(4);
  await o.act(o.paris, 'collectOrder', { order: id, code: await o.code(id) });
  // After the promised times of today.
  app.wait(6 * 60);
  await page.clock.setFixedTime(app.parts.clock());
  await page.getByRole('link', { name: 'Journée' }).click();
  const row = (name: string) => page.getByRole('row', { name });
  await row('Attente au comptoir').getByText('4 min', { exact: true }).waitFor();
  await row('Promesses tenues').getByText('33 %').waitFor();
  await row('Promesses tenues').getByText('3 sur 9').waitFor();
  await row('Articles introuvables').getByText('0 sur 4').waitFor();
  expect(await row('Remise').locator('.large').allTextContents()).toEqual(['2', '0']);
  await look('day');
  await page.getByRole('button', { name: 'Jour suivant' }).click();
  await page.getByText('jeudi 26 novembre').first().waitFor();
  await row('Attend un transfert').getByText('2', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Jour précédent' }).click();
  await page.getByText('Aujourd’hui').waitFor();
});

test('every screen is accessible and fits, and the policy was never violated', () => {
  expect(looks).toEqual([]);
  expect(tablet.faults).toEqual([]);
});
