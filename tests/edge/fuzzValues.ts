// The values a hostile client sends: for every scalar some that fit and some that cannot be meant.

import { randomUUID } from 'node:crypto';
import { encodeGlobalID } from '../../src/graphql/ids';
import type { Dice, SeenIds } from './fuzzDice';
import { BAD_IDS, CURSORS, HOSTILE, TEXTS } from './fuzzHostile';

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

/** Whether this type's ids hold a number; what `src/graphql/ids` refuses says it. */
const NUMBERED = new Set([
  'Sku',
  'Location',
  'Actor',
  'AccessToken',
  'Session',
  'Device',
  'Supplier',
  'SafetyStock',
  'StockMove',
  'Command',
  'ServiceAgent',
]);

/** Ids of this type that are well formed and stand for nothing. */
export function unknownIds(typename: string): string[] {
  const keys = NUMBERED.has(typename)
    ? ['2147483647', '987654', '0']
    : [randomUUID(), '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  return keys.map((key) => encodeGlobalID(typename, key));
}

/** What is requested: the scalar's name, the field's, and of which node types an id may be. */
export interface Wanted {
  scalar: string;
  name: string;
  idsOf: readonly string[];
}

/** Keys of one run are not those of another on the same database. */
const RUN = randomUUID().slice(0, 8);
let keys = 0;

/** A value that cannot be meant: a known one, or any that fast-check makes. */
function hostileValue(dice: Dice, scalar: string): unknown {
  const known = HOSTILE[scalar] ?? TEXTS;
  if (dice.chance(0.7)) return dice.pick(known);
  if (scalar === 'String') return dice.text();
  if (scalar === 'JSON') return dice.free();
  if (scalar === 'Float' || scalar === 'Int' || scalar === 'BigInt') {
    const double = dice.double();
    return Number.isFinite(double) ? (scalar === 'Float' ? double : Math.trunc(double)) : null;
  }
  return dice.chance(0.5) ? dice.text() : dice.free();
}

/** One value for a scalar: hostile or fitting. */
export function scalarValue(dice: Dice, seen: SeenIds, wanted: Wanted, hostile: boolean): unknown {
  const { scalar, name, idsOf } = wanted;
  if (scalar === 'ID') return idValue(dice, seen, idsOf, hostile);
  if (name === 'after' || name === 'before') {
    const real = seen.texts('cursor');
    return hostile || real.length === 0 ? dice.pick(CURSORS) : dice.pick(real);
  }
  if (hostile) return hostileValue(dice, scalar);
  if (name === 'idempotencyKey') {
    const used = seen.texts('key');
    keys += 1;
    return dice.chance(0.05) && used.length > 0 ? dice.pick(used) : `fuzz-${RUN}-${keys}`;
  }
  const learnt = scalar === 'String' ? seen.texts(name) : [];
  if (learnt.length > 0 && dice.chance(0.6)) return dice.pick(learnt);
  // `from` and `to` are locations in a command and instants in a filter.
  const fitting = FITTING[scalar] ?? ['x'];
  const named = NAMED[name]?.filter((value) => typeof value === typeof fitting[0]);
  return dice.pick(named?.length && scalar !== 'DateTime' && scalar !== 'Date' ? named : fitting);
}

function idValue(dice: Dice, seen: SeenIds, idsOf: readonly string[], hostile: boolean): unknown {
  const typename = dice.pick(idsOf.length > 0 ? idsOf : ['Sku']);
  const real = seen.ids(typename);
  if (!hostile) return real.length > 0 ? dice.pick(real) : dice.pick(unknownIds(typename));
  if (dice.chance(0.4)) return dice.pick(unknownIds(typename));
  const other = dice.pick(['Sku', 'Location', 'Order', 'Reservation', 'StockMove', 'Transfer', 'Actor']);
  return dice.chance(0.4) ? dice.pick([...seen.ids(other), ...unknownIds(other)]) : dice.pick(BAD_IDS);
}
