// Estimates the cost of an operation before execution: the prices of its fields, times the elements of the lists around them.

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Weighed } from './budget';
import { argsOf, longestInput, variablesOf } from './inputs';
import {
  ENTRY,
  type FieldArgs,
  type FieldPrice,
  GUARDED,
  OBJECT,
  ownOf,
  PRISMA_STATEMENT,
  sizeOf,
  VALUE,
} from './price';
import { priceOf } from './priceList';

/** Introspection computes the whole schema, whatever its selection. */
const INTROSPECTION = 30_000;
/** Fields that are compared to report the most expensive ones. */
const MAX_EXPLAINED = 2_000;
const MAX_NAMED = 3;

export interface Weight {
  cost: number;
  depth: number;
  breadth: number;
}

/** A part of an operation: its points by element, and those of statements that read it for all elements together. */
interface PartWeight extends Weight {
  once: number;
}

interface FieldWeight extends PartWeight {
  size: number;
  /** The page of the connection that the field is. */
  page: number;
}

const NOTHING: PartWeight = { cost: 0, depth: 0, breadth: 0, once: 0 };
const isConnection = (name: string): boolean => name.endsWith('Connection');

const NO_ARGS: FieldArgs = {};

/** The facts of the schema about a field, looked up once. */
interface EstimateFacts {
  price: FieldPrice | undefined;
  /** Its points where it has no price of its own. */
  usual: number;
  /** Its type without lists, where it has fields of its own. */
  named: GraphQLCompositeType | null;
  /** The list of a connection, which has the connection's page. */
  isPage: boolean;
  /** Points of statements that read it for all parents together: Prisma reads each relation by one of its own. */
  once: number;
  /** Points of an element beside its selection. One of `nodes` costs what `node` of an edge does. */
  each: number;
  isPaged: boolean;
}
const facts = new WeakMap<GraphQLField<unknown, unknown>, EstimateFacts>();

function factsOf(field: GraphQLField<unknown, unknown>, type: GraphQLCompositeType): EstimateFacts {
  let known = facts.get(field);
  if (known === undefined) {
    const named = getNamedType(field.type);
    const price = priceOf(type.name, field.name);
    const isPage = isConnection(type.name) && (field.name === 'edges' || field.name === 'nodes');
    known = {
      price,
      usual: field.extensions.canFailAlone ? GUARDED : isCompositeType(named) ? OBJECT : VALUE,
      named: isCompositeType(named) ? named : null,
      isPage,
      once: price?.once ?? (field.extensions.pothosPrismaRelationField ? PRISMA_STATEMENT : 0),
      each: isPage && field.name === 'nodes' ? OBJECT : (price?.each ?? 0),
      isPaged: price?.size !== undefined && isConnection(named.name),
    };
    facts.set(field, known);
  }
  return known;
}

