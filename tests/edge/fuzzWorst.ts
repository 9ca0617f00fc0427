// The largest requests that the limits allow, made from the schema: every root field with its largest arguments, selections
// as wide and as deep as the budget has room for, and then as many aliases of it as it has room for.

import {
  type DocumentNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isObjectType,
  isUnionType,
  parse,
  visit,
} from 'graphql';
import { readQueryLimits } from '../../src/config/queryLimits';
import { Estimate } from '../../src/graphql/cost/estimate';
import { decodeGlobalID } from '../../src/graphql/ids';
import { MAX_PAGE } from '../../src/graphql/limits';
import { schema } from '../../src/server/schema';
import type { Root, RootField } from './fuzzRequests';
import { MUTATION_INPUTS } from './fuzzWorstInputs';
import { NESTED_ARGS, OTHER_ARGS, QUERY_ARGS, type WorstWorld } from './fuzzWorstValues';

/** What applies when nothing is set. */
const LIMITS = readQueryLimits({});

type AnyField = GraphQLField<unknown, unknown>;

/** One request that is about as large as a request may be. */
export interface WorstRequest {
  /** The root field with its root, e.g. `Query.skus`. */
  name: string;
  root: Root;
  /** How it is large, for reports. */
  shape: string;
  query: string;
  variables: Record<string, unknown>;
  /** What it is estimated at. */
  points: number;
}

/** Parts of a list's limit that are tried until the request fits the budget. */
const SIZES = [1, 0.5, 0.25, 0.1, 0.05, 0.02, 0.01];
const DEPTHS = [1, 2, 3, 4, 5, 6];
const PAGES_BELOW = [MAX_PAGE, 20, 5];
/** Of one field and kind of arguments so many shapes are sent, the most expensive first. */
const MAX_SHAPES = 4;

const isPage = (field: AnyField): boolean => field.args.some((arg) => arg.name === 'first');

/** One way to select: how deep, and how long the pages below the root are. */
class Selection {
  readonly declared: string[] = [];
  readonly variables: Record<string, unknown> = {};
  readonly #names = new Map<string, string>();
  constructor(
    private readonly world: WorstWorld,
    private readonly depth: number,
    private readonly pageBelow: number,
    private readonly size: number,
    /** The one type of an interface's members that is requested. */
    private readonly member: string | null = null,
  ) {}

  variable(type: string, value: unknown): string {
    const key = `${type} ${JSON.stringify(value)}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      name = `v${this.declared.length}`;
      this.#names.set(key, name);
      this.declared.push(`$${name}: ${type}`);
      this.variables[name] = value;
    }
    return `$${name}`;
  }

  args(field: AnyField, values: Record<string, unknown>): string {
    const given = field.args.filter((arg) => values[arg.name] !== undefined);
    if (given.length === 0) return '';
    return `(${given.map((arg) => `${arg.name}: ${this.variable(String(arg.type), values[arg.name])}`).join(', ')})`;
  }

  /** Everything that can be selected of a type, down to the depth. */
  of(output: GraphQLOutputType, depth = 1, trail: readonly string[] = []): string {
    const type = getNamedType(output);
    if (!isCompositeType(type)) return '';
    if (isObjectType(type)) return ` { ${this.#fields(type, depth, trail)} }`;
    const members = isUnionType(type) ? type.getTypes() : schema.getPossibleTypes(type);
    const wanted = members.filter((it) =>
      isUnionType(type) ? it.name.endsWith('Success') : this.member === null || it.name === this.member,
    );
    const parts = wanted.map((it) => `... on ${it.name} { ${this.#fields(it, depth, trail, it.name)} }`);
    return ` { __typename ${isUnionType(type) ? '... on Refusal { message }' : ''} ${parts.join(' ')} }`;
  }

  /** Members of an interface have fields of one name and several types: those are left to what asks for one of them. */
  #fields(type: GraphQLObjectType, depth: number, trail: readonly string[], member?: string): string {
    const fields = Object.values(type.getFields()).flatMap((field) => {
      const named = getNamedType(field.type);
      const page = ['edges', 'node', 'pageInfo'].includes(field.name);
      if (!isCompositeType(named)) return [`${this.#alias(field, member)}${field.name}`];
      // A circle (order, transfer, order, …) is walked once.
      if (trail.includes(named.name) || (!page && depth >= this.depth)) return [];
      if (field.name === 'nodes') return [];
      return [this.#composite(type, field, named, page ? depth : depth + 1, trail, member)];
    });
    return fields.length > 0 ? fields.join(' ') : '__typename';
  }

  #alias(field: AnyField, member: string | undefined): string {
    return member === undefined || member === this.member || member.endsWith('Success') || field.name === 'id'
      ? ''
      : `${member}_${field.name}: `;
  }

  #composite(
    type: GraphQLObjectType,
    field: AnyField,
    named: GraphQLNamedType,
    depth: number,
    trail: readonly string[],
    member: string | undefined,
  ): string {
    const values = NESTED_ARGS[`${type.name}.${field.name}`]?.(this.world, this.size) ?? {};
    const paged = isPage(field) && values.first === undefined ? { ...values, first: this.pageBelow } : values;
    const inner = this.of(field.type, depth, [...trail, named.name]);
    return `${this.#alias(field, member)}${field.name}${this.args(field, paged)}${inner}`;
  }
}

