// /charts/forecast/…: a picture that stands alone, for whoever may see it, whatever codes and names hold.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CHART_URL_DAYS } from '../../src/forecast/rules/chart/link';
import { startApp, type TestApp } from '../support/app';
import { historyOf, putSales, runNight, SHELVES } from './support';

const NASTY = `a/b "<script>alert(1)</script>" & 'x' %2e 日本 \u0001`;

let app: TestApp;
let planner: string;

beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER');
  await app.db.rows('INSERT INTO sku (code, name, category) VALUES ($1, $2, $3)', [
    NASTY,
    `<b>${NASTY}</b>]]>`,
    NASTY,
  ]);
  await app.db.rows(
    `INSERT INTO calendar_event (code, name, kind, from_day, to_day, updated_at)
     VALUES ('E', '</text><script>evil()</script>', 'PROMOTION', '2026-11-27', '2026-11-28', now())`,
  );
  await putSales(app.db, historyOf([...SHELVES, ['paris', NASTY]]));
  await runNight(app);
});
afterAll(() => app.close());

const get = (address: string, token: string | null = planner) =>
  fetch(`${app.url}${address}`, token ? { headers: { authorization: `Bearer ${token}` } } : {});
const said = async (response: Response) => {
  const { errors } = (await response.json()) as {
    errors: { message: string; extensions: { code: string } }[];
  };
  return { status: response.status, code: errors[0]!.extensions.code, message: errors[0]!.message };
};
const LAMP = '/charts/forecast/LAMP/paris.svg';

