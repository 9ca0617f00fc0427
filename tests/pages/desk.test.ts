// The desk in a real browser: an agent's call by keyboard alone, every way to search, the acts that are suggested, and what data stewards do.

import type { Browser, Page } from 'playwright-core';
import { encodeGlobalID } from '../../src/graphql/ids';
import { operationIds } from '../../src/server/pages/operations';
import { CONTEXT, mailOf, servedOn } from '../contact/served';
import { contactsOn, email, line } from '../contact/support';
import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { accessibilityFaults, lookAt, openBrowser, openTablet, type PageUnderTest } from './browser';

jest.setTimeout(120_000);

const SCREEN = { width: 1280, height: 800 };
const MAX_GZIP_BYTES = 70_000;

let app: TestApp;
let browser: Browser;
let on: Awaited<ReturnType<typeof servedOn>>;
let contacts: Awaited<ReturnType<typeof contactsOn>>;
let agent: PageUnderTest;
let steward: PageUnderTest;
let lateNumber: string;
let customerId: string;
const looks: string[] = [];

const minutesAgo = (minutes: number): string =>
  new Date(app.parts.clock().getTime() - minutes * 60_000).toISOString();

const RECORD =
  `mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { __typename } }` as const;

/** Anne: a late order, a ready one, goods that she may return, contacts on three channels, and a call that was promised. */
async function fillAnne(): Promise<void> {
  const { people, orders } = on;
  await on.shop('bercy', 48.8396, 2.3826);
  const skus = ['MUG', 'LAMP', 'SOCK-M'];
  await orders.stock(
    'paris',
    skus.map((sku) => ({ sku, quantity: 10 })),
  );
  const collected = await orders.ready(skus.map((sku) => ({ sku, quantity: 2 })));
  await orders.act(orders.paris, 'collectOrder', {
    ...{ order: collected.id, code: await orders.code(collected.id) },
  });
  await on.owns('anne', collected.number, 'ORDER_COLLECTED');
  const late = await on.lateOrder('anne');
  lateNumber = late.number;
  await on.stock('bercy', [{ sku: 'TENT-2', quantity: 3 }]);
  const ready = await orders.ready([{ sku: 'MUG', quantity: 1 }]);
  await on.owns('anne', ready.number);
  await app.db.rows('UPDATE customer_order SET code_attempts = 5 WHERE number = $1', [ready.number]);
  const facts = { firstName: 'Anne', surname: 'Martin', postalCode: '75012', city: 'Paris', language: 'fr' };
  await people.record(
    {
      ...{ person: facts, channel: 'ONLINE' },
      identifiers: [
        people.seen('EMAIL', mailOf('anne'), 0),
        people.seen('PHONE', '+33612345678', 0),
        people.seen('LOYALTY_CARD', '7755', 0),
        people.seen('HELP_DESK_CONTACT', '77', 0, 'chatwoot'),
      ],
    },
    { identifiers: [people.seen('EMAIL', mailOf('anne'), 0), people.seen('RECEIPT', 'T-1', 0)] },
    {
      person: { firstName: 'Anne', surname: 'Martin', postalCode: '59000', city: 'Lille' },
      identifiers: [people.seen('EMAIL', 'other.anne@example.com')],
    },
    { identifiers: [people.seen('EMAIL', 'third@example.com')] },
  );
  const late1 = { orderNumber: lateNumber, topic: 'LATE_ORDER', identifiers: [email(mailOf('anne'))] };
  await contacts.ingest(
    [
      line('i-1', { ...late1, channel: 'INSTAGRAM', at: minutesAgo(300) }),
      line('m-1', { ...late1, channel: 'EMAIL', at: minutesAgo(260), state: 'RESOLVED' }),
      ...Array.from({ length: 5 }, (_, i) =>
        line(`f-${i}`, { ...late1, channel: 'FORM', at: minutesAgo(400 + i) }),
      ),
    ],
    'chatwoot',
  );
  await contacts.ingest(
    [
      line('t-1', {
        ...{ ...late1, channel: 'PHONE', at: minutesAgo(200), stateAt: minutesAgo(199), handler: 'phone:1' },
        ...{ promise: 'CALL_BACK', promisedFor: minutesAgo(90) },
      }),
    ],
    'phone',
  );
  const consents = ['EMAIL', 'SMS', 'PHONE'].flatMap((channel) =>
    ['MARKETING', 'SURVEY'].map((purpose) => ({
      ...{ purpose, channel, textVersion: '1' },
      address: channel === 'EMAIL' ? { email: mailOf('anne') } : { phone: '+33612345678' },
    })),
  );
  await app.gql(on.agent, RECORD, { input: { idempotencyKey: freshKey(), consents } });
  const { data } = await app.gql(on.agent, CONTEXT, { by: { email: mailOf('anne') } });
  customerId = data.customerContext!.customer.id;
}

