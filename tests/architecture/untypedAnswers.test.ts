// Answers to the tests' GraphQL calls have types: what the compiler refuses, and how many calls it knows nothing of.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphQLClient } from '../support/graphqlClient';

const TESTS = join(__dirname, '..');
/** Calls whose `data` is `any` today, because their text is put together at run time. It may shrink, not grow. */
const MAX_UNTYPED = 18;

const sources = readdirSync(TESTS, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'graphqlClient.ts')
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
const count = (pattern: RegExp): number =>
  sources.reduce((sum, text) => sum + (text.match(pattern)?.length ?? 0), 0);

test('new texts are ones that the compiler knows, so that a renamed field fails the type check', () => {
  expect(count(/\.gqlUntyped\(/g)).toBeLessThanOrEqual(MAX_UNTYPED);
  expect(count(/\.gql\(/g)).toBeGreaterThan(250);
});

test('the compiler refuses what the schema does not have, and what was not asked for', () => {
  // Never called: `npm run types` fails where one of these lines is no error.
  const refused = async (client: GraphQLClient): Promise<unknown[]> => {
    const whole = `${Date.now()}`;
    // @ts-expect-error: no such field
    await client.gql(null, '{ viewer { nmae } }');
    // @ts-expect-error: no such field of a member of an interface
    await client.gql(null, '{ node(id: "x") { ... on Sku { nmae } } }');
    // @ts-expect-error: nobody knows what is selected
    await client.gql(null, `{ viewer { ${whole} } }`);
    const { data } = await client.gql(null, '{ viewer { name locations { code } } }');
    // @ts-expect-error: not asked for
    return [data.viewer.name, data.viewer.locations[0].code, data.viewer.role];
  };
  expect(refused).toBeInstanceOf(Function);
});
