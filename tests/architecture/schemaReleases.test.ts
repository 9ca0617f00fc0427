// The comparison with the last release: which changes break clients, when a removal is allowed, and when a release may be written.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { schemaChanges, undatedDeprecations } from '../../src/graphql/releases/compare';
import { lastRelease, releaseProblem, writeRelease } from '../../src/graphql/releases/releases';
import { schema } from '../../src/server/schema';

const SDL = `
  type Query {
    order(id: ID!): Order
    "Old."
    oldOrder(key: OldKey): OldOrder @deprecated(reason: "Use order. Removed after 2027-01-31.")
  }
  type Order { id: ID! number: String! note: String status: Status! }
  type OldOrder { number: String! }
  input OldKey { number: String }
  enum Status { PLACED READY GONE @deprecated(reason: "Removed after 2027-01-31.") }
`;
const released = buildSchema(SDL);
const BEFORE = '2027-01-31';
const AFTER = '2027-02-01';

/** The changes when a text of the released SDL is replaced by another. */
function changesBy(from: string, to: string, today = BEFORE) {
  expect(SDL).toContain(from);
  return schemaChanges(released, buildSchema(SDL.replace(from, to)), today);
}

test.each([
  ['a removed field', 'note: String', '', 'Order.note was removed.'],
  [
    'a changed type',
    'number: String! note',
    'number: Int! note',
    'Order.number changed type from String! to Int!.',
  ],
  [
    'a field that becomes nullable',
    'number: String! note',
    'number: String note',
    'Order.number changed type from String! to String.',
  ],
  ['a removed enum value', 'PLACED READY', 'PLACED', 'READY was removed from enum type Status.'],
  [
    'a new required argument',
    'order(id: ID!)',
    'order(id: ID!, token: String!)',
    'A required arg token on Query.order was added.',
  ],
  ['a removed argument', 'order(id: ID!)', 'order', 'Query.order arg id was removed.'],
  [
    'a new required input field',
    'input OldKey {',
    'input OldKey { shop: ID!',
    'A required field shop on input type OldKey was added.',
  ],
  [
    'a removal before its date',
    'GONE @deprecated(reason: "Removed after 2027-01-31.")',
    '',
    'GONE was removed from enum type Status.',
  ],
])('%s breaks clients', (_name, from, to, problem) => {
  expect(changesBy(from, to)).toMatchObject({ breaking: [problem], allowed: [] });
});

test('a new field does not break clients; a new enum value may surprise them', () => {
  expect(changesBy('note: String', 'note: String giftMessage: String')).toEqual({
    breaking: [],
    allowed: [],
    dangerous: [],
  });
  expect(changesBy('PLACED READY', 'PLACED READY LOST')).toEqual({
    breaking: [],
    allowed: [],
    dangerous: ['LOST was added to enum type Status.'],
  });
});

const OLD_ORDER =
  'oldOrder(key: OldKey): OldOrder @deprecated(reason: "Use order. Removed after 2027-01-31.")';

test('what was deprecated may be removed after its date, with the types that only it used', () => {
  const without = buildSchema(
    SDL.replace(`"Old."\n    ${OLD_ORDER}`, '').replace(/type OldOrder.*|input OldKey.*|GONE @dep.*"\)/g, ''),
  );
  const removals = ['Query.oldOrder was removed.', 'OldOrder was removed.', 'OldKey was removed.'];
  const after = schemaChanges(released, without, AFTER);
  expect(after.breaking).toEqual([]);
  expect(after.allowed.sort()).toEqual([...removals, 'GONE was removed from enum type Status.'].sort());
  expect(schemaChanges(released, without, BEFORE).breaking).toHaveLength(after.allowed.length);
});

test('a type that something else still used may not be removed', () => {
  const used = SDL.replace('note: String', 'old: OldOrder');
  const now = buildSchema(
    SDL.replace(OLD_ORDER, '')
      .replace(/type OldOrder.*|input OldKey.*/g, '')
      .replace('"Old."', ''),
  );
  expect(schemaChanges(buildSchema(used), now, AFTER).breaking).toContain('OldOrder was removed.');
});

test('a deprecation without a date is found', () => {
  const sdl = SDL.replace('note: String', 'note(in: Int @deprecated(reason: "Soon.")): String @deprecated');
  expect(undatedDeprecations(buildSchema(sdl)).sort()).toEqual(['Order.note', 'Order.note(in:)']);
  expect(undatedDeprecations(schema)).toEqual([]);
});

describe('releases', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'releases-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const request = { version: '1.10.0', packageVersion: '1.10.0', again: false, today: BEFORE };

  test('the highest version counts, not the last in the alphabet', () => {
    expect(lastRelease(folder)).toBeNull();
    for (const version of ['1.9.0', '1.10.0', '1.2.11']) writeRelease(folder, version, released);
    writeFileSync(join(folder, 'CHANGES.md'), '');
    expect(lastRelease(folder)?.version).toBe('1.10.0');
  });

  test('a released schema is read back without a change', () => {
    writeRelease(folder, '1.0.0', schema);
    expect(schemaChanges(lastRelease(folder)!.schema, schema, BEFORE)).toEqual({
      breaking: [],
      allowed: [],
      dangerous: [],
    });
    expect(readFileSync(join(folder, '1.0.0.graphql'), 'utf8')).not.toContain('"""');
  });

  test('a release has the version of package.json and is not replaced by accident', () => {
    expect(releaseProblem(folder, released, request)).toBeNull();
    expect(releaseProblem(folder, released, { ...request, version: '1.10' })).toMatch(/not a version/);
    expect(releaseProblem(folder, released, { ...request, packageVersion: '1.9.0' })).toMatch(
      /version 1.9.0/,
    );
    writeRelease(folder, '1.10.0', released);
    expect(releaseProblem(folder, released, request)).toMatch(/released already/);
    expect(releaseProblem(folder, released, { ...request, again: true })).toBeNull();
    const lower = { ...request, version: '1.9.0', packageVersion: '1.9.0' };
    expect(releaseProblem(folder, released, lower)).toMatch(/higher/);
  });

  test('a release that breaks clients of the last one is refused', () => {
    writeRelease(folder, '1.9.0', released);
    const broken = buildSchema(SDL.replace('note: String', ''));
    expect(releaseProblem(folder, broken, request)).toMatch(/Order.note was removed/);
  });
});