async function signIn({ page }: PageUnderTest, token: string, address = '/desk'): Promise<void> {
  await page.setViewportSize(SCREEN);
  await page.goto(address);
  await page.getByLabel('Jeton d’accès').fill(token);
  await page.getByRole('button', { name: 'Se connecter' }).click();
}

let agentToken: string;

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp(), openBrowser()]);
  on = await servedOn(app);
  contacts = await contactsOn(app);
  agentToken = await app.token('AGENT', 'Nadia');
  await fillAnne();
  [agent, steward] = [await openTablet(browser, app.url), await openTablet(browser, app.url)];
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

const look = async (page: Page, screen: string) => {
  looks.push(...(await lookAt(page, screen)));
  await page.setViewportSize(SCREEN);
};
const search = async (page: Page, text: string) => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
};
/** Presses Tab until a control with this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate('document.activeElement.textContent.trim()')) === name) return;
  }
  throw new Error(`no Tab leads to ${name}`);
}

/** Lets the server execute the next command with this name, and loses its answer. */
async function loseAnswer(page: Page, operation: string): Promise<void> {
  const id = operationIds('desk')[operation]!;
  let isLost = false;
  await page.route('**/graphql', async (route) => {
    if (isLost || !route.request().postData()?.includes(id)) return route.fallback();
    isLost = true;
    await route.fetch();
    return route.abort();
  });
}

test('the first page leads an agent to the desk', async () => {
  const { page } = agent;
  await signIn(agent, agentToken, '/');
  await page.getByRole('link', { name: 'Le service client' }).click();
  await page.getByRole('heading', { name: 'Qui est au bout du fil ?' }).waitFor();
});

test('a call by keyboard alone: a name with typing errors, who it is on one screen, and a transfer', async () => {
  const { page } = agent;
  await page.keyboard.type('Ane Martim');
  await page.keyboard.press('Enter');
  await page.getByText('2 personnes possibles').waitFor();
  await page.getByRole('button', { name: '75012 Paris' }).waitFor();
  const isLille = ((await page.evaluate('document.activeElement.textContent')) as string).includes('Lille');
  if (isLille) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Anne Martin' }).waitFor();
  await page.getByRole('button', { name: 'Transférer' }).waitFor();
  for (const text of [
    ...['Tout l’historique', '75012 Paris', 'vérifiés', mailOf('anne'), '+33612345678', lateNumber],
    ...['45 min de retard', 'Prête, attend le client', 'Promis : rappeler', '2 × Enamel mug'],
    ...['Instagram', 'Téléphone', 'français', 'Enquêtes', 'Débloquer le code'],
  ]) {
    expect([text, await page.getByText(text).count()]).not.toEqual([text, 0]);
  }
  await look(page, 'desk-customer');
  const bottom = await page.evaluate(`[scrollY, ...[...document.querySelectorAll('.overview *')]
    .map((node) => Math.ceil(node.getBoundingClientRect().bottom))].reduce((a, b) => Math.max(a, b))`);
  expect(bottom).toBeLessThanOrEqual(SCREEN.height);
  await page.screenshot({ path: `${__dirname}/screenshots/desk-1280x800.png` });
  await tabTo(page, 'Transférer');
  await page.keyboard.press('Enter');
  await page.getByText('Crée un transfert de Shop vers Paris.').waitFor();
  await tabTo(page, 'Confirmer');
  await loseAnswer(page, 'createTransfer');
  await page.keyboard.press('Enter');
  await page.getByText('Le transfert est créé').waitFor();
  const [made] = await app.db.rows<{ n: number }>(
    `SELECT count(*)::int AS n FROM command WHERE action = 'createTransfer'`,
  );
  expect(made).toEqual({ n: 1 });
  await page.getByRole('button', { name: 'Transférer' }).waitFor({ state: 'detached' });
  const lookups = await app.db.rows<{ field: string }>(
    `SELECT DISTINCT l.field FROM customer_lookup l JOIN actor a ON a.id = l.actor_id WHERE a.name = 'Nadia' ORDER BY 1`,
  );
  expect(lookups.map(({ field }) => field)).toEqual([
    'customerContext',
    'customerTimeline',
    'customersByName',
  ]);
});

