// `node` and `nodes`: objects by their global ids, one query per type and selection, however many ids and fields request it.

import { brandWithType } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import { resolveNodes } from '@pothos/plugin-relay';
import type { GraphQLResolveInfo } from 'graphql';
import type { PrismaClient } from '../db/generated/client/client';
import { checkCount } from '../refusals';
import { groupBy } from '../values/lists';
import type { Context } from './context';
import { keyOf } from './ids';
import { MAX_NODES } from './limits';
import { loader } from './loaders';

type Builder = Parameters<typeof resolveNodes>[0];

/** One object that is requested, and where: what is selected of it there is read along. */
interface NodeKey {
  typename: string;
  id: string;
  info: GraphQLResolveInfo;
}

/** A decoded id, or why it is none. */
export type DecodedId = GlobalId | Error;
interface GlobalId {
  typename: string;
  id: string;
}

type NodeFilter = Record<string, unknown>;
interface PrismaNodeType {
  /** The delegate of its model in the client. */
  model: keyof PrismaClient;
  /** Which rows are it, and those that this caller may see: an id and restrictions that are the same for all ids. */
  whereOf(id: string, context: Context): NodeFilter;
}

/** What Pothos' Prisma plugin stores with a type. */
interface PrismaExtensions {
  pothosPrismaModel?: string;
  pothosPrismaLoader?: (context: Context) => { findUnique(row: object, context: Context): NodeFilter };
}

/** The types with rows read by Prisma, as the builder knows them; null: a type with a loader of its own. */
function prismaNode(builder: Builder, typename: string): PrismaNodeType | null {
  if (!builder.configStore.hasConfig(typename as never)) return null;
  const { extensions } = builder.configStore.getTypeConfig(typename);
  const { pothosPrismaModel: model, pothosPrismaLoader: loaderOf } = (extensions ?? {}) as PrismaExtensions;
  if (model === undefined || loaderOf === undefined) return null;
  return {
    model: `${model[0]!.toLowerCase()}${model.slice(1)}` as keyof PrismaClient,
    whereOf: (id, context) => loaderOf(context).findUnique({ id: keyOf(typename, id) }, context),
  };
}

type NodeRow = { id: unknown };
type FindMany = { findMany(query: object): Promise<NodeRow[]> };

/** Rows of one type with one selection, in the order of their keys. */
async function readNodes(
  builder: Builder,
  context: Context,
  keys: readonly NodeKey[],
): Promise<(NodeRow | null)[]> {
  const [{ typename, info }] = keys as [NodeKey];
  const { model, whereOf } = prismaNode(builder, typename)!;
  const wheres = keys.map(({ id }) => whereOf(id, context));
  const { id: _, ...visible } = wheres[0]!;
  const query = queryFromInfo({ context, info, typeName: typename });
  const ids = [...new Set(wheres.map((where) => where.id))];
  const rows = await (context.db.prisma[model] as unknown as FindMany).findMany({
    ...query,
    where: { ...visible, id: { in: ids } },
  });
  const byId = new Map(rows.map((row) => [String(row.id), row]));
  return wheres.map((where) => {
    const row = byId.get(String(where.id)) ?? null;
    if (row !== null) brandWithType(row, typename as never);
    return row;
  });
}

/** Keys by type and selection. */
function groupsOf(context: Context, keys: readonly NodeKey[]): NodeKey[][] {
  const selections = new Map<GraphQLResolveInfo, Map<string, string>>();
  const selectionOf = ({ typename, info }: NodeKey): string => {
    const byType = selections.get(info) ?? new Map<string, string>();
    selections.set(info, byType);
    let selected = byType.get(typename);
    if (selected === undefined) {
      // Called for each location, as it records there what is read with it.
      selected = `${typename} ${JSON.stringify(queryFromInfo({ context, info, typeName: typename }))}`;
      byType.set(typename, selected);
    }
    return selected;
  };
  return [...groupBy(keys, selectionOf).values()];
}

/** The loader of nodes of this builder's types. */
export function nodeLoader(builder: Builder) {
  const load = loader<NodeKey, unknown>(
    async (context, keys) => {
      const found = new Map<NodeKey, unknown>();
      for (const group of groupsOf(context, keys)) {
        const rows = await readNodes(builder, context, group);
        group.forEach((key, i) => {
          found.set(key, rows[i]);
        });
      }
      return keys.map((key) => found.get(key) ?? null);
    },
    undefined,
    false,
  );

  /**
   * Objects in the order of their ids: null for one that is not there or not for this caller, an error in its position for
   * an id that is none. @throws Refused InvalidInput for too many
   */
  return async (
    context: Context,
    info: GraphQLResolveInfo,
    decoded: readonly (DecodedId | null)[],
  ): Promise<unknown[]> => {
    checkCount(decoded, 'ids', MAX_NODES, 0);
    const others: (GlobalId | null)[] = decoded.map((id) =>
      id === null || id instanceof Error || prismaNode(builder, id.typename) !== null ? null : id,
    );
    const loaded = others.some((id) => id !== null) ? resolveNodes(builder, context, info, others) : [];
    const [rows, rest] = await Promise.all([
      Promise.all(
        decoded.map((id, i) => {
          if (id === null || id instanceof Error || others[i] !== null) return id;
          return load(context).load({ typename: id.typename, id: id.id, info });
        }),
      ),
      loaded,
    ]);
    return rows.map((row, i) => (others[i] === null ? row : rest[i]));
  };
}
