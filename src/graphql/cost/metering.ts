// Applies the price list to a schema: the real lengths of lists are charged, long lists are answered in slices, and the reads of one request take turns.

import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql';
import { inSlices } from '../../runtime/turns';
import type { Context } from '../context';
import type { Weighed } from './budget';
import { isPromise } from './gate';
import { overspent } from './overspent';
import { FIELD_ERROR } from './price';
import { pricedFields, priceOf } from './priceList';

type MeteredField = GraphQLField<unknown, Context>;
type Resolver = GraphQLFieldResolver<unknown, Context>;

const isConnection = (field: MeteredField): boolean => getNamedType(field.type).name.endsWith('Connection');
const isList = (field: MeteredField): boolean => isListType(getNullableType(field.type));
/** The lists of Relay's connections; their size is given by their connection. */
const isPage = (type: GraphQLObjectType, name: string): boolean =>
  type.name.endsWith('Connection') && (name === 'edges' || name === 'nodes');

/**
 * Every root field, every list, every connection and every field with arguments has a price of its own, and no price is
 * for a field that is not there. @throws Error naming those that are wrong
 */
export function checkPrices(schema: GraphQLSchema): void {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const unpriced = types
    .filter((type) => !type.name.startsWith('__'))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter(
          (field) => roots.includes(type) || isList(field) || isConnection(field) || field.args.length > 0,
        )
        .filter((field) => !isPage(type, field.name) && priceOf(type.name, field.name) === undefined)
        .map((field) => `${type.name}.${field.name}`),
    );
  const idle = pricedFields()
    .filter(([name, field]) => {
      const type = schema.getType(name);
      return !isObjectType(type) || type.getFields()[field] === undefined;
    })
    .map((names) => names.join('.'));
  if (unpriced.length > 0)
    throw new Error(
      `Fields without a price; give each one in src/graphql/cost/priceList.ts or answerPrices.ts: ${unpriced.join(', ')}.`,
    );
  if (idle.length > 0) throw new Error(`Prices of fields that do not exist: ${idle.join(', ')}.`);
}

/** Points of the elements of a list, over all positions of the document that select it. */
function weighedBy(lists: ReadonlyMap<FieldNode, Weighed>, info: GraphQLResolveInfo): Weighed {
  let [size, each] = [0, 0];
  for (const node of info.fieldNodes) {
    const weighed = lists.get(node);
    if (weighed === undefined) continue;
    size = Math.max(size, weighed.size);
    each += weighed.each;
  }
  return { size, each };
}

/**
 * Charges the difference between the real length of a list and its estimate, which may be negative. Past the budget a
 * query's lists are empty: its whole answer is then one error (see `limits`). What a mutation did is done, so its
 * answer stays whole; only no further mutation is begun.
 */
function settle(items: unknown, { budget }: Context, info: GraphQLResolveInfo): unknown {
  if (!Array.isArray(items)) return items;
  const { size, each } = weighedBy(budget.lists, info);
  budget.spent += (items.length - size) * each;
  if (items.length === 0) return items;
  const isQuery = info.operation.operation === 'query';
  return inSlices(items, each, () => (isQuery && budget.isOver ? overspent(budget) : null));
}

function listResolver(resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    const items = resolve(source, args, context, info);
    return isPromise(items)
      ? items.then((them) => settle(them, context, info))
      : settle(items, context, info);
  };
}

const inTurn =
  (resolve: Resolver, gate: 'roots' | 'nested'): Resolver =>
  (source, args, context, info) =>
    context.budget[gate].run(() => resolve(source, args, context, info));

/** A mutation is begun only while those before it in the same request left something of the budget. */
const whileWithin =
  (resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    if (context.budget.isOver) throw overspent(context.budget);
    return resolve(source, args, context, info);
  };

/** Errors of fields that stand in lists are charged, as a request can make them by the thousand. */
function chargedForErrors(resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    const charge = (error: unknown): never => {
      context.budget.spent += FIELD_ERROR;
      throw context.budget.isOver ? overspent(context.budget) : error;
    };
    try {
      const result = resolve(source, args, context, info);
      return isPromise(result) ? result.then(undefined, charge) : result;
    } catch (error) {
      return charge(error);
    }
  };
}

/** The same schema, its resolvers metered. @throws Error when a field has no price */
export function metered(schema: GraphQLSchema): GraphQLSchema {
  checkPrices(schema);
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()];
  const subscription = schema.getSubscriptionType();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields()) as MeteredField[]) {
      const resolve: Resolver = field.resolve ?? defaultFieldResolver;
      let better = resolve;
      const price = priceOf(type.name, field.name);
      if (type === query && !price?.batched) better = inTurn(better, 'roots');
      if (type === mutation) better = whileWithin(better);
      const isRoot = [query, mutation, subscription].includes(type);
      if (!isRoot && field.extensions.canFailAlone) better = chargedForErrors(better);
      if (price?.reads) better = inTurn(better, 'nested');
      if (isList(field) && isCompositeType(getNamedType(field.type))) better = listResolver(better);
      if (better !== resolve) field.resolve = better;
    }
  }
  return schema;
}
