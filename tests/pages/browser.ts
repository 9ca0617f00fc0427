// A real Chromium for the tests of pages: the one of a package, or an installed one (CHROME_PATH).

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import packagedChromium from '@sparticuz/chromium';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const SHOTS = join(__dirname, 'screenshots');

/** Arguments of the package: a browser of one process is unstable, and one without web security sends no `Origin`. */
const UNWANTED = ['--single-process', '--disable-web-security'];

/** A headless browser; close it at the end of the file. */
export async function openBrowser(): Promise<Browser> {
  const installed = process.env.CHROME_PATH;
  return chromium.launch({
    executablePath: installed ?? (await packagedChromium.executablePath()),
    args: installed === undefined ? packagedChromium.args.filter((one) => !UNWANTED.includes(one)) : [],
    headless: true,
  });
}

/** Sizes of screens, and with which language and colours each is looked at. */
const LOOKS = [
  { name: 'phone-fr-light', width: 390, height: 844, language: 'fr', colorScheme: 'light', hasAxe: true },
  { name: 'phone-en-dark', width: 390, height: 844, language: 'en', colorScheme: 'dark', hasAxe: false },
  { name: 'tablet-fr-dark', width: 1024, height: 768, language: 'fr', colorScheme: 'dark', hasAxe: true },
  // Half of the width: what a person sees at 200 % on a telephone in landscape.
  { name: 'zoomed-fr-light', width: 320, height: 480, language: 'fr', colorScheme: 'light', hasAxe: false },
  { name: 'desktop-en-light', width: 1440, height: 900, language: 'en', colorScheme: 'light', hasAxe: false },
] as const;
/** A tablet in the hand; journeys run on it. */
const TABLET = { width: 1024, height: 768 };

export interface PageUnderTest {
  page: Page;
  context: BrowserContext;
  /** What the browser reported: errors of scripts, and what the content security policy refused. */
  faults: string[];
}

/** A tablet with its own storage. Its faults are collected; expect none at the end. */
export async function openTablet(browser: Browser, baseURL: string): Promise<PageUnderTest> {
  const context = await browser.newContext({ baseURL, viewport: TABLET, locale: 'fr-FR', hasTouch: true });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted ?(Type|Script)/i.test(message.text())) faults.push(message.text());
  });
  // Longer than a request of the page that gets no answer takes until it is given up.
  page.setDefaultTimeout(25_000);
  return { page, context, faults };
}

// Expressions that the page evaluates are texts: the types of the tests are Node's, not the browser's.

const RUN_AXE = `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ': ' + failureSummary)))`;

/** Buttons, links and fields of less than 44 × 44 pixels; of one in a label the label counts. */
const SMALL_TARGETS = `[...document.querySelectorAll('button, a, input, [role=button]')]
  .map((node) => [node, (node.closest('label') ?? node).getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 0 && (width < 44 || height < 44))
  .map(([node, { width, height }]) => 'target of ' + width + ' x ' + height + ': ' + node.outerHTML)`;

/** Colours that are changing are no fault: until every transition is over. */
const SETTLED = `Promise.all(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
  .map(({ finished }) => finished.catch(() => {})))`;

/** What axe finds on the page that is serious or critical, and each target that a thumb would miss. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // To parse it again takes longer than to run it.
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axe.source);
  await page.evaluate(SETTLED);
  return [...(await page.evaluate<string[]>(RUN_AXE)), ...(await page.evaluate<string[]>(SMALL_TARGETS))];
}

/** Chooses the language as another tab of the page would. */
async function chooseLanguage(page: Page, language: 'fr' | 'en'): Promise<void> {
  const entry = JSON.stringify({ key: 'comptoir-language', newValue: language });
  await page.evaluate(`dispatchEvent(new StorageEvent('storage', ${entry}))`);
  await page.locator(`html[lang=${language}]`).waitFor({ state: 'attached' });
}

/** Looks at a screen in every size: writes a picture of each for people, and finds what axe finds. */
export async function lookAt(page: Page, screen: string): Promise<string[]> {
  mkdirSync(SHOTS, { recursive: true });
  const faults: string[] = [];
  for (const { name, width, height, language, colorScheme, hasAxe } of LOOKS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await chooseLanguage(page, language);
    await page.screenshot({ path: join(SHOTS, `${screen}-${name}.png`) });
    const found = hasAxe ? await accessibilityFaults(page) : [];
    if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) found.push('too wide');
    faults.push(...found.map((fault) => `${screen} ${name}: ${fault}`));
  }
  await page.setViewportSize(TABLET);
  await page.emulateMedia({ colorScheme: 'light' });
  await chooseLanguage(page, 'fr');
  return faults;
}

/** Types as a keyboard-wedge scanner does: all characters at once, FNC1 as Ctrl and ], then Enter. */
export async function scan(page: Page, code: string): Promise<void> {
  const keys = JSON.stringify(
    [...code, 'Enter'].map((key) => (key === '\u001d' ? { key: ']', ctrlKey: true } : { key })),
  );
  await page.evaluate(`document.activeElement?.blur();
    for (const key of ${keys}) document.body.dispatchEvent(new KeyboardEvent('keydown', { ...key, bubbles: true }))`);
}

/** Waits until the server has what the page has sent. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500 && !(await isSo()); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await isSo()).toBe(true);
}