function argumentsOf({ root, field }: RootField, world: WorstWorld, size: number, way: number) {
  if (root === 'Mutation') return { input: MUTATION_INPUTS[field.name]!(world, size) };
  const ways = [QUERY_ARGS[field.name] ?? (() => ({})), ...(OTHER_ARGS[field.name] ?? [])];
  const values: Record<string, unknown> = {
    ...(QUERY_ARGS[field.name]?.(world, size) ?? {}),
    ...ways[way]!(world, size),
  };
  if (isPage(field) && values.first === undefined) values.first = Math.ceil(MAX_PAGE * size);
  return values;
}

/** The operation with so many aliases of the field. */
function operationOf(
  asked: RootField,
  world: WorstWorld,
  how: { depth: number; pageBelow: number; size: number; way: number; aliases: number },
): Pick<WorstRequest, 'query' | 'variables'> {
  const { root, field } = asked;
  const values = argumentsOf(asked, world, how.size, how.way) as Record<string, unknown>;
  const id = values.id ?? (values.ids as string[] | undefined)?.[0];
  const member = typeof id === 'string' ? decodeGlobalID(id).typename : null;
  const selection = new Selection(world, how.depth, how.pageBelow, how.size, member);
  const inner = selection.of(field.type);
  const parts = Array.from({ length: how.aliases }, (_, i) => {
    const own = root === 'Mutation' ? { input: { idempotencyKey: '', ...(values.input as object) } } : values;
    if (root === 'Mutation') (own.input as { idempotencyKey: string }).idempotencyKey = `${i}-${KEY}`;
    const alias = how.aliases > 1 ? `r${i}: ` : '';
    return `${alias}${field.name}${selection.args(field, own)}${inner}`;
  });
  const head = selection.declared.length > 0 ? `(${selection.declared.join(', ')})` : '';
  return { query: `${root.toLowerCase()}${head} { ${parts.join(' ')} }`, variables: selection.variables };
}

/** Stands in keys; whoever sends the request puts another there each time. */
export const KEY = 'KEY';

/** What express takes of a body, with some room for keys. */
const MAX_BODY_BYTES = 510_000;

/** What it is estimated at; null: a limit refuses it. */
function pointsWithin(
  { query, variables }: Pick<WorstRequest, 'query' | 'variables'>,
  limit: number,
): number | null {
  if (JSON.stringify({ query, variables }).length > MAX_BODY_BYTES) return null;
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens: LIMITS.tokens });
  } catch {
    return null;
  }
  let [aliases, selections] = [0, 0];
  visit(document, {
    Field(node) {
      if (node.alias !== undefined) aliases += 1;
    },
    SelectionSet(node) {
      selections = Math.max(selections, node.selections.length);
    },
  });
  if (aliases > LIMITS.aliases || selections > LIMITS.selections) return null;
  const operation = document.definitions.find((it) => it.kind === 'OperationDefinition')!;
  const { cost, depth, breadth } = new Estimate(schema, document, operation, variables).whole;
  return cost <= limit && depth <= LIMITS.depth && breadth <= LIMITS.breadth ? cost : null;
}

/** The most expensive request with this selection that the budget lets through: the longest lists, then aliases. */
function largest(
  asked: RootField,
  world: WorstWorld,
  limit: number,
  how: { depth: number; pageBelow: number; way: number },
): WorstRequest | null {
  const { root, field } = asked;
  for (const size of SIZES) {
    const one = operationOf(asked, world, { ...how, size, aliases: 1 });
    const points = pointsWithin(one, limit);
    if (points === null) continue;
    let [most, request, cost] = [1, one, points];
    if (root !== 'Subscription') {
      for (
        let aliases = Math.min(LIMITS.aliases, Math.floor(limit / points));
        aliases > 1;
        aliases = Math.floor(aliases * 0.7)
      ) {
        const several = operationOf(asked, world, { ...how, size, aliases });
        const sum = pointsWithin(several, limit);
        if (sum === null) continue;
        [most, request, cost] = [aliases, several, sum];
        break;
      }
    }
    const shape = `${most} × depth ${how.depth}, lists ${size * 100} %, pages below ${how.pageBelow}, arguments ${how.way}`;
    return { name: `${root}.${field.name}`, root, shape, ...request, points: Math.round(cost) };
  }
  return null;
}

/** The worst requests of one root field. */
export function worstOf(
  asked: RootField,
  world: WorstWorld,
  limit: number,
  depths: readonly number[] = DEPTHS,
): WorstRequest[] {
  const ways = asked.root === 'Mutation' ? 1 : 1 + (OTHER_ARGS[asked.field.name]?.length ?? 0);
  return Array.from({ length: ways }, (_, way) => {
    const found = new Map<string, WorstRequest>();
    for (const depth of depths)
      for (const pageBelow of depth > 1 ? PAGES_BELOW : [MAX_PAGE]) {
        const request = largest(asked, world, limit, { depth, pageBelow, way });
        if (request !== null && !found.has(request.query)) found.set(request.query, request);
      }
    const [flat, ...deeper] = found.values();
    const dearest = deeper.sort((a, b) => b.points - a.points).slice(0, MAX_SHAPES - 1);
    return flat ? [flat, ...dearest] : dearest;
  }).flat();
}
