// The vocabulary of the code: words that the glossary replaces do not come back into comments, texts and names.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, ROOT } from '../docs/pages';
import { tokensOf } from './sourceTokens';

/** Words of a private dialect, or for which the glossary of src/README.md has another one. */
const PROSE =
  /\b(tells?|told|says?|said|places?|(?:a|the|this|that|each|every|of|open|expired|active|past|own) holds?|nights?|the books|for ever|set aside|front ends?|taken? away|takes away|left alone|stretch(es)?|house|doors?|desk|lanes?)\b/gi;
/** Where such a word has its usual meaning. */
const USUAL =
  /\b(in|take[sn]?) (its |their |the )?place\b|\bstaging place|\bplaces? (an?|and|it|the|orders?|click)\b|, place,|\bat night\b|\b(help|service) desks?\b|`[^`]*`/gi;

/** Words that no name of a variable, function, type or property has. */
const NAMES = new Set(
  'tell tells told say says said asked place places hold holds held night nights book books forget forgotten stretch stretches door doors desk lane lanes house crowd patience hears heard gone'.split(
    ' ',
  ),
);
/** Names that have one all the same, and why. This list may shrink, not grow. */
const ALLOWED_NAMES: Record<string, readonly string[]> = {
  'orders are placed': [
    'PLACE',
    'PlaceCommand',
    'PlaceInput',
    'PlaceOrderRequest',
    'PlaceOrderSuccess',
    'placeBatched',
    'placeMany',
    'placeOrder',
    'placeOrderInput',
    'placeOrderSuccess',
    'placeOrders',
    'placePurchaseOrder',
    'placePurchaseOrderWith',
  ],
  'names of the API': [
    'HOLD_MINUTES_RANGE',
    'checkHoldMinutes',
    'defaultHoldMinutes',
    'holdMinutes',
    'maxHoldMinutes',
    'minHoldMinutes',
    'stagingPlace',
  ],
  'usual terms': ['BIRTH_PLACE', 'HELP_DESK_CONTACT', 'birthPlace'],
  'names of a job, a metric and a label': ['bookDrift', 'door', 'proveBooks'],
  'stored, see src/README.md': ['asked', 'held', 'heldSince', 'place', 'told'],
  'the page at the address /desk': ['DESK_OPERATIONS', 'DeskOperations', 'desk'],
  'the help desks that others run': ['HelpDesk', 'helpDesks'],
  'names of others': ['ErrorsStayInPlacePlugin', 'GONE', 'errorsStayInPlace'],
};
const ALLOWED = new Set(Object.values(ALLOWED_NAMES).flat());

/** Texts that hold such words as data: names of fields in the first release, columns of files of others, another language. */
const DATA = new Set([
  'src/access/rules/firstRelease.ts',
  'src/cli/forecastFile/help.ts',
  'src/pages/counter/french.ts',
]);

const wordsOf = (name: string): string[] =>
  (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map((word) => word.toLowerCase());

/** A text for people: words with spaces between, and no SQL. */
const isProse = (text: string): boolean =>
  /[a-z,] [a-z]/.test(text) && !/\b(SELECT|INSERT|UPDATE|DELETE|FROM)\b/.test(text);

/** What the vocabulary forbids in a source. */
function forbidden(source: string): string[] {
  return tokensOf(source).flatMap(({ kind, line, text }) => {
    if (kind === 'identifier')
      return !ALLOWED.has(text) && wordsOf(text).some((word) => NAMES.has(word)) ? [`${line}: ${text}`] : [];
    if (kind === 'text' && !isProse(text)) return [];
    return [...text.replace(USUAL, '').matchAll(PROSE)].map(([word]) => `${line}: ${word}`);
  });
}

const paths = ['src', 'jobs']
  .flatMap((folder) => filesBelow(folder))
  .filter((path) => path.endsWith('.ts') && !path.startsWith('src/db/generated/') && !DATA.has(path));
const sources = paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

test('comments, texts and names use the words of the glossary', () => {
  expect(sources.length).toBeGreaterThan(300);
  const found = sources.flatMap(({ path, text }) => forbidden(text).map((what) => `${path}:${what}`));
  expect(found).toEqual([]);
});

test('a name that is allowed all the same still occurs', () => {
  const names = new Set(sources.flatMap(({ text }) => tokensOf(text).map((token) => token.text)));
  expect([...ALLOWED].filter((name) => !names.has(name))).toEqual([]);
});

test.each([
  ['// The customer is told.\n', ['1: told']],
  ['/** What a place\n * says. */', ['1: place', '1: says']],
  [`f(\`no hold of \${a} in this place\`);`, ['1: place']],
  ["const x = 1;\nfail('Lines set aside are in a file.');", ['2: set aside']],
  ['const nightAt = 1;', ['1: nightAt']],
  [`a.b = lockHolds(\`\${c.told2 / 2}\`);`, ['1: lockHolds', '1: told2']],
  ['x = y / 2; // a night', ['1: night']],
])('%j is found', (source, found) => expect(forbidden(source)).toEqual(found));

test.each([
  '// Places an order; rows are sorted in place. `told` is code.',
  "const sql = 'SELECT place FROM shop WHERE told';",
  "type Kind = 'told';",
  `const pattern = /told \\/ said/g; const holder = \`of \${holder.shelf}\`;`,
])('%j is none', (source) => expect(forbidden(source)).toEqual([]));
