// Pages of every list of the schema: a list that has `last` and `before` is read backwards, and one that cannot be has neither.

import { readdirSync, readFileSync } from 'node:fs';
import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import { schema } from '../../src/server/schema';
import { startApp, type TestApp } from '../support/app';
import { call } from '../support/literals';

const connections = Object.values(schema.getTypeMap())
  .filter((type): type is GraphQLObjectType => isObjectType(type))
  .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
  .filter(({ field }) => getNamedType(field.type).name.endsWith('Connection'));
const has = (field: (typeof connections)[number]['field'], name: string): boolean =>
  field.args.some((arg) => arg.name === name);

test('every list is read forwards, and what may be read backwards has both arguments for it', () => {
  expect(connections.length).toBeGreaterThan(25);
  for (const { type, field } of connections) {
    const path = `${type.name}.${field.name}`;
    const pages = Object.fromEntries(
      ['first', 'after', 'last', 'before'].map((name) => [name, has(field, name)]),
    );
    expect({ path, ...pages }).toEqual({
      path,
      first: true,
      after: true,
      last: pages.before,
      before: pages.before,
    });
  }
});

test('whatever answers forward pages reports it: before and last would be ignored without a message', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
  let lists = 0;
  for (const name of files) {
    const text = readFileSync(`src/${name}`, 'utf8');
    const pages = count(text, /\bforwardPage(<[^;]*?>)?\(/g) - count(text, /function forwardPage/g);
    expect({ name, pages }).toEqual({ name, pages: count(text, /forwardOnly: true/g) });
    lists += pages;
  }
  expect(lists).toBeGreaterThan(10);
});

const ofQuery = connections.filter(({ type }) => type.name === 'Query').map(({ field }) => field);

describe('as the schema says', () => {
  let app: TestApp;
  let admin: string;
  beforeAll(async () => {
    app = await startApp();
    admin = await app.token('ADMIN');
  });
  afterAll(() => app.close());

  const ask = async (name: string, page: string) => {
    const field = ofQuery.find((f) => f.name === name)!;
    const whole = call(name, field.args)
      .replace('location: "x"', 'location: "paris"')
      .replace('email: "x"', 'email: "nobody@example.com"');
    const asked = whole.endsWith(')') ? `${whole.slice(0, -1)}, ${page})` : `${whole}(${page})`;
    const { errors } = await app.gqlUntyped(
      admin,
      `{ ${asked} { edges { cursor } nodes { __typename } pageInfo { hasPreviousPage } } }`,
    );
    return errors?.map((e) => e.message);
  };

  test.each(ofQuery.map((field) => field.name))('%s has the first page', async (name) => {
    expect(await ask(name, 'first: 1')).toBeUndefined();
  });

  test.each(ofQuery.filter((field) => has(field, 'last')).map((field) => field.name))(
    '%s has the last page',
    async (name) => {
      expect(await ask(name, 'last: 1')).toBeUndefined();
    },
  );

  test.each(ofQuery.filter((field) => !has(field, 'last')).map((field) => field.name))(
    '%s has no last page in its schema',
    async (name) => {
      expect(await ask(name, 'last: 1')).toEqual([`Unknown argument "last" on field "Query.${name}".`]);
    },
  );
});
