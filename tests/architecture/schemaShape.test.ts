// The conventions of names in the GraphQL schema, over the whole of it.

import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
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
