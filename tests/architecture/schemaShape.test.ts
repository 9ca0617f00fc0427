// The conventions of names in the GraphQL schema, over the whole of it.

import {
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { schema } from '../../src/server/schema';

const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
const objects = types.filter((type): type is GraphQLObjectType => isObjectType(type));
const typeOf = (type: GraphQLObjectType, field: string): string => String(type.getFields()[field]?.type);

describe('connections', () => {
  const connections = objects.filter(({ name }) => name.endsWith('Connection'));

  test('are named for their node, and have nodes beside edges', () => {
    expect(connections.length).toBeGreaterThan(25);
    const nameOf = (type: GraphQLObjectType): string => getNamedType(type.getFields().nodes!.type).name;
    const shapes = connections.map((type) => ({
      name: type.name,
      nodes: typeOf(type, 'nodes'),
      edges: typeOf(type, 'edges'),
    }));
    expect(shapes).toEqual(
      connections.map((type) => {
        const node = nameOf(type);
        // A page of shelves with the totals of the whole run.
        const name = node === 'WhatIfShelf' ? 'WhatIf' : node;
        return { name: `${name}Connection`, nodes: `[${node}!]!`, edges: `[${name}Edge!]!` };
      }),
    );
  });
});

const lists = objects
  .flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({ path: `${type.name}.${field.name}`, field })),
  )
  .filter(({ field }) => getNamedType(field.type).name.endsWith('Connection'));

describe('lists', () => {
  test('are narrowed by one filter, named for their node', () => {
    const filters = lists.flatMap(({ path, field }) =>
      field.args
        .filter(({ name }) => name === 'filter')
        .map(({ type }) => ({
          path,
          filter: String(type),
          node: getNamedType(field.type).name.slice(0, -10),
        })),
    );
    expect(filters.length).toBeGreaterThan(20);
    // Two dry runs share the filter of shelves.
    for (const { path, filter, node } of filters)
      expect({ path, filter }).toEqual({
        path,
        filter: node === 'WhatIf' ? 'DryRunFilter' : `${node}Filter`,
      });
  });

  test('have no other argument that may be left out than filter, orderBy and those of the page', () => {
    const known = ['first', 'after', 'last', 'before', 'filter', 'orderBy'];
    const others = lists.flatMap(({ path, field }) =>
      field.args
        .filter(({ name, type }) => !known.includes(name) && !isNonNullType(type))
        .map(({ name }) => `${path}(${name}:)`),
    );
    // The money of the dry run is part of the change that is tried.
    expect(others).toEqual(['Query.whatIf(budget:)']);
  });

  test('are sorted by orderBy, whose type is named for the node', () => {
    const sorted = lists.flatMap(({ path, field }) =>
      field.args.map(({ name, type }) => ({ path, name, type, field })),
    );
    const enums = sorted.filter(({ type }) => /Order(By)?$/.test(getNamedType(type).name));
    expect(enums.length).toBeGreaterThan(3);
    for (const { path, name, type, field } of enums)
      expect({ path, name, type: getNamedType(type).name }).toEqual({
        path,
        name: 'orderBy',
        type: `${getNamedType(field.type).name.slice(0, -10)}OrderBy`,
      });
  });
});

test('who did something is an ActorSummary, not a name', () => {
  const names = objects.flatMap((type) =>
    Object.values(type.getFields())
      .filter(
        ({ name, type: of }) =>
          /^(actor\w*|picker|planner|\w+By)$/.test(name) && /^String!?$/.test(String(of)),
      )
      .map(({ name }) => `${type.name}.${name}`),
  );
  // A customer, and the code of a SKU in the facts of a refusal.
  expect(names).toEqual(['Order.collectedBy', 'TakenGtin.takenBy']);
});

test('no two inputs have the same fields', () => {
  const inputs = types.filter((type): type is GraphQLInputObjectType => isInputObjectType(type));
  const byFields = new Map<string, string[]>();
  for (const { name, ...type } of inputs.map((it) => ({
    name: it.name,
    fields: Object.values(it.getFields()),
  }))) {
    // Each mutation, filter and look-up keeps an input of its own, to which fields can be added.
    if (type.fields.some((field) => field.name === 'idempotencyKey') || /(Filter|Key)$/.test(name)) continue;
    const key = type.fields
      .map((field) => `${field.name}: ${field.type}`)
      .sort()
      .join(', ');
    byFields.set(key, [...(byFields.get(key) ?? []), name]);
  }
  expect([...byFields.values()].filter((names) => names.length > 1)).toEqual([]);
});

test('every mutation <name> takes <Name>Input and answers <Name>Result, of which <Name>Success is one', () => {
  const mutations = Object.values(schema.getMutationType()!.getFields());
  expect(mutations.length).toBeGreaterThan(50);
  for (const { name, type, args } of mutations) {
    const typeName = `${name[0]!.toUpperCase()}${name.slice(1)}`;
    const result = schema.getType(`${typeName}Result`);
    expect([args.map((arg) => String(arg.type)), String(type)]).toEqual([
      [`${typeName}Input!`],
      `${typeName}Result`,
    ]);
    expect(isUnionType(result) && result.getTypes().map((member) => member.name)).toContain(
      `${typeName}Success`,
    );
  }
});

test('a thing is looked up by its one key, or by a key input of which exactly one field is given', () => {
  const keys = types.filter(
    (type): type is GraphQLInputObjectType => isInputObjectType(type) && type.isOneOf,
  );
  const lookups = Object.values(schema.getQueryType()!.getFields()).filter(({ args }) =>
    args.some(({ name }) => ['id', 'code', 'number', 'by'].includes(name)),
  );
  const ways = lookups
    .filter(({ type, args }) => isObjectType(getNamedType(type)) && args.length === 1)
    .map(({ name, type, args }) => [name, `${args[0]!.name}: ${args[0]!.type}`, getNamedType(type).name]);
  expect(ways.length).toBeGreaterThan(8);
  // What is computed about a thing is looked up by the key of the thing.
  const keyOf = (node: string): string => (node === 'CustomerContext' ? 'CustomerKey' : `${node}Key`);
  for (const [name, way, node] of ways)
    expect([name, ['id: ID!', 'code: String!', `by: ${keyOf(node!)}!`]]).toEqual([
      name,
      expect.arrayContaining([way]),
    ]);
  for (const { name } of keys.filter((type) => type.name.endsWith('Key')))
    expect(ways.map(([, way]) => way)).toContain(`by: ${name}!`);
});