/** Checks that a text is well-formed XML and gives its elements' names and its texts. */
function read(svg: string): { elements: string[]; texts: string[] } {
  const open: string[] = [];
  const elements: string[] = [];
  const texts: string[] = [];
  let at = 0;
  for (const token of svg.matchAll(/<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    texts.push(svg.slice(at, token.index));
    at = token.index + token[0].length;
    const [, closing, name, , empty] = token;
    if (closing) expect(open.pop()).toBe(name);
    else {
      elements.push(name!);
      if (!empty) open.push(name!);
    }
  }
  expect(open).toEqual([]);
  expect(svg.slice(at).trim()).toBe('');
  for (const text of [...texts, svg]) expect(text).not.toMatch(/(?![\n\r\t])\p{Cc}/u);
  // What is not an element is text, and holds no more than escaped characters.
  for (const text of texts) expect(text).not.toMatch(/<|&(?!(?:amp|lt|gt|quot|#\d+);)/);
  return { elements, texts: texts.map((text) => text.trim()).filter(Boolean) };
}

test('a chart is one SVG that stands alone, states what it shows, and may be shown anywhere for a while', async () => {
  const response = await get(LAMP);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^image\/svg\+xml/);
  expect(response.headers.get('cache-control')).toBe('private, max-age=300');
  expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
  const svg = await response.text();
  const { elements, texts } = read(svg);
  expect(elements[0]).toBe('svg');
  expect(elements).not.toContain('script');
  expect(svg).toMatch(/^<svg role="img" aria-labelledby="t d" width="960" height="420"/);
  expect(svg).not.toMatch(/href=|url\((?!#)/);
  expect(texts).toContain('Head lamp  (LAMP)   at Paris');
  expect(texts.some((text) => text.includes('known up to 24 Nov 2026'))).toBe(true);
  for (const name of ['sold', 'shelf was empty', 'expected', '50 %', '80 %', '95 %'])
    expect(texts).toContain(name);
  // The same picture is the same bytes, so that caches need not fetch it again.
  expect((await get(LAMP)).headers.get('etag')).toBe(response.headers.get('etag'));
});

test('hostile codes and names stay text', async () => {
  const response = await get(`/charts/forecast/${encodeURIComponent(NASTY)}/paris.svg`);
  const svg = await response.text();
  expect({ status: response.status, svg: svg.slice(0, 300) }).toMatchObject({ status: 200 });
  const { elements, texts } = read(svg);
  expect(new Set(elements)).not.toContain('script');
  expect(elements).not.toContain('b');
  expect(texts.some((text) => text.includes('&lt;script&gt;alert(1)&lt;/script&gt;'))).toBe(true);
});

test('sizes and days within limits', async () => {
  const svg = await (await get(`${LAMP}?width=500&height=300&days=30`)).text();
  expect(svg).toMatch(/width="500" height="300"/);
  read(svg);
  for (const [query, message] of [
    ['width=5000', 'width must be a whole number from 320 to 2000.'],
    ['height=1', 'height must be a whole number from 200 to 1200.'],
    ['days=1e3', 'days must be a whole number from 7 to 730.'],
    ['width=500&width=600', 'width must be a whole number from 320 to 2000.'],
    ['cutDay=2026-02-31x', 'cutDay must be a day like 2026-11-24.'],
    ['cutDay=2026-02-31', 'cutDay must be a day like 2026-11-24.'],
  ]) {
    expect(await said(await get(`${LAMP}?${query}`))).toEqual({
      status: 400,
      code: 'BAD_USER_INPUT',
      message,
    });
  }
});

test('what there is no chart of is reported', async () => {
  expect(await said(await get('/charts/forecast/LAMPE/paris.svg'))).toEqual({
    status: 404,
    code: 'NOT_FOUND',
    message: "There is no SKU 'LAMPE'.",
  });
  expect(await said(await get('/charts/forecast/LAMP/rome.svg'))).toMatchObject({ status: 404 });
  expect(await said(await get('/charts/forecast/TENT-2/lyon.svg'))).toMatchObject({
    status: 404,
    message: "There is no forecast of SKU 'TENT-2' at 'lyon' yet.",
  });
  expect(await said(await get(`${LAMP}?cutDay=2020-01-01`))).toMatchObject({ status: 404 });
  expect(await said(await get('/charts/forecast/%00/paris.svg'))).toMatchObject({ status: 404 });
  expect(await said(await get(`/charts/forecast/${'x'.repeat(5000)}/paris.svg`))).toMatchObject({
    status: 404,
  });
  expect(await said(await get('/charts/forecast/%E0%A4%A/paris.svg'))).toMatchObject({ status: 400 });
  expect((await get('/charts/forecast/LAMP/paris.png')).status).toBe(404);
});

test('planners and administrators by token', async () => {
  expect((await get(LAMP, await app.token('ADMIN'))).status).toBe(200);
  for (const role of ['STOREFRONT', 'STAFF', 'FEED'] as const) {
    expect(await said(await get(LAMP, await app.token(role)))).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
    });
  }
  expect(await said(await get(LAMP, null))).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  expect(await said(await get(LAMP, 'nonsense'))).toMatchObject({ status: 401 });
});

test('whoever has a signed address, until it expires, and for that chart only', async () => {
  const { data } = await app.gql(planner, '{ forecast(sku: "LAMP", location: "paris") { chartUrl } }');
  const { chartUrl } = data.forecast as { chartUrl: string };
  expect((await get(chartUrl, null)).status).toBe(200);
  expect((await get(`${chartUrl}&width=400`, null)).status).toBe(200);
  for (const bent of [
    chartUrl.replace('LAMP', 'MUG'),
    chartUrl.replace('paris', 'lyon'),
    chartUrl.replace(/expires=(\d+)/, (_, s) => `expires=${Number(s) + 1}`),
    chartUrl.replace(/signature=./, (s) => `signature=${s.endsWith('A') ? 'B' : 'A'}`),
    chartUrl.replace(/signature=.*/, 'signature='),
    chartUrl.replace(/signature=/, 'signature=x&signature='),
    chartUrl.replace(/expires=\d+/, 'expires=NaN'),
  ]) {
    expect(await said(await get(bent, null))).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  }
  // A signature is no way round a token that may not see it.
  expect((await get(chartUrl, await app.token('STOREFRONT'))).status).toBe(403);
  app.wait(CHART_URL_DAYS * 24 * 60 + 61);
  expect(await said(await get(chartUrl, null))).toMatchObject({ status: 403, message: /expired/ as never });
});

const CHROMIUM = '/usr/bin/chromium';
(existsSync(CHROMIUM) ? test : test.skip)(
  'a browser draws it',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'comptoir-chart-'));
    try {
      await writeFile(path.join(folder, 'c.svg'), await (await get(LAMP)).text());
      const [from, to] = [`file://${folder}/c.svg`, path.join(folder, 'c.png')];
      await promisify(execFile)(
        CHROMIUM,
        [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          `--user-data-dir=${folder}/profile`,
          `--screenshot=${to}`,
          '--window-size=960,420',
          from,
        ],
        { timeout: 60_000 },
      );
      const png = await readFile(to);
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      expect(png.readUInt32BE(16)).toBe(960);
      // An error page or an empty one is a few kilobytes.
      expect(png.length).toBeGreaterThan(15_000);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  90_000,
);