export class Estimate {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #variables: Record<string, unknown>;
  readonly #known = new Map<SelectionSetNode, Map<string, PartWeight>>();
  readonly #counted = new Map<object, number>();
  /** Entries of the longest list in the inputs of a mutation, which its answer may have too; 0 elsewhere. */
  readonly #inputEntries: number = 0;
  /** The estimate of each list field of the operation. */
  readonly lists = new Map<FieldNode, Weighed>();
  readonly whole: Weight;

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
    variables: Record<string, unknown> | null | undefined,
  ) {
    for (const it of document.definitions)
      if (it.kind === 'FragmentDefinition') this.#fragments.set(it.name.value, it);
    this.#variables = variablesOf(operation, variables);
    const root = schema.getRootType(operation.operation);
    if (root && operation.operation === 'mutation')
      this.#inputEntries = longestInput(operation, root, this.#fragments, this.#variables);
    const { cost, depth, breadth, once } = root ? this.#ofSet(operation.selectionSet, root, 1) : NOTHING;
    this.whole = { cost: cost + once, depth, breadth };
  }

  /** `page`: elements of the connection that the fields belong to; 1 elsewhere. */
  #ofSet(set: SelectionSetNode, type: GraphQLCompositeType, page: number): PartWeight {
    const key = `${page}:${type.name}`;
    let byType = this.#known.get(set);
    if (byType === undefined) {
      byType = new Map();
      this.#known.set(set, byType);
    }
    const known = byType.get(key);
    if (known !== undefined) return known;
    const sum = { ...NOTHING };
    for (const node of set.selections) {
      const { cost, depth, breadth, once } = this.#ofNode(node, type, page);
      sum.cost += cost;
      sum.once += once;
      sum.breadth += breadth;
      sum.depth = Math.max(sum.depth, depth);
    }
    byType.set(key, sum);
    return sum;
  }

  #ofNode(node: SelectionNode, type: GraphQLCompositeType, page: number): PartWeight {
    if (!this.#isIncluded(node)) return NOTHING;
    if (node.kind === 'Field') return this.#ofField(node, type, page);
    const inner = this.#fragment(node, type);
    return inner ? this.#ofSet(inner.set, inner.type, page) : NOTHING;
  }

  #fragment(
    node: Exclude<SelectionNode, FieldNode>,
    type: GraphQLCompositeType,
  ): { set: SelectionSetNode; type: GraphQLCompositeType } | null {
    const fragment = node.kind === 'InlineFragment' ? node : this.#fragments.get(node.name.value);
    if (fragment === undefined) return null;
    const on = fragment.typeCondition ? this.schema.getType(fragment.typeCondition.name.value) : type;
    return isCompositeType(on) ? { set: fragment.selectionSet, type: on } : null;
  }

  #isIncluded(node: SelectionNode): boolean {
    for (const { name, arguments: args } of node.directives ?? []) {
      const condition = args?.find((arg) => arg.name.value === 'if');
      if (condition === undefined) continue;
      const value = valueFromASTUntyped(condition.value, this.#variables);
      if (name.value === 'skip' && value === true) return false;
      if (name.value === 'include' && value === false) return false;
    }
    return true;
  }

  /** Entries of all lists and objects in a value; without recursion, as a client nests them as deep as it likes. */
  #entries(args: FieldArgs): number {
    let entries = 0;
    for (const value of Object.values(args)) {
      if (typeof value !== 'object' || value === null) continue;
      let own = this.#counted.get(value);
      if (own === undefined) {
        own = 0;
        const open: object[] = [value];
        for (let one = open.pop(); one !== undefined; one = open.pop()) {
          for (const inner of Object.values(one)) {
            own += 1;
            if (typeof inner === 'object' && inner !== null) open.push(inner as object);
          }
        }
        this.#counted.set(value, own);
      }
      entries += own;
    }
    return entries;
  }

  #ofField(node: FieldNode, type: GraphQLCompositeType, page: number): FieldWeight {
    const { value: name } = node.name;
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    if (field === undefined) {
      const cost = name === '__schema' || name === '__type' ? INTROSPECTION : VALUE;
      return { cost, depth: 1, breadth: 1, once: 0, size: 1, page: 1 };
    }
    const { price, usual, named, isPage, once, each: perElement, isPaged } = factsOf(field, type);
    const args = field.args.length > 0 ? argsOf(node, field, this.#variables) : NO_ARGS;
    const own = price ? ownOf(price, args) : usual;
    const usualCount = price ? sizeOf(price, args) : 1;
    const elementCount = price?.perInput ? Math.max(usualCount, this.#inputEntries) : usualCount;
    const [size, its] = isPage ? [page, 1] : isPaged ? [1, elementCount] : [elementCount, 1];
    const inner = node.selectionSet && named ? this.#ofSet(node.selectionSet, named, its) : NOTHING;
    const each = perElement + inner.cost;
    if (isPage || (price?.size !== undefined && !isPaged)) this.#note(node, { size, each });
    // A connection pays for its rows here, and its edges for what is selected of them.
    const elements = isPaged ? elementCount * perElement + inner.cost : size * each;
    return {
      cost: own + ENTRY * this.#entries(args) + elements,
      depth: 1 + inner.depth,
      breadth: 1 + inner.breadth,
      once: once + inner.once,
      size,
      page: its,
    };
  }

  /** The same field of a fragment may stand in several positions: the highest cost counts. */
  #note(node: FieldNode, weighed: Weighed): void {
    const known = this.lists.get(node);
    if (known === undefined || known.each < weighed.each) this.lists.set(node, weighed);
  }

  /** The most expensive fields with their points, e.g. `orders.edges.node.lines`. */
  mostExpensive(): { path: string; cost: number }[] {
    const root = this.schema.getRootType(this.operation.operation);
    if (!root) return [];
    return this.#fieldsOf(this.operation.selectionSet, root, 1)
      .sort((a, b) => b.weight.cost - a.weight.cost)
      .slice(0, MAX_NAMED)
      .map(({ node, type, weight }) => {
        const path = [node.alias ? `${node.alias.value}: ${node.name.value}` : node.name.value];
        this.#follow(node, type, weight, path);
        return { path: path.join('.'), cost: Math.round(weight.cost) };
      });
  }

  /** Goes down while one field below has most of the points. */
  #follow(node: FieldNode, type: GraphQLCompositeType, weight: FieldWeight, path: string[]): void {
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
    const named = field && getNamedType(field.type);
    if (!node.selectionSet || !isCompositeType(named)) return;
    const [first] = this.#fieldsOf(node.selectionSet, named, weight.page).sort(
      (a, b) => b.weight.cost - a.weight.cost,
    );
    if (first === undefined || first.weight.cost * weight.size < weight.cost / 2) return;
    path.push(first.node.name.value);
    this.#follow(first.node, first.type, first.weight, path);
  }

  #fieldsOf(
    set: SelectionSetNode,
    type: GraphQLCompositeType,
    page: number,
    found: { node: FieldNode; type: GraphQLCompositeType; weight: FieldWeight }[] = [],
    seen = { nodes: 0 },
  ): typeof found {
    for (const node of set.selections) {
      seen.nodes += 1;
      if (seen.nodes > MAX_EXPLAINED) break;
      if (node.kind === 'Field') {
        if (this.#isIncluded(node)) found.push({ node, type, weight: this.#ofField(node, type, page) });
        continue;
      }
      const inner = this.#isIncluded(node) && this.#fragment(node, type);
      if (inner) this.#fieldsOf(inner.set, inner.type, page, found, seen);
    }
    return found;
  }
}
