// Fields that are nullable regardless of their declaration, so that their error does not remove the rest of the answer.

import SchemaBuilder, {
  BasePlugin,
  type OutputType,
  type PothosOutputFieldConfig,
  type PothosOutputFieldType,
  type SchemaTypes,
} from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import type { Role } from '../access/rules/roles';
import { checkRoot } from './accessRule';
import type { Context } from './context';

const PLUGIN = 'errorsStayInPlace';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      errorsStayInPlace: ErrorsStayInPlacePlugin<Types>;
    }
  }
}

const ROOTS = ['Query', 'Mutation', 'Subscription'];

/**
 * An access rule that depends on the object, with the roles that it can admit at all: a field of that object which the same
 * roles may read needs no null of its own.
 */
export function ruleByObject<T>(roles: Role[], isAllowed: (object: T, context: Context) => boolean) {
  const rule = (object: T, context: Context) => isAllowed(object, context) && { roles };
  return Object.assign(rule, { roles });
}

/** The roles that a rule can admit; null: all of them. */
function rolesOf(scopes: unknown): readonly Role[] | null {
  return (scopes as { roles?: readonly Role[] } | undefined)?.roles ?? null;
}

/** True when a caller who may see the outer object can be refused by the inner rule. */
export function isNarrower(inner: unknown, outer: unknown): boolean {
  if (inner === undefined || inner === outer) return false;
  if (typeof inner === 'function') return true;
  const admitted = rolesOf(inner);
  if (admitted === null) return false;
  return rolesOf(outer)?.every((role) => role === 'ADMIN' || admitted.includes(role)) !== true;
}

/** Relay's wrappers have no rule: they contain what the rule of the returning field has admitted. */
export const isWrapper = (typename: string): boolean => /(Connection|Edge)$/.test(typename);

/** The named type of a field, of a list its elements'. */
function refOf<Types extends SchemaTypes>(type: PothosOutputFieldType<Types>): OutputType<Types> {
  return type.kind === 'List' ? refOf(type.type) : type.ref;
}

type ArgMapper = (args: Record<string, unknown>, context: object, info: never) => unknown;

/** For `nodes`: every id is decoded alone, so that one that is none is an error among decoded ones. */
function decodingOneByOne(mapper: ArgMapper): ArgMapper {
  return (args, context, info) => {
    const decode = (id: unknown): unknown => {
      try {
        return (mapper({ ids: [id] }, context, info) as { ids: unknown[] }).ids[0];
      } catch (error) {
        return error;
      }
    };
    return { ...args, ids: (args.ids as unknown[]).map(decode) };
  };
}

/**
 * An error makes its field null, and where that field cannot be null its whole object, up to the whole answer. So each
 * field that can fail alone is nullable: the roots (one of several queries or mutations fails alone), a field with a
 * rule narrower than that of its object, a field of a type with such a rule, and a field with arguments (they can be
 * refused). What remains non-null are the plain facts of an object that its caller may see.
 */
class ErrorsStayInPlacePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    if (!this.#canFailAlone(field)) return field;
    const type = { ...field.type, nullable: true };
    const extensions = { ...field.extensions, canFailAlone: true };
    if (field.parentType !== 'Query' || field.name !== 'nodes') return { ...field, type, extensions };
    const argMappers = field.argMappers.map((mapper) => decodingOneByOne(mapper as ArgMapper)) as never;
    return { ...field, type, extensions, argMappers };
  }

  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context']>,
    { parentType, name }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context']> {
    if (!ROOTS.includes(parentType)) return resolve;
    return (parent, args, context, info) => {
      checkRoot(parentType, name, (context as unknown as Context).signedIn);
      return resolve(parent, args, context, info);
    };
  }

  override wrapSubscribe(
    subscribe: GraphQLFieldResolver<unknown, Types['Context']> | undefined,
    { parentType, name }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context']> | undefined {
    if (subscribe === undefined) return subscribe;
    return (parent, args, context, info) => {
      checkRoot(parentType, name, (context as unknown as Context).signedIn);
      return subscribe(parent, args, context, info);
    };
  }

  #canFailAlone({ parentType, type, args, pothosOptions }: PothosOutputFieldConfig<Types>): boolean {
    if (ROOTS.includes(parentType) || Object.keys(args).length > 0) return true;
    if (isWrapper(parentType)) return false;
    const outer = this.#scopesOf(parentType);
    const own = (pothosOptions as { authScopes?: unknown }).authScopes;
    return isNarrower(own, outer) || isNarrower(this.#scopesOf(refOf(type)), own ?? outer);
  }

  #scopesOf(ref: Parameters<typeof this.buildCache.getTypeConfig>[0]): unknown {
    return (this.buildCache.getTypeConfig(ref).pothosOptions as { authScopes?: unknown }).authScopes;
  }
}

SchemaBuilder.registerPlugin(PLUGIN, ErrorsStayInPlacePlugin);

export default PLUGIN;