test('a promised call is noted, and a session that ends midway loses nothing typed', async () => {
  const { page } = agent;
  await page.getByRole('button', { name: 'Rappeler et noter' }).click();
  await page.getByRole('dialog').getByText('+33612345678').waitFor();
  await page.getByLabel('Le problème est réglé').check();
  looks.push(...(await accessibilityFaults(page)));
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await page.getByText('Le contact est noté.').waitFor();
  await page.getByText('Promis : rappeler').first().waitFor();
  const note = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Noter un contact' }).click();
  await note.getByLabel('Sujet').selectOption({ label: 'réclamation' });
  await note.getByLabel('Promesse').selectOption({ label: 'rembourser' });
  await note.getByLabel('Pour quand').fill('2026-12-01T10:00');
  // The session's cookie is gone, as when it has expired.
  await agent.context.clearCookies();
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await page.getByLabel('Jeton d’accès').fill(agentToken);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByRole('heading', { name: 'Anne Martin' }).waitFor();
  await page.getByRole('button', { name: 'Noter un contact' }).click();
  expect(await page.getByLabel('Sujet').inputValue()).toBe('COMPLAINT');
  expect(await page.getByLabel('Pour quand').inputValue()).toBe('2026-12-01T10:00');
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await page.getByText('Promis : rembourser').first().waitFor();
});

test('one box finds by mail, telephone, card, receipt and order; nobody is nobody, and what is wrong is said', async () => {
  const { page } = agent;
  for (const typed of [
    mailOf('anne').toUpperCase(),
    '06 12 34 56 78',
    '7755',
    't-1',
    lateNumber.toLowerCase(),
  ]) {
    await search(page, 'Zz Nobody');
    await page.getByText('Personne n’est connu ainsi.').waitFor();
    await search(page, typed);
    await page.getByRole('heading', { name: 'Anne Martin' }).waitFor();
  }
  await search(page, '99887766');
  await page.getByText('Cherché comme : carte de fidélité, ticket, commande.').waitFor();
  await search(page, 'anne@');
  await page.getByText('is not an e-mail address').waitFor();
});

test('the address names the customer, the contact of a help desk or the order', async () => {
  const { page } = agent;
  for (const hash of ['contact=chatwoot:77', `order=${lateNumber}`, `customer=${customerId}`]) {
    await page.goto('/desk#contact=nobody:0');
    await page.getByText('Personne n’est connu ainsi.').waitFor();
    await page.goto(`/desk#${hash}`);
    await page.getByRole('heading', { name: 'Anne Martin' }).waitFor();
  }
  await search(page, 'other.anne@example.com');
  await page.getByText('59000 Lille').waitFor();
  await page.goBack();
  await page.getByText('75012 Paris').first().waitFor();
});

test('a consent is recorded, and the timeline is read in pages', async () => {
  const { page } = agent;
  await page.getByRole('button', { name: 'Noter un choix' }).click();
  await page.getByLabel('À propos de').selectOption({ label: 'Publicité' });
  looks.push(...(await accessibilityFaults(page)));
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await page.getByText('Le choix est noté.').waitFor();
  const decided = page.getByRole('region', { name: 'Consentements' });
  await decided.getByText('tous canaux').waitFor();
  await decided.getByText('non', { exact: true }).waitFor();
  const many = Array.from({ length: 30 }, (_, i) => ({
    ...{ at: new Date(Date.parse(minutesAgo(9_000 + i))), channel: 'CHAT' },
    identifiers: [on.people.seen('EMAIL', mailOf('anne'), 0)],
  }));
  await on.people.record(...many);
  await page.reload();
  const lines = page.getByRole('region', { name: 'Tout l’historique' }).getByRole('listitem');
  await page.getByRole('button', { name: 'Lire la suite' }).click();
  for (let i = 0; i < 100 && (await lines.count()) < 40; i += 1) await page.waitForTimeout(20);
  expect(await lines.count()).toBe(40);
});

test('an agent has no acts of data stewards', async () => {
  const { page } = agent;
  expect(await page.getByRole('button', { name: 'Effacer…' }).count()).toBe(0);
  expect(await page.getByText('Rapprochements à décider').count()).toBe(0);
});

const PROPOSE = `
  INSERT INTO link_proposal (id, low_id, high_id, bits, evidence, status, proposed_at, due_at)
  SELECT gen_random_uuid(), least(a.id, b.id), greatest(a.id, b.id), CASE WHEN b.value LIKE 'third%' THEN 3.9 ELSE 3.2 END, $3::jsonb, 'PROPOSED', now(), now()
  FROM identifier a, identifier b WHERE a.value = $1 AND b.value = $2 RETURNING id`;
const DECIDE = `mutation ($input: DecideLinkProposalsInput!) {
  decideLinkProposals(input: $input) { __typename } }` as const;
