// The values a hostile client sends: for every scalar some that fit, many that cannot be meant, all from one seed.

import { randomUUID } from 'node:crypto';
import { encodeGlobalID } from '../../src/graphql/ids';

/** A stream of numbers from 0 to 1 that a seed says whole (mulberry32). */
export class Dice {
  #state: number;
  constructor(readonly seed: number) {
    this.#state = seed | 0;
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!;
  }
  shuffled<T>(from: readonly T[]): T[] {
    const all = [...from];
    for (let i = all.length - 1; i > 0; i -= 1) {
      const j = Math.floor(this.next() * (i + 1));
      [all[i], all[j]] = [all[j]!, all[i]!];
    }
    return all;
  }
}

/** Numbers that JSON can say and JSON.stringify cannot: `bodyOf` puts them in as they are. */
const RAW = /"@@([^"@]+)@@"/g;
const raw = (number: string): string => `@@${number}@@`;

/** JSON, or a literal of GraphQL, in which the raw numbers stand unquoted. */
export const unquoteRaw = (text: string): string => text.replace(RAW, '$1');

const TEXTS: readonly unknown[] = [
  '',
  ' ',
  'x'.repeat(10_000),
  'é'.repeat(201),
  '\u0000',
  'LAMP\u0000',
  '\ud800',
  'half \udc00 a character',
  "'; DROP TABLE basket; --",
  '%_\\%',
  '{ __schema { types } }',
  '"}}',
  '$1',
  '__proto__',
  'constructor',
  'toString',
  '\u202eoper\u2066',
  '😀'.repeat(60),
  '\r\nx-header: 1',
  'a:* & !b | (',
  '../../x',
  '<script>alert(1)</script>',
  'atlantis',
  '1e309',
];
const INTS: readonly unknown[] = [
  0,
  -1,
  1,
  200,
  201,
  1_000_000,
  1_000_001,
  2_147_483_647,
  -2_147_483_648,
  2_147_483_648,
  1.5,
  raw('1e999'),
  raw('-0'),
  '7',
];
const FLOATS: readonly unknown[] = [
  0,
  raw('-0'),
  1e308,
  -1e308,
  5e-324,
  90,
  -90,
  90.0001,
  180,
  -180,
  181,
  raw('1e999'),
  raw('-1e999'),
  raw('0.1e-400'),
  '1',
];
const INSTANTS: readonly unknown[] = [
  '0001-01-01T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '+275760-09-13T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '-271821-04-20T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-11-25T24:00:00Z',
  '2026-11-25',
  '1969-12-31T23:59:59Z',
  'now',
  '',
  0,
  1e15,
];
const DAYS: readonly unknown[] = [
  '0001-01-01',
  '0000-01-01',
  '9999-12-31',
  '275760-09-13',
  '2026-02-30',
  '2026-13-01',
  '1900-01-01',
  'today',
  '',
  0,
];
const FREE: readonly unknown[] = [
  {},
  [],
  [[[[[]]]]],
  'x',
  7,
  raw('1e999'),
  { a: raw('1e999') },
  { a: raw('-0') },
  { '': '' },
  { '\u0000': 1 },
  { a: '\u0000' },
  { a: '\ud800' },
  { constructor: 1, a: { b: 1 } },
  { a: null },
  Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i])),
  { a: 'x'.repeat(10_000) },
];
const CURSORS: readonly string[] = [
  '',
  'x',
  '\u0000',
  '\ud800',
  'x'.repeat(10_000),
  ...[
    'code:LAMP',
    'code:\u0000',
    'GPC:N:99999999999999999999',
    'GPC:N:-1',
    'GPC:N:1.5',
    'GPC:S:x',
    'GPC:S:00000000-0000-0000-0000-000000000000',
    'GPC:D:8640000000000001',
    'GPC:J:[1,2]',
    'GPC:J:{"id":{}}',
    'GPC:N:NaN',
    '1',
    '99999999999999999999',
    '-1',
    '1:1',
    '1 1',
    '0001-01-01T00:00:00.000Z',
    'null',
    '[]',
    '{"a":1}',
  ].flatMap((text) => [Buffer.from(text).toString('base64'), Buffer.from(text).toString('base64url')]),
];
const HOSTILE: Record<string, readonly unknown[]> = {
  String: TEXTS,
  Int: INTS,
  Float: FLOATS,
  DateTime: INSTANTS,
  Date: DAYS,
  JSON: FREE,
  Boolean: [true, false],
  BigInt: [0, -1, raw('99999999999999999999999'), '1', 1.5],
};
const FITTING: Record<string, readonly unknown[]> = {
  String: ['x', 'a word or two'],
  Int: [1, 1, 2, 3],
  Float: [1, 48.85, 2.35, 50],
  DateTime: ['2026-11-25T09:00:00Z', '2026-11-27T12:00:00.000Z', '2026-11-20T12:00:00+01:00'],
  Date: ['2026-11-25', '2026-12-24'],
  JSON: [{ colour: 'red', grams: 120 }],
  Boolean: [true, false],
  BigInt: [1, 2],
};

