// Search finds what people paste from a name, of SKUs and locations alike, with one folding in SQL and TypeScript.

import fc from 'fast-check';
import { skuPage } from '../../src/catalog/queries/search';
import { searchWords } from '../../src/db/fold';
import { startApp, type TestApp } from '../support/app';
import type { MutationName } from '../support/graphqlAnswer';
import { sendPlainly } from '../support/graphqlClient';

let app: TestApp;
let chief: string;
beforeAll(async () => {
  app = await startApp();
  chief = await app.token('ADMIN', 'chief');
});
afterAll(() => app.close());

/** Names as typographers write them, and what somebody types who does not. */
const NAMES: [string, string[]][] = [
  ['Café «Élan» — 250 g', ['cafe elan', '“élan”', '« Élan »', 'elan—250']],
  ['L’Œuvre d’Ève', ["l'oeuvre", 'oeuvre', "D'ÈVE", 'eve']],
  ['Vis M8×40 n°5', ['m8', '40', 'M8x40'.slice(0, 2), 'vis 5', 'n° 5', 'Nº5', '№5']],
  ['Chaise\u00a0pliante\u202f: 2\u202f000\u00a0kg', ['pliante', 'chaise pliante', '000 kg', 'pliante:']],
  ['Pull‑over « Brøndby » – Łódź', ['pull-over', 'brondby', 'lodz', 'PULL OVER', 'Łódź']],
  ['Straßenschuh ẞ Größe 42', ['strassenschuh', 'STRASSENSCHUH', 'grosse', 'Größe']],
  ['Yağmurluk İstanbul ılık', ['yagmurluk', 'istanbul', 'ilik', 'ISTANBUL']],
  ['Æbleskive ﬁn ﬂeur Þór Đorđe', ['aebleskive', 'fin', 'fleur', 'thor', 'dorde']],
  ['Cre\u0300me bru\u0302le\u0301e', ['crème brûlée', 'creme', 'brulee']],
  ['Klein\u00admöbel\u200b-Set', ['kleinmobel', 'Kleinmöbel', 'set']],
  ['Sac 15,6″ (noir/bleu)', ['15,6', 'noir', 'bleu', '15,6"', '(noir/bleu)']],
  ['Lego™ Duplo® 10–12', ['lego', 'LEGO™', 'duplo', '10-12', 'Duplo®']],
  ['ΚΑΦΕΣ ελληνικός', ['καφεσ', 'καφες', 'Ελληνικος']],
  ['Ёлка зелёная', ['елка', 'ЗЕЛЕНАЯ']],
  ['ばら ｶﾀｶﾅ １２３', ['ばら', 'カタカナ', '123']],
  ['Plombs № 7½ – 20 m²', ['plombs 7', 'm2', 'm²', '№ 7½']],
];

const search = async (list: 'skus' | 'locations', text: string) => {
  const type = list === 'skus' ? 'SkuFilter' : 'LocationFilter';
  const query =
    `query ($filter: ${type}) { ${list}(first: 200, filter: $filter) { edges { node { code } } } }` as const;
  const { data, errors } = await app.gql(chief, query, { filter: { search: text } });
  if (errors) throw new Error(`${text}: ${errors[0]!.message}`);
  return data[list].edges.map((e) => e.node.code);
};

test('what is pasted from a name and what is typed for it finds SKUs and locations', async () => {
  const upsert = async (mutation: MutationName, list: string, items: object[]) => {
    const { answer } = await sendPlainly(app, chief, mutation, { idempotencyKey: mutation, [list]: items });
    expect(answer).toEqual({ __typename: expect.stringMatching(/Success$/) });
  };
  const place = {
    kind: 'SHOP',
    address: { country: 'FR' },
    point: { latitude: 48, longitude: 2 },
    timeZone: 'Europe/Paris',
  };
  await upsert(
    'upsertSkus',
    'skus',
    NAMES.map(([name], i) => ({ code: `N${i}`, name })),
  );
  const places = NAMES.map(([name], i) => ({ ...place, code: `N${i}`, name }));
  await upsert('upsertLocations', 'locations', places);
  const missing: string[] = [];
  for (const [i, [name, typed]] of NAMES.entries()) {
    const pasted = [name, name.normalize('NFD'), ...name.split(/\s+/).filter((w) => /[\p{L}\p{N}]/u.test(w))];
    for (const list of ['skus', 'locations'] as const) {
      for (const text of [...pasted, ...typed]) {
        if (!(await search(list, text)).includes(`N${i}`)) missing.push(`${list}: '${text}' of '${name}'`);
      }
    }
  }
  expect(missing).toEqual([]);
  // The same locations once more change nothing: the column that is searched is no part of what was sent.
  const again = `mutation ($input: UpsertLocationsInput!) { upsertLocations(input: $input) { ... on UpsertLocationsSuccess { unchanged } } }`;
  const { data } = await app.gql(chief, again, { input: { idempotencyKey: 'again', locations: places } });
  expect(data.upsertLocations.unchanged).toBe(NAMES.length);
});

test('digits that are a GTIN are looked for among GTINs and in names; every beginning finds', async () => {
  await app.db.rows(`INSERT INTO sku (code, name) VALUES ('EIGHT', 'Set 96385074 spare part')`);
  await app.db.rows(`INSERT INTO sku (code, name, gtin) VALUES ('SHORT', 'Thing', '00000096385074')`);
  expect(await search('skus', '96385074')).toEqual(['EIGHT', 'SHORT']);
  expect(await search('skus', '96385074\r')).toEqual(['EIGHT', 'SHORT']);
  expect(await search('skus', '9638')).toEqual(['EIGHT', 'SHORT']);
  expect(await search('skus', '9638507 spa')).toEqual(['EIGHT']);
});

