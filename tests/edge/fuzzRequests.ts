// Requests made from the schema itself: every root field with every argument, answers requested in breadth and depth.

import {
  type GraphQLArgument,
  GraphQLEnumType,
  type GraphQLField,
  GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { schema } from '../../src/server/schema';
import type { Dice, SeenIds } from './fuzzDice';
import { unquoteRaw } from './fuzzHostile';
import { scalarValue } from './fuzzValues';

const ROOTS = ['Query', 'Mutation', 'Subscription'] as const;
export type Root = (typeof ROOTS)[number];
type AnyField = GraphQLField<unknown, unknown>;
export interface RootField {
  root: Root;
  field: AnyField;
}

/** Every query, mutation and subscription. */
export const ROOT_FIELDS: readonly RootField[] = ROOTS.flatMap((root) => {
  const type = schema.getType(root);
  return isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ root, field })) : [];
});

/** Every type that `node` can give. */
export const NODE_TYPES: readonly string[] = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type) && type.getInterfaces().some((i) => i.name === 'Node'))
  .map((type) => type.name);

type RelayIdType = { extensions?: { relayGlobalIDFor?: { typename: string }[] } };

const MAX_SELECTION_DEPTH = 4;
/** How likely a field with fields or arguments of its own is requested, by depth: an answer's document nearly always. */
const CHANCES = [1, 0.8, 0.9, 0.3, 0.2];
const MAX_FIELDS = 120;
const LONG_LISTS = [0, 1, 2, 201, 1_001, 10_000];
const LEFT_OUT = 0.35;
/** Of these an input wants one: with several it would be refused before anything deep is reached. */
const EITHER = [
  ['reservation', 'lines'],
  ['order', 'receipt', 'return', 'number'],
  ['sku', 'gtin'],
];
const FORWARDS = ['first', 'after'];
const BACKWARDS = ['last', 'before'];
const LITERAL = 0.2;
const MAX_LITERAL = 5_000;
const HOSTILITIES = [0, 0, 0, 0.1, 0.3, 1];

/** One request in the making: its dice, how hostile it is, and the variables it has so far. */
class Making {
  readonly declared: string[] = [];
  readonly variables: Record<string, unknown> = {};
  readonly fragments: string[] = [];
  fields = 0;
  aliases = 0;
  constructor(
    readonly dice: Dice,
    readonly seen: SeenIds,
    readonly hostility: number,
  ) {}

  /** Some value of an input type; undefined: left out. */
  value(type: GraphQLInputType, name: string, asked: RelayIdType): unknown {
    const { dice } = this;
    const hostile = dice.chance(this.hostility);
    if (isNonNullType(type)) {
      if (hostile && dice.chance(0.05)) return null;
      return this.value(type.ofType, name, asked) ?? this.value(type.ofType, name, asked);
    }
    if (hostile && dice.chance(0.1)) return null;
    if (isListType(type)) return this.list(type.ofType, name, asked, hostile);
    if (type instanceof GraphQLEnumType) {
      return hostile && dice.chance(0.1) ? 'NO_SUCH_VALUE' : dice.pick(type.getValues()).name;
    }
    if (type instanceof GraphQLInputObjectType) return this.object(type, hostile);
    const idsOf = (asked.extensions?.relayGlobalIDFor ?? []).map((it) => it.typename);
    return scalarValue(dice, this.seen, { scalar: getNamedType(type).name, name, idsOf }, hostile);
  }

  list(of: GraphQLInputType, name: string, asked: RelayIdType, hostile: boolean): unknown {
    const { dice } = this;
    const length = hostile ? dice.pick(LONG_LISTS) : dice.pick([1, 1, 2]);
    const some = Array.from({ length: Math.min(length, 3) }, () => this.value(of, name, asked));
    // Long lists of long texts only ever meet the limit of the body.
    const short = some.filter((item) => JSON.stringify(item ?? null).length < 100);
    if (length <= some.length || short.length === 0) return some;
    return Array.from({ length }, (_, i) => short[i % short.length]);
  }

  object(type: GraphQLInputObjectType, hostile: boolean): unknown {
    const { dice } = this;
    const all = Object.values(type.getFields());
    const chosen = type.isOneOf && !(hostile && dice.chance(0.3)) ? [dice.pick(all)] : all;
    const taken = new Set<readonly string[]>();
    const entries = dice.shuffled(chosen).flatMap((field) => {
      const needed = isNonNullType(field.type) || type.isOneOf;
      if (needed ? hostile && dice.chance(0.05) : dice.chance(LEFT_OUT)) return [];
      const either = EITHER.find((names) => names.includes(field.name));
      if (either && !needed && !hostile) {
        if (taken.has(either)) return [];
        taken.add(either);
      }
      return [[field.name, this.value(field.type, field.name, field as RelayIdType)] as const];
    });
    if (hostile && dice.chance(0.05)) entries.push(['surprise', true]);
    return Object.fromEntries(entries);
  }

  /** The arguments of one field, as variables or now and then as literals. */
  args(args: readonly GraphQLArgument[]): string {
    const { dice } = this;
    const unwanted = dice.chance(this.hostility) ? [] : dice.chance(0.8) ? BACKWARDS : FORWARDS;
    const said = args.flatMap((arg) => {
      if (unwanted.includes(arg.name)) return [];
      const needed = isNonNullType(arg.type) && arg.defaultValue === undefined;
      if (!needed && dice.chance(LEFT_OUT)) return [];
      const value = this.value(arg.type, arg.name, arg as RelayIdType);
      if (value === undefined) return [];
      if (dice.chance(LITERAL) && JSON.stringify(value).length < MAX_LITERAL)
        return [`${arg.name}: ${literal(value, arg.type)}`];
      const name = `v${this.declared.length}`;
      this.declared.push(`$${name}: ${arg.type}`);
      this.variables[name] = value;
      return [`${arg.name}: $${name}`];
    });
    return said.length === 0 ? '' : `(${said.join(', ')})`;
  }