const SKUS = ['LAMP', 'LAMP', 'MUG', 'TENT-2', 'SOCK-M'];
const PLACES = ['paris', 'paris', 'paris', 'lyon', 'depot'];
/** Texts that fit, by the name of the argument or input field that asks for them. */
const NAMED: Record<string, readonly unknown[]> = {
  sku: SKUS,
  skus: SKUS,
  codes: SKUS,
  code: ['LAMP', 'paris', 'ACME', 'NEW-1'],
  location: PLACES,
  locations: PLACES,
  from: PLACES,
  to: ['lyon', 'depot', 'paris'],
  supplier: ['ACME'],
  group: ['france', 'north'],
  groups: ['france'],
  channel: ['ONLINE', 'ONLINE', 'APP'],
  belowSafetyStockOf: ['ONLINE'],
  currency: ['EUR'],
  gtin: ['02000000000022', '2000000000046'],
  email: ['anne@example.com'],
  phone: ['+33612345678'],
  holder: ['basket-1', 'basket-2'],
  timeZone: ['Europe/Paris'],
  country: ['FR'],
  category: ['Outdoor/Light', 'Outdoor'],
  url: ['https://hooks.example.com/comptoir'],
  topics: ['*', 'order.*'],
  opensAt: ['09:00'],
  closesAt: ['19:00'],
  pickupCutOff: ['17:00'],
  weekday: [1, 2, 7],
  active: [true, true, true, true, true, true, true, true, true, false],
  pickupEnabled: [true],
  latitude: [48.85, 45.76],
  longitude: [2.35, 4.83],
  radiusKm: [1_000],
  holdMinutes: [1, 15],
  first: [1, 2, 50],
  last: [1, 2, 50],
};

/** Keys that answers gave, for later requests to reach deep: ids by type, and codes and numbers by name. */
export class Seen {
  readonly #ids = new Map<string, string[]>();
  readonly #texts = new Map<string, string[]>();

  #keep(map: Map<string, string[]>, name: string, value: string): void {
    const its = map.get(name) ?? [];
    if (its.includes(value)) return;
    its.push(value);
    // The newest are the ones that are still in a state to be acted on.
    map.set(name, its.slice(-12));
  }
  ids(typename: string): readonly string[] {
    return this.#ids.get(typename) ?? [];
  }
  texts(name: string): readonly string[] {
    return this.#texts.get(name) ?? [];
  }
  /** Gathers what an answer holds. */
  learn(value: unknown, name = ''): void {
    if (Array.isArray(value)) for (const item of value.slice(0, 20)) this.learn(item, name);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) this.learn(item, key.replace(/^a\d+_/, ''));
    } else if (typeof value === 'string') {
      if (name === 'id') {
        this.#keep(this.#ids, Buffer.from(value, 'base64').toString().split(':')[0]!, value);
      } else if (['cursor', 'number', 'pickupCode', 'endCursor', 'holder', 'key'].includes(name)) {
        this.#keep(
          this.#texts,
          name === 'endCursor' ? 'cursor' : name === 'pickupCode' ? 'code' : name,
          value,
        );
      }
    }
  }
}

/** Whether this type's ids hold a number; what `src/graphql/ids` refuses says it. */
const NUMBERED = new Set([
  'Sku',
  'Location',
  'Actor',
  'AccessToken',
  'Supplier',
  'SafetyStock',
  'StockMove',
  'Command',
]);

/** Ids of this type that are well formed and stand for nothing. */
export function unknownIds(typename: string): string[] {
  const keys = NUMBERED.has(typename)
    ? ['2147483647', '987654', '0']
    : [randomUUID(), '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  return keys.map((key) => encodeGlobalID(typename, key));
}

const BAD_IDS: readonly unknown[] = [
  '',
  'x',
  7,
  '\u0000',
  '\ud800',
  'x'.repeat(10_000),
  ...[
    'Sku:-1',
    'Sku:2147483648',
    'StockMove:999999999999999',
    'StockMove:1e3',
    'Order:1',
    'Order:00000000-0000-0000-0000-00000000000G',
    'Nothing:1',
    'Query:1',
    '__proto__:1',
    'Order:',
    ':',
    'Sku:1:2',
    'Sku:１',
  ].map((text) => Buffer.from(text).toString('base64')),
];

/** What is asked for: the scalar's name, the field's, and of which node types an id may be. */
export interface Wanted {
  scalar: string;
  name: string;
  idsOf: readonly string[];
}

let keys = 0;

/** One value for a scalar: hostile or fitting. */
export function scalarValue(dice: Dice, seen: Seen, wanted: Wanted, hostile: boolean): unknown {
  const { scalar, name, idsOf } = wanted;
  if (scalar === 'ID') return idValue(dice, seen, idsOf, hostile);
  if (name === 'after' || name === 'before') {
    const real = seen.texts('cursor');
    return hostile || real.length === 0 ? dice.pick(CURSORS) : dice.pick(real);
  }
  if (hostile) return dice.pick(HOSTILE[scalar] ?? TEXTS);
  if (name === 'idempotencyKey') {
    const used = seen.texts('key');
    keys += 1;
    return dice.chance(0.05) && used.length > 0 ? dice.pick(used) : `fuzz-${dice.seed}-${keys}`;
  }
  const learnt = scalar === 'String' ? seen.texts(name) : [];
  if (learnt.length > 0 && dice.chance(0.6)) return dice.pick(learnt);
  // `from` and `to` are places in an act and instants in a filter.
  const fitting = FITTING[scalar] ?? ['x'];
  const named = NAMED[name]?.filter((value) => typeof value === typeof fitting[0]);
  return dice.pick(named?.length && scalar !== 'DateTime' && scalar !== 'Date' ? named : fitting);
}

function idValue(dice: Dice, seen: Seen, idsOf: readonly string[], hostile: boolean): unknown {
  const typename = dice.pick(idsOf.length > 0 ? idsOf : ['Sku']);
  const real = seen.ids(typename);
  if (!hostile) return real.length > 0 ? dice.pick(real) : dice.pick(unknownIds(typename));
  if (dice.chance(0.4)) return dice.pick(unknownIds(typename));
  const other = dice.pick(['Sku', 'Location', 'Order', 'Reservation', 'StockMove', 'Transfer', 'Actor']);
  return dice.chance(0.4) ? dice.pick([...seen.ids(other), ...unknownIds(other)]) : dice.pick(BAD_IDS);
}
