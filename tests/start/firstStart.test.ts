// npm start as a newcomer meets it: an empty folder, a chain in it, a query to paste; and the same folder again.

import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEMONSTRATION_ACTORS } from '../../src/access/rules/demonstration';
import { DAY_MS } from '../../src/values/time';
import { blocksOf, readPages } from '../docs/pages';
import { postmasterOf } from '../support/leftovers';
import { endPrograms, newFolder, type Program, startProgram } from '../support/process';
import { TYPESCRIPT } from '../support/typescript';

jest.setTimeout(120_000);

const RECEIVE = `mutation { receiveStock(input: { idempotencyKey: "one", location: "paris-rivoli",
  lines: [{ sku: "GAZ-230", quantity: 7 }] }) { ... on ReceiveStockSuccess { levels { available position } } } }`;

let dataDir: string;
let first: Program;

beforeAll(async () => {
  dataDir = newFolder();
  first = await startProgram({ dataDir, env: { DEMO: '' } }).ready();
});

afterAll(endPrograms);

/** The request of the curl line that was printed: its address, headers and body. */
function printedQuery(output: string): { url: string; headers: Record<string, string>; body: string } {
  const [, rest = ''] = output.split('A first query:\n');
  const url = /curl -s (\S+)/.exec(rest)?.[1] ?? '';
  const headers = [...rest.matchAll(/-H '([^:']+): ([^']+)'/g)].map((m) => [m[1], m[2]]);
  const body = /-d '(.*)'$/m.exec(rest)?.[1] ?? '';
  return { url, headers: Object.fromEntries(headers), body };
}

test('it shows its progress and what to do next: the address, tokens, a query that answers', async () => {
  const output = first.stdout();
  expect(output).toMatch(/creating the embedded PostgreSQL database\nApplied \d+ migrations?\.\n/);
  expect(output).toMatch(
    /Loading the demonstration chain …\n {2}2,000 customers, [^\n]+\n( {2}[\d,]+ days of sales\n)+/,
  );
  for (const { token } of DEMONSTRATION_ACTORS) expect(output).toContain(`  ${token} `);
  expect(output).toContain(`In a browser: ${first.url}/ (choose a person`);
  expect(first.stderr()).toBe('');

  const { url, headers, body } = printedQuery(output);
  expect(url).toBe(`${first.url}/graphql`);
  expect(headers.authorization).toBe('Bearer demo-storefront');
  const response = await fetch(url, { method: 'POST', headers, body });
  const answer = await response.json();
  expect(answer).not.toHaveProperty('errors');
  expect(answer.data.availability[0].sku.code).toBe('GAZ-230');
  const codes = answer.data.availability[0].locations.map(
    (p: { location: { code: string } }) => p.location.code,
  );
  expect(codes).toEqual(['paris-rivoli', 'paris-bercy']);
});

const curl = spawnSync('curl', ['--version']).status === 0 ? test : test.skip;

