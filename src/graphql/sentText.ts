// What a client sent as a mutation's arguments, as one text: the same request has the same text in every release.

import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLResolveInfo,
  getNamedType,
  isInputObjectType,
  Kind,
  type ValueNode,
} from 'graphql';

/** Given beside the request, to name it. */
const KEY = 'idempotencyKey';

/** Where a value in the operation's text is completed from. */
interface SentSource {
  variables: Readonly<Record<string, unknown>>;
  operation: GraphQLResolveInfo['operation'];
}

/** A variable as sent; the default that the client's own operation names for it; undefined: there is neither. */
function variableOf(name: string, source: SentSource): unknown {
  if (Object.hasOwn(source.variables, name)) return source.variables[name];
  const declared = source.operation.variableDefinitions?.find((it) => it.variable.name.value === name);
  return declared?.defaultValue && literalOf(declared.defaultValue, source);
}

/** The value of a literal as JSON would carry it. Whole numbers past JavaScript's exact ones stay texts. */
function literalOf(node: ValueNode, source: SentSource): unknown {
  switch (node.kind) {
    case Kind.VARIABLE:
      return variableOf(node.name.value, source);
    case Kind.NULL:
      return null;
    case Kind.INT:
      return Number.isSafeInteger(Number(node.value)) ? Number(node.value) : node.value;
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map((item) => literalOf(item, source) ?? null);
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((it) => [it.name.value, literalOf(it.value, source)]));
    default:
      return node.value;
  }
}

/** JSON with sorted keys: free data, in which a number is not its text and null is a value. */
function exactText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => exactText(item ?? null)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, it]) => `${JSON.stringify(name)}:${exactText(it)}`).join()}}`;
}

/** How values of a type are written. Worked out once a type: computing it by graphql-js each time took longer than all else. */
interface SentForm {
  isJson: boolean;
  /** The fields of an input object, by name; null: no object. */
  fields: readonly (readonly [name: string, form: SentForm])[] | null;
}
const forms = new WeakMap<object, SentForm>();

function formOf(type: GraphQLInputType): SentForm {
  const named = getNamedType(type);
  const known = forms.get(named);
  if (known !== undefined) return known;
  const form: SentForm = { isJson: named.name === 'JSON', fields: null };
  forms.set(named, form);
  if (isInputObjectType(named)) form.fields = fieldsOf(Object.values(named.getFields()));
  return form;
}

function fieldsOf(fields: readonly { name: string; type: GraphQLInputType }[]): SentForm['fields'] {
  const inOrder = [...fields].sort((a, b) => (a.name < b.name ? -1 : 1));
  return inOrder.map(({ name, type }) => [name, formOf(type)]);
}

/** The form of a mutation's arguments. */
function argumentForm(field: GraphQLField<unknown, unknown>): SentForm {
  const form = forms.get(field) ?? { isJson: false, fields: fieldsOf(field.args) };
  forms.set(field, form);
  return form;
}

/**
 * Fields stand in the order of their names, and null is the same as left out. Numbers, ids, enums and booleans are texts,
 * so that `1` and `"1"` are one id and a whole number stays the same when its type grows from Int to BigInt; a list of one
 * is that one, as GraphQL reads it. Dates and texts are compared as sent.
 */
function textOf(value: unknown, form: SentForm): string {
  if (value == null) return 'null';
  if (form.isJson) return exactText(value);
  if (Array.isArray(value)) {
    if (value.length === 1) return textOf(value[0], form);
    return `[${value.map((item) => textOf(item, form)).join()}]`;
  }
  if (form.fields === null) return JSON.stringify(String(value));
  let text = '';
  for (const [name, inner] of form.fields) {
    const field = (value as Record<string, unknown>)[name];
    if (field != null) text += `${text && ','}${name}:${textOf(field, inner)}`;
  }
  return `{${text}}`;
}

function argumentsOf(node: FieldNode, source: SentSource): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  for (const { name, value } of node.arguments ?? []) sent[name.value] = literalOf(value, source);
  return sent;
}

/** The arguments of a field as the client sent them, before the schema's defaults are filled in and ids decoded. */
export function sentArguments(
  { fieldNodes, operation }: GraphQLResolveInfo,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return argumentsOf(fieldNodes[0]!, { variables, operation });
}

/**
 * The arguments of a mutation as the client sent them, before the schema's defaults are filled in and codes looked up.
 * The same whether they came as literals or as variables, in whatever order; without the idempotency key.
 */
export function sentText(info: GraphQLResolveInfo, variables: Readonly<Record<string, unknown>>): string {
  const { parentType, fieldName } = info;
  const sent = sentArguments(info, variables);
  const { input } = sent;
  if (typeof input === 'object' && input !== null && KEY in input) sent.input = { ...input, [KEY]: null };
  return textOf(sent, argumentForm(parentType.getFields()[fieldName]!));
}
