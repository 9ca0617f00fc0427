// connectionOf(): the connection of a node type. Every list of that type shares it.

import type { ObjectFieldsShape, ObjectRef, OutputType } from '@pothos/core';
import type { ConnectionShapeForType } from '@pothos/plugin-relay';
import { type BuilderTypes, builder } from './builder';

type ConnectionValue<Type extends OutputType<BuilderTypes>> = ConnectionShapeForType<
  BuilderTypes,
  Type,
  false,
  false,
  false
>;

/** The fields of a connection beside its page: figures of all nodes that match the filter. */
interface ConnectionExtras<Type extends OutputType<BuilderTypes>, Extra> {
  /** The connection is named `<name>Connection`; the name of the node type when left out. */
  name?: string;
  fields?: (
    t: PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, ConnectionValue<Type> & Extra>,
  ) => ReturnType<ObjectFieldsShape<BuilderTypes, ConnectionValue<Type>>>;
}

/** Declares `<Node>Connection` and `<Node>Edge`. Called once for each node type, beside the type. */
export function connectionOf<Type extends ObjectRef<BuilderTypes, unknown>, Extra = unknown>(
  type: Type,
  { name = type.name, fields }: ConnectionExtras<Type, Extra> = {},
) {
  const edge = builder.edgeObject({ name: `${name}Edge`, type });
  return builder.connectionObject(
    { name: `${name}Connection`, type, fields: fields as never },
    edge as never,
  );
}
