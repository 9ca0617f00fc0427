// Documents that no client writes: real ones with tokens lost, doubled and swapped, and bombs made to cost the server dear.

import type { Dice } from './fuzzDice';
import { ROOT_FIELDS } from './fuzzRequests';

const TOKEN = /"""[\s\S]*?"""|"(?:\\.|[^"\\])*"|\.\.\.|[A-Za-z_]\w*|-?\d[\d.eE+-]*|\s+|./gu;
const ODD_TOKENS = [
  ...['{', '}', '(', ')', '[', ']', ':', '=', '!', '$', '@', '|', '&', '...', '"', '"""', '#', ',', '\\'],
  ...[
    'query',
    'mutation',
    'subscription',
    'fragment',
    'on',
    'null',
    'true',
    'type',
    'extend',
    'schema',
    'directive',
  ],
  ...[
    '__typename',
    '__schema',
    '__type',
    '@skip(if: true)',
    '@include(if: null)',
    '@defer',
    '@stream',
    '@oneOf',
  ],
  ...[
    '$x',
    '$v0',
    '-',
    '-0',
    '1e',
    '0x1',
    '00',
    '1.',
    '.5',
    '99999999999999999999',
    '\u0000',
    '\ufeff',
    '\u2028',
    'é',
    '😀',
  ],
  ...[
    '"\\u{110000}"',
    '"\\ud800"',
    '"\\u0000"',
    '{ a: 1 a: 1 }',
    'stockLevel',
    'Refusal',
    'edges',
    'node',
    'id',
  ],
];

type Change = (dice: Dice, tokens: string[], at: number) => void;
const CHANGES: readonly Change[] = [
  (_dice, tokens, at) => tokens.splice(at, 1),
  (_dice, tokens, at) => tokens.splice(at, 0, tokens[at]!),
  (dice, tokens, at) => {
    const other = dice.below(tokens.length);
    [tokens[at], tokens[other]] = [tokens[other]!, tokens[at]!];
  },
  (dice, tokens, at) => tokens.splice(at, 1, dice.pick(ODD_TOKENS)),
  (dice, tokens, at) => tokens.splice(at, 0, ` ${dice.pick(ODD_TOKENS)} `),
  (dice, tokens, at) => tokens.splice(at, 0, dice.text()),
  (_dice, tokens, at) => tokens.splice(at),
  (dice, tokens, at) => tokens.splice(at, 0, ...tokens.slice(at, at + dice.below(40))),
  (dice, tokens, at) => tokens.splice(at, 1, dice.pick(ROOT_FIELDS).field.name),
  (dice, tokens, at) => {
    const bytes = Buffer.from(tokens[at]!);
    const byte = dice.below(bytes.length);
    bytes[byte] = bytes[byte]! ^ (1 << dice.below(8));
    tokens[at] = bytes.toString();
  },
];

/** The document with one to a few changes. */
export function mutated(dice: Dice, query: string): string {
  const tokens = query.match(TOKEN) ?? [query];
  for (let left = 1 + dice.below(4); left > 0; left -= 1) {
    if (tokens.length === 0) break;
    dice.pick(CHANGES)(dice, tokens, dice.below(tokens.length));
  }
  return tokens.join('');
}

const many = (n: number, say: (i: number) => string, between = ' '): string =>
  Array.from({ length: n }, (_, i) => say(i)).join(between);

/** Documents of a size; most are refused by a limit, none may cost much. */
const BOMBS: readonly ((n: number) => string)[] = [
  (n) => `{ ${many(n, () => '__typename')} }`,
  (n) => `{ ${many(n, (i) => `a${i}: __typename`)} }`,
  (n) => `{ ${many(n, (i) => `stokLevel${i}`)} }`,
  (n) => `{ ${many(n, () => 'viewer { name }')} }`,
  (n) => `{ ${many(n, (i) => `a${i % 60}: viewer { role ...on Viewer { name } }`)} }`,
  (n) => `{ ${many(n, () => '... { __typename }')} }`,
  (n) => `${'{ a '.repeat(n)}${'}'.repeat(n)}`,
  (n) => `{ ${'... { '.repeat(n)} __typename ${'}'.repeat(n)} }`,
  (n) => `{ skus(after: ${'['.repeat(n)}${']'.repeat(n)}) { __typename } }`,
  (n) => `{ skus(after: ${'{ a: '.repeat(n)}1${'}'.repeat(n)}) { __typename } }`,
  (n) => `{ nodes(ids: [${many(n, () => '"U2t1OjE="')}]) { id } }`,
  (n) => `{ nodes(ids: [${many(n, (i) => String(i))}]) { id } }`,
  (n) => many(n, (i) => `query q${i} { viewer { name } }`),
  (n) => `query (${many(n, (i) => `$v${i}: Int`)}) { __typename }`,
  (n) =>
    `query (${many(n, (i) => `$v${i}: Boolean!`)}) { ${many(n, (i) => `__typename @skip(if: $v${i})`)} }`,
  (n) => `{ __typename ${many(n, () => '@skip(if: true)')} }`,
  (n) => `{ __typename ${many(n, (i) => `@d${i}`)} }`,
  (n) => `{ ...f0 } ${many(n, (i) => `fragment f${i} on Query { viewer { name } ...f${(i + 1) % n} }`)}`,
  (n) =>
    `{ ...f0 } ${many(n, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} viewer { name } }`)} fragment f${n} on Query { __typename }`,
  (n) =>
    `{ ${many(n, (i) => `...f${i}`)} } ${many(n, (i) => `fragment f${i} on Query { viewer { name role locations { code } } }`)}`,
  (n) => `fragment f on Nothing { a } ${many(n, (i) => `fragment g${i} on Sku { code }`)} { __typename }`,
  (n) => `{ skus(after: "${'x'.repeat(n * 20)}") { nodes { id } } }`,
  (n) => `{ skus(after: """${'\n  x'.repeat(n * 5)}""") { edges { cursor } } }`,
  (n) => `#${'x'.repeat(n * 30)}\n{ __typename }`,
  (n) => `{ ${','.repeat(n * 20)}__typename }`,
  (n) => `{ sku(by: { ${many(n, (i) => `code${i}: "x"`)} }) { code } }`,
  (n) =>
    `mutation { ${many(n, (i) => `m${i}: reserveStock(input: { idempotencyKey: "" }) { __typename }`)} }`,
  (n) =>
    `mutation { reserveStock(input: { idempotencyKey: "x", lines: [${many(n, () => '{ sku: "LAMP", location: "paris", quantity: 1 }')}] }) { __typename ... on Refusal { message } } }`,
  (n) =>
    `{ orders(first: ${n}) { edges { node { ${'transfers { order { '.repeat(n % 9)} number ${'} }'.repeat(n % 9)} } } } }`,
  () => '{ __schema { types { name fields { name args { name type { name } } } } } }',
  () => '{ __type(name: "Query") { fields { name } } }',
  (n) => `{ ${many(n % 50, (i) => `t${i}: __type(name: "Sku") { name }`)} }`,
  (n) => `subscription { ${many(n % 5, (i) => `s${i}: orderChanged(order: "x") { id }`)} }`,
];
const SIZES = [1, 2, 10, 59, 100, 200, 250, 600, 1_000, 2_000, 4_000, 20_000];

/** A document made to cost the server dear; for its report, which one and how big. */
export function bomb(dice: Dice): { name: string; query: string } {
  const which = dice.below(BOMBS.length);
  const size = dice.pick(SIZES);
  return { name: `bomb ${which} of ${size}`, query: BOMBS[which]!(size) };
}