test('a whole name of 200 characters can be pasted, decomposed too; longer is refused', async () => {
  const name = 'é'.repeat(199);
  await app.db.rows(`INSERT INTO sku (code, name) VALUES ('LONG', $1)`, [`${name}!`]);
  expect(await search('skus', name.normalize('NFD'))).toEqual(['LONG']);
  for (const list of ['skus', 'locations'] as const) {
    await expect(search(list, 'x'.repeat(201))).rejects.toThrow(
      'filter.search has 201 characters; it must have 0 to 200.',
    );
  }
});

test('SQL and TypeScript fold every character of Unicode alike', async () => {
  const differing: string[] = [];
  let compared = 0;
  for (let from = 1; from < 0x30_000; from += 0x4_000) {
    const texts = Array.from({ length: 0x4_000 }, (_, i) => from + i)
      .map((code) => String.fromCodePoint(code))
      .filter((c) => !/[\p{Surrogate}\p{Cn}\p{Co}]/u.test(c))
      .map((c) => `a${c}B ${c}${c.normalize('NFC')}`);
    const rows = await app.db.rows<{ typed: string; folded: string }>(
      // A server of an older Unicode than Node's does not know the decomposition of the very newest characters.
      `SELECT typed, search_text(typed) AS folded FROM unnest($1::text[], $2::text[]) AS t(typed, decomposed)
       WHERE normalize(typed, NFKD) = decomposed`,
      [texts, texts.map((text) => text.normalize('NFKD'))],
    );
    compared += rows.length;
    for (const { typed, folded } of rows) {
      const ours = searchWords(typed).join(' ');
      if (ours !== folded) differing.push(`${typed.codePointAt(1)!.toString(16)}: '${ours}', '${folded}'`);
    }
  }
  expect(differing.slice(0, 20)).toEqual([]);
  expect(compared).toBeGreaterThan(100_000);
  // Every sign of punctuation and every blank parts words; every Latin letter that is not one of ASCII's becomes some.
  for (let code = 0x21; code < 0x3_000; code += 1) {
    const c = String.fromCodePoint(code);
    if (/[\p{P}\p{S}\p{Z}]/u.test(c) && c.normalize('NFKD') === c)
      expect([c, searchWords(`a${c}b`)]).toEqual([c, ['a', 'b']]);
  }
  for (const c of 'ÀàĄąÇçÐðĐđĞğĦħİıĲĳŁłŉŊŋŒœØøŞşßẞŦŧÞþſÆæǼǽǾǿǄǅǆǱﬀﬁﬂﬃﬄﬅﬆꜲꜳꝎꝏ')
    expect([c, searchWords(c).join('')]).toEqual([c, expect.stringMatching(/^[a-z]+$/)]);
});

const PIECES = [
  ...'abzAZ09éÉœŒæßẞøłŁğİıĳﬁçñåÅžđðþŋſ',
  ...'’‘“”«»–—‑-−×·…°ºª№™®&+/.,;:!?()[]{}_#%@*\'"~^|=<>\\`´¨¡¿§¶†‡•',
  ' ',
  ' ',
  ' ',
  '\u00a0',
  '\u202f',
  '\u2009',
  '\u200b',
  '\u00ad',
  '\u200d',
  '\u0301',
  '\u0308',
  'e\u0301',
  'ﷺ',
  '½',
  '²',
  '㎏',
  '１',
  'Ⅷ',
  'Σ',
  'ς',
  'ά',
  'Ж',
  'ё',
  'ї',
  'ʼ',
  'ا',
  'َ',
  'ـ',
  'ש',
  'ָ',
  'ก',
  'ำ',
  'क',
  'ि',
  'か',
  'が',
  'ｶﾞ',
  '中',
  '한',
  '글',
  '🙂',
  '👩‍🚀',
  '𝔘',
  'Ａ',
];

test('every word and the whole of a thousand random names finds its SKU', async () => {
  const texts = fc
    .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 60 })
    .map((parts) => parts.join('').slice(0, 200));
  const names = fc
    .sample(texts, { numRuns: 1_200, seed: 7 })
    .filter((name) => searchWords(name).length > 0 && !/\p{Surrogate}/u.test(name));
  await app.db.rows(
    `INSERT INTO sku (code, name) SELECT 'RANDOM-' || n, name FROM unnest($1::text[]) WITH ORDINALITY AS t(name, n)`,
    [names],
  );
  const lost: string[] = [];
  const all = { beyond: null, backwards: false, limit: 10_000 };
  for (const [i, name] of names.entries()) {
    const words = name.split(/\s+/u).filter((word) => searchWords(word).length > 0);
    for (const pasted of [name, name.normalize('NFD'), words[i % words.length]!]) {
      const filter = { search: pasted, category: null, active: null };
      const found = await skuPage(app.db, filter, all);
      if (!found.some(({ code }) => code === `RANDOM-${i + 1}`)) lost.push(`'${pasted}' of '${name}'`);
    }
  }
  expect(lost.slice(0, 10)).toEqual([]);
}, 60_000);

test('a search goes by the index', async () => {
  await app.db.rows('ANALYZE sku');
  const client = await app.db.pool.connect();
  try {
    await client.query('SET enable_seqscan = off');
    const { rows } = await client.query(
      `EXPLAIN SELECT code FROM sku WHERE search @@ '''brondby'':*'::tsquery ORDER BY code LIMIT 51`,
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('sku_search_idx');
  } finally {
    client.release(true);
  }
});