curl('the printed command can be pasted into a shell', () => {
  const command = /^ {2}(curl -s [\s\S]+?'\n)/m.exec(first.stdout().split('A first query:\n')[1] ?? '')?.[1];
  const pasted = spawnSync('sh', ['-c', command ?? 'false'], { encoding: 'utf8' });
  expect(JSON.parse(pasted.stdout)).toMatchObject({ data: { availability: [{ sku: { code: 'GAZ-230' } }] } });
});

describe('examples of the pages', () => {
  const pages = readPages();
  const withToken = blocksOf(pages, 'graphql').filter(([, { token }]) => token !== null);

  test.each(withToken)('%s answers, without errors and refusals', async (_name, { token, text }) => {
    const answer = await first.gqlUntyped(token, text);
    expect(answer.errors).toBeUndefined();
    expect(JSON.stringify(answer.data)).not.toContain('"message"');
  });

  test('the first query of the first page answers as it says there', async () => {
    const { blocks } = pages.find(({ path }) => path === 'README.md')!;
    const shell = blocks.find(({ text }) => text.startsWith('curl'))!.text;
    const body = /-d '(.*)'$/m.exec(shell)![1]!;
    const token = /Bearer ([\w-]+)/.exec(shell)![1]!;
    const { data } = await first.gql(token, JSON.parse(body).query);
    const printed = JSON.parse(blocks.find(({ language }) => language === 'json')!.text).data;
    for (const answer of [data, printed])
      for (const place of answer.availability[0].locations) delete place.asOf;
    expect(data).toEqual(printed);
  });
});

const CUSTOMERS = `query ($from: DateTime!, $to: DateTime!) {
  late: customerContext(by: { account: "shopper-00006" }) { customer { name openOrders { isLate order { location { code } } } }
    suggestions { kind } }
  bought: customer(by: { loyaltyCard: "2970000037" }) { purchases { channel purchases } }
  serviceFigures(from: $from, to: $to) { channel n value } }`;

test('its customers can be served: a late order in Rivoli, purchases over channels, figures; no unit is missing', async () => {
  const year = { from: new Date(Date.now() - 365 * DAY_MS), to: new Date() };
  const { data } = await first.gql('demo-agent', CUSTOMERS, year);
  expect(data.late.customer.openOrders).toMatchObject([
    { isLate: true, order: { location: { code: 'paris-rivoli' } } },
  ]);
  expect(data.late.suggestions.map(({ kind }: { kind: string }) => kind)).toContain('TRANSFER');
  expect(data.late.customer.name).toMatch(/durand/i);
  expect(data.bought.purchases.map(({ channel }: { channel: string }) => channel)).toContain('STORE');
  const known = data.serviceFigures.filter(
    ({ n, value }: { n: number; value: number | null }) => n > 100 && value !== null,
  );
  expect(known.length).toBeGreaterThan(5);
  expect((await first.gql('demo-admin', '{ stockDrift { __typename } }')).data.stockDrift).toEqual([]);
});

test('npm run demo drives a basket from availability to collected and back, and a customer from five channels to none', async () => {
  // Not in lock step: a connection that the server closes meanwhile must be seen to be closed. Any exit but 0 rejects.
  const demo = await promisify(execFile)(process.execPath, [...TYPESCRIPT, 'tests/demo/demo.ts'], {
    env: { ...process.env, COMPTOIR_URL: first.url },
  });
  expect(demo.stderr).toBe('');
  expect(demo.stdout).toMatch(/: COLLECTED; the second tap gets the same answer: COLLECTED\n/);
  expect(demo.stdout).toMatch(/ now her 3 identifiers are 1 customer\n/);
  expect(demo.stdout).toMatch(/ sends the suggested createTransfer as it is: T-\d+ from Paris Bercy\n/);
  expect(demo.stdout).toMatch(/ by her 3 identifiers 0 customers can be found\n/);
  expect(demo.stdout).toMatch(/ hours late, and waits for 1 unit\n/);
  expect(demo.stdout).toMatch(/ sends it as it is: T-\d+ from /);
  expect(demo.stdout).toMatch(/stockDrift: empty, levels and ledger agree\n$/);
});

test('GraphiQL is there for a browser', async () => {
  const page = await fetch(`${first.url}/graphql`, { headers: { accept: 'text/html' } });
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toContain('GraphiQL');
});

test('the second start keeps what is there and loads nothing', async () => {
  const before = await first.gql('demo-feed', RECEIVE);
  expect(before.data.receiveStock.levels).toHaveLength(1);
  first.kill('SIGTERM');
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(postmasterOf(dataDir)).toBeNull();
  expect(existsSync(join(dataDir, 'start.lock'))).toBe(false);

  const second = await startProgram({ dataDir, env: { DEMO: '' } }).ready();
  expect(second.stdout()).not.toMatch(/creating|Applied|Loading/);
  expect(second.stdout()).toContain('demo-storefront');
  expect(await second.gql('demo-feed', RECEIVE)).toEqual(before);
});