const EVIDENCE = JSON.stringify([
  { attribute: 'prior', agreement: 'any two records', bits: -12 },
  { attribute: 'forename', agreement: 'same', bits: 6.1 },
  { attribute: 'surname', agreement: 'same', bits: 10.4 },
  { attribute: 'postcode', agreement: 'differs', bits: -1.3 },
]);

test('a data steward joins by a proposal, splits, exports and erases', async () => {
  const { page } = steward;
  const ids: string[] = [];
  for (const other of ['other.anne@example.com', 'third@example.com']) {
    const [row] = await app.db.rows<{ id: string }>(PROPOSE, [mailOf('anne'), other, EVIDENCE]);
    ids.push(encodeGlobalID('LinkProposal', row!.id));
  }
  await signIn(steward, await app.token('DATA_STEWARD', 'Paul'));
  await page.getByText('9 contre 1 que ce soit la même personne').waitFor();
  await look(page, 'desk-proposals');
  const card = (odds: string) => page.getByRole('listitem').filter({ hasText: odds });
  // A colleague was first.
  const decisions = [{ proposal: ids[1]!, decision: 'REJECT' as const }];
  const input = { idempotencyKey: freshKey(), decisions, reason: 'not alike' };
  await app.gql(await app.token('DATA_STEWARD', 'Zoé'), DECIDE, { input });
  const decided = card('15 contre 1');
  await decided.getByLabel('Motif de la décision').fill('même adresse');
  await decided.getByRole('button', { name: 'Même personne' }).click();
  await decided.getByRole('alert').filter({ hasText: 'Déjà décidé' }).waitFor();
  // Enter in the field decides nothing.
  const open = card('9 contre 1');
  await open.getByLabel('Motif de la décision').fill('même adresse, vérifiée par téléphone');
  await open.getByLabel('Motif de la décision').press('Enter');
  await open.getByRole('button', { name: 'Même personne' }).click();
  await page.getByText('Réunies : une seule fiche.').waitFor();
  await search(page, mailOf('anne'));
  await page.getByRole('button', { name: 'Séparer…' }).click();
  await page.getByRole('dialog').getByLabel('other.anne@example.com').check();
  await page.getByLabel('Pourquoi').fill('une autre Anne');
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await page.getByText('Les deux personnes sont séparées.').waitFor();
  // Stewards note contacts, but change no orders.
  expect(await page.getByRole('button', { name: 'Transférer' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Réunir…' }).click();
  await page.getByLabel('de l’autre fiche').fill('nobody@example.com');
  await page.keyboard.press('Enter');
  await page.getByText('Aucune autre fiche n’est connue ainsi.').waitFor();
  await page.getByLabel('de l’autre fiche').fill('third@example.com');
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: 'third@example.com' }).waitFor();
  looks.push(...(await accessibilityFaults(page)));
  await page.getByLabel('Pourquoi').fill('elle l’a confirmé');
  await page.keyboard.press('Enter');
  await page.getByText('Les deux fiches n’en font plus qu’une.').waitFor();
  await search(page, 'other.anne@example.com');
  await page.getByText('59000 Lille').waitFor();
  await page.getByRole('button', { name: 'Exporter' }).click();
  await page.getByText('L’export est demandé').waitFor();
  await page.getByText('en préparation').waitFor();
  await look(page, 'desk-steward');
  await page.getByRole('button', { name: 'Effacer…' }).click();
  const erase = page.getByRole('dialog').getByRole('button', { name: 'Effacer cette personne' });
  expect(await erase.isDisabled()).toBe(true);
  await page.getByLabel('Je l’ai vérifié : c’est définitif').check();
  await erase.click();
  await page.getByText('La personne est effacée.').waitFor();
  await search(page, 'other.anne@example.com');
  await page.getByText('Personne n’est connu ainsi.').waitFor();
});

test('who is neither an agent nor a steward is turned away', async () => {
  const other = await openTablet(browser, app.url);
  await signIn(other, await app.token('PLANNER', 'Sofia'));
  await other.page.getByText('Cette page est réservée au service client').waitFor();
});

test('the page has at most 70 kB', async () => {
  const html = await (await fetch(`${app.url}/desk`)).text();
  const paths = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
  const sizes = await Promise.all(
    ['/desk', ...paths].map(async (path) => {
      const response = await fetch(`${app.url}${path}`, { headers: { 'accept-encoding': 'gzip' } });
      return Number(response.headers.get('content-length'));
    }),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(paths).toHaveLength(2);
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThanOrEqual(MAX_GZIP_BYTES);
});

test('every screen is accessible and fits, and the policy was never violated', () => {
  expect(looks).toEqual([]);
  expect([...agent.faults, ...steward.faults]).toEqual([]);
});
