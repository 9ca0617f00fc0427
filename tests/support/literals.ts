// A call of any field of the schema, as text: its required arguments with some value, right in form and meaningless in content.

import {
  type GraphQLArgument,
  GraphQLEnumType,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLNonNull,
  getNamedType,
  isListType,
  isNonNullType,
} from 'graphql';
import { decodeGlobalID, encodeGlobalID } from '../../src/graphql/ids';

type RelayIdArgument = { extensions?: { relayGlobalIDFor?: { typename: string }[] } };
const isNumbered = (typename: string): boolean => {
  try {
    decodeGlobalID(encodeGlobalID(typename, 1));
    return true;
  } catch {
    return false;
  }
};
/** A number that no row of a test has. */
const NO_ROW = 4_711;
const A_UUID = '019adf00-0000-7000-8000-000000000000';

/** An id of the type that is requested: one of another type is refused by its form before the caller's rights are checked. */
function someId(argument: RelayIdArgument): string {
  const typename = argument.extensions?.relayGlobalIDFor?.[0]?.typename ?? 'Sku';
  return `"${encodeGlobalID(typename, isNumbered(typename) ? NO_ROW : A_UUID)}"`;
}

/** Some value of an input type, as a literal: right in form, meaningless in content. */
function literal(type: GraphQLInputType, argument: RelayIdArgument): string {
  if (isNonNullType(type)) return literal(type.ofType, argument);
  if (isListType(type)) return `[${literal(type.ofType, argument)}]`;
  if (type instanceof GraphQLEnumType) return type.getValues()[0]!.name;
  if (type instanceof GraphQLInputObjectType) {
    const all = Object.values(type.getFields());
    const needed = type.isOneOf
      ? all.slice(0, 1)
      : all.filter((f) => isNonNullType(f.type) && f.defaultValue === undefined);
    return `{ ${needed.map((f) => `${f.name}: ${literal(f.type, f as RelayIdArgument)}`).join(', ')} }`;
  }
  const values: Record<string, string> = {
    Int: '1',
    Float: '1',
    Boolean: 'true',
    ID: someId(argument),
    DateTime: '"2026-11-25T09:00:00Z"',
    Date: '"2026-11-25"',
    BigInt: '1',
  };
  return values[getNamedType(type).name] ?? '"x"';
}

/** The call of a field, e.g. `sku(by: { code: "x" })`. */
export function call(name: string, args: readonly GraphQLArgument[]): string {
  const needed = args.filter((a) => a.type instanceof GraphQLNonNull && a.defaultValue === undefined);
  return needed.length === 0
    ? name
    : `${name}(${needed.map((a) => `${a.name}: ${literal(a.type, a as RelayIdArgument)}`).join(', ')})`;
}