  field(field: AnyField, depth: number, alias = ''): string {
    this.fields += 1;
    const inner = this.selection(field.type, depth + 1);
    return `${alias}${field.name}${this.args(field.args)}${this.directive()}${inner}`;
  }

  directive(): string {
    if (!this.dice.chance(0.03)) return '';
    const name = this.dice.pick(['include', 'skip']);
    if (this.dice.chance(0.5)) return ` @${name}(if: ${this.dice.chance(0.5)})`;
    const variable = `v${this.declared.length}`;
    this.declared.push(`$${variable}: Boolean!`);
    this.variables[variable] = this.dice.chance(0.5);
    return ` @${name}(if: $${variable})`;
  }

  /** What is asked of a type: said in place, or now and then in a fragment of its own. */
  said(type: GraphQLNamedType, fields: string): string {
    if (!this.dice.chance(0.05)) return `{ ${fields} }`;
    const name = `F${this.fragments.length}`;
    this.fragments.push(`fragment ${name} on ${type.name} { ${fields} }`);
    return `{ ...${name} __typename }`;
  }

  selection(of: GraphQLOutputType, depth: number): string {
    const type = getNamedType(of);
    if (!isCompositeType(type)) return '';
    if (isObjectType(type)) return ` ${this.said(type, this.fieldsOf(type, depth).join(' '))}`;
    const members = isUnionType(type) ? type.getTypes() : schema.getPossibleTypes(type);
    const own = isInterfaceType(type) ? Object.keys(type.getFields()) : [];
    const message = isUnionType(type) ? '... on Refusal { message }' : '';
    const used = new Map<string, string>();
    const parts = members.map((member) => {
      const fields = this.fieldsOf(member, depth, (field) => {
        const shape = used.get(field.name) ?? String(field.type);
        used.set(field.name, shape);
        if (shape === String(field.type)) return '';
        this.aliases += 1;
        return `a${this.aliases}_${field.name}: `;
      });
      return `... on ${member.name} { ${fields.join(' ')} }`;
    });
    return ` ${this.said(type, `__typename ${own.join(' ')} ${message} ${parts.join(' ')}`)}`;
  }

  fieldsOf(type: GraphQLNamedType, depth: number, alias: (field: AnyField) => string = () => ''): string[] {
    if (!isObjectType(type)) return [];
    const fields = Object.values(type.getFields()).flatMap((field) => {
      const leaf = !isCompositeType(getNamedType(field.type)) && field.args.length === 0;
      const page = ['edges', 'node', 'pageInfo'].includes(field.name);
      const wanted = leaf || page || this.dice.chance(CHANCES[depth] ?? 0);
      if (!wanted || (!leaf && !page && depth >= MAX_SELECTION_DEPTH) || this.fields > MAX_FIELDS) return [];
      if (this.aliases > 50) return [];
      return [this.field(field, depth, alias(field))];
    });
    return ['__typename', ...fields];
  }
}

/** A value as GraphQL writes it in a query. */
function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) {
    const of = isListType(type) ? type.ofType : type;
    return `[${value.map((item) => literal(item, of)).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const fields = type instanceof GraphQLInputObjectType ? type.getFields() : {};
    const entries = Object.entries(value).filter(([name]) => /^[A-Za-z_]\w*$/.test(name));
    return `{ ${entries.map(([name, item]) => `${name}: ${literal(item, fields[name]?.type ?? type)}`).join(', ')} }`;
  }
  return getNamedType(type) instanceof GraphQLEnumType ? String(value) : unquoteRaw(JSON.stringify(value));
}

/** An operation, as a client would send it. */
export interface Operation {
  root: Root;
  /** For reports: its first field. */
  name: string;
  query: string;
  variables: Record<string, unknown>;
  operationName?: string;
}

/** The body of a POST, with numbers that JSON.stringify could not say. */
export function bodyOf(operation: Partial<Pick<Operation, 'query' | 'variables' | 'operationName'>>): string {
  const { query, variables, operationName } = operation;
  return unquoteRaw(JSON.stringify({ query, variables, operationName }));
}

/**
 * Makes one operation that asks for a root field, and now and then for others of the same root beside it; hostility is
 * the part of its values that cannot be meant, 0 to 1.
 */
export function makeOperation(
  dice: Dice,
  seen: SeenIds,
  { root, field }: RootField,
  hostility = dice.pick(HOSTILITIES),
): Operation {
  const making = new Making(dice, seen, hostility);
  const asked = [making.field(field, 0)];
  const beside = root === 'Subscription' || dice.chance(0.9) ? 0 : 1 + dice.below(3);
  for (let i = 0; i < beside; i += 1) {
    const other = dice.pick(ROOT_FIELDS.filter((it) => it.root === root)).field;
    asked.push(making.field(other, 0, `b${i}: `));
  }
  const head = making.declared.length > 0 ? `(${making.declared.join(', ')})` : '';
  const named = dice.chance(0.05);
  const operation = `${root.toLowerCase()} ${named ? 'Meant' : ''}${head} { ${asked.join(' ')} }`;
  const parts = [operation, ...making.fragments, ...(named ? ['query Other { __typename }'] : [])];
  return {
    root,
    name: `${root}.${field.name}`,
    query: dice.shuffled(parts).join('\n'),
    variables: making.variables,
    ...(named && { operationName: 'Meant' }),
  };
}
