// Reads prisma/schema.prisma into plain facts about tables, in PostgreSQL's words.

/** A field or block attribute, such as `@map("order_id")`: its name and what stands in its parentheses. */
interface Attribute {
  name: string;
  args: string;
}

interface Field {
  name: string;
  type: string;
  list: boolean;
  optional: boolean;
  attributes: Attribute[];
}

interface Model {
  name: string;
  fields: Field[];
  attributes: Attribute[];
}

interface Enum {
  name: string;
  values: string[];
  attributes: Attribute[];
}

/** The model as written. */
export interface PrismaModel {
  models: Model[];
  enums: Enum[];
}

const COLUMN_TYPES: Record<string, string> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Float: 'double precision',
  Boolean: 'boolean',
  DateTime: 'timestamp(3) without time zone',
  Json: 'jsonb',
  Bytes: 'bytea',
  Decimal: 'numeric(65,30)',
};

/** `@db.Char(2)` and the like, as PostgreSQL prints the type. */
const NATIVE_TYPES: Record<string, (args: string) => string> = {
  'db.Char': (args) => `character(${args || 1})`,
  'db.VarChar': (args) => (args ? `character varying(${args})` : 'character varying'),
  'db.Uuid': () => 'uuid',
  'db.Date': () => 'date',
  'db.SmallInt': () => 'smallint',
  'db.Real': () => 'real',
  'db.Timestamptz': (args) => (args ? `timestamp(${args}) with time zone` : 'timestamp with time zone'),
  'db.Decimal': (args) => `numeric(${args.replace(/\s/g, '')})`,
};

/** Defaults that Prisma fills in itself, so that the column has none. */
const CLIENT_DEFAULTS = /^(uuid|cuid|ulid|nanoid)\(/;
const KNOWN_ATTRIBUTES = /^(id|unique|default|map|relation|index|updatedAt|ignore|db\.\w+)$/;

/** Splits a schema into models and enums. Throws on what it does not understand rather than passing it over. */
export function readModel(schema: string): PrismaModel {
  const model: PrismaModel = { models: [], enums: [] };
  for (const [, kind, name = '', body = ''] of schema.matchAll(/^(\w+) (\w+) \{\n(.*?)^\}/gms)) {
    const lines = body.split('\n').map(withoutComment).filter(Boolean);
    const attributes = lines.filter((line) => line.startsWith('@@')).flatMap(attributesIn);
    const rest = lines.filter((line) => !line.startsWith('@@'));
    if (kind === 'model') model.models.push({ name, attributes, fields: rest.map(fieldIn) });
    else if (kind === 'enum') model.enums.push({ name, attributes, values: rest.map(enumValue) });
    else if (kind !== 'generator' && kind !== 'datasource') throw new Error(`unknown block ${kind} ${name}`);
  }
  return model;
}

function withoutComment(line: string): string {
  return (/^(?:[^"/]|"(?:[^"\\]|\\.)*"|\/(?!\/))*/.exec(line)?.[0] ?? '').trim();
}

function fieldIn(line: string): Field {
  const parts = /^(\w+)\s+(\w+|Unsupported\("[^"]*"\))(\[\])?(\?)?(?:\s+(.*))?$/.exec(line);
  if (!parts) throw new Error(`not a field: ${line}`);
  const [, name = '', type = '', list, optional, rest = ''] = parts;
  return {
    name,
    type,
    list: list !== undefined,
    optional: optional !== undefined,
    attributes: attributesIn(rest),
  };
}

function enumValue(line: string): string {
  const [name = '', ...rest] = line.split(/\s+/);
  return textOf(find(attributesIn(rest.join(' ')), 'map')) ?? name;
}

function attributesIn(text: string): Attribute[] {
  const found: Attribute[] = [];
  let rest = text.trim();
  while (rest) {
    const name = /^@@?([\w.]+)/.exec(rest);
    if (!name?.[1] || !KNOWN_ATTRIBUTES.test(name[1])) throw new Error(`unknown attribute: ${rest}`);
    rest = rest.slice(name[0].length);
    const length = rest.startsWith('(') ? lengthOfParentheses(rest) : 0;
    found.push({ name: name[1], args: rest.slice(1, Math.max(1, length - 1)) });
    rest = rest.slice(length).trim();
  }
  return found;
}

function lengthOfParentheses(text: string): number {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[()]/g)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth === 0) return index + 1;
  }
  throw new Error(`a parenthesis is not closed: ${text}`);
}

function find(attributes: Attribute[], name: string): string | undefined {
  return attributes.find((attribute) => attribute.name === name)?.args;
}

function textOf(args: string | undefined): string | undefined {
  return /"([^"]*)"/.exec(args ?? '')?.[1];
}

/** The names between the brackets that follow `key`, or the first brackets: `fields: [a, b]`. */
function namesIn(args: string, key = ''): string[] {
  const list = new RegExp(`${key ? `${key}:\\s*` : ''}\\[([^\\]]*)\\]`).exec(args)?.[1] ?? '';
  return list.split(',').map((name) => name.trim());
}

/** The facts that a database of this model has: columns, keys and enums, one sentence each. */
export function factsOf({ models, enums }: PrismaModel): string[] {
  const sqlName = (block: Model | Enum) => textOf(find(block.attributes, 'map')) ?? block.name;
  const modelNames = new Map(models.map((model) => [model.name, model]));
  const enumNames = new Map(enums.map((one) => [one.name, sqlName(one)]));
  const column = (model: Model | undefined, name: string) =>
    textOf(find(model?.fields.find((field) => field.name === name)?.attributes ?? [], 'map')) ?? name;
  const columns = (model: Model | undefined, names: string[]) =>
    names.map((name) => column(model, name)).join(', ');

  const facts = enums.map((one) => `enum ${sqlName(one)}: ${one.values.join(', ')}`);
  for (const model of models) {
    const table = sqlName(model);
    facts.push(`table ${table}`);
    for (const field of model.fields) {
      const target = modelNames.get(field.type);
      if (target) facts.push(...foreignKey(table, field, sqlName(target), model, target, columns));
      else facts.push(...columnFacts(table, column(model, field.name), field, enumNames));
    }
    for (const { name, args } of model.attributes) {
      if (name === 'id') facts.push(`primary key ${table}(${columns(model, namesIn(args))})`);
      if (name === 'unique') facts.push(`unique ${table}(${columns(model, namesIn(args))})`);
    }
  }
  return facts;
}

function columnFacts(table: string, column: string, field: Field, enumNames: Map<string, string>): string[] {
  const native = field.attributes.find((attribute) => attribute.name.startsWith('db.'));
  const type = native
    ? NATIVE_TYPES[native.name]?.(native.args)
    : (textOf(field.type) ?? enumNames.get(field.type) ?? COLUMN_TYPES[field.type]);
  if (!type)
    throw new Error(`${table}.${column}: the type ${native?.name ?? field.type} is not in the list above`);
  const standard = find(field.attributes, 'default');
  const hasDefault = standard !== undefined && !CLIENT_DEFAULTS.test(standard);
  const facts = [
    `column ${table}.${column} ${type}${field.list ? '[]' : ''}${field.optional ? '' : ' not null'}` +
      (hasDefault ? ' with default' : ''),
  ];
  if (find(field.attributes, 'id') !== undefined) facts.push(`primary key ${table}(${column})`);
  if (find(field.attributes, 'unique') !== undefined) facts.push(`unique ${table}(${column})`);
  return facts;
}

function foreignKey(
  table: string,
  field: Field,
  targetTable: string,
  model: Model,
  target: Model,
  columns: (model: Model, names: string[]) => string,
): string[] {
  const args = find(field.attributes, 'relation') ?? '';
  // The other end of a relation has no columns of its own.
  if (!args.includes('fields:')) return [];
  const action = (key: string, standard: string) =>
    (new RegExp(`${key}:\\s*(\\w+)`).exec(args)?.[1] ?? standard)
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toLowerCase();
  return [
    `foreign key ${table}(${columns(model, namesIn(args, 'fields'))}) to ` +
      `${targetTable}(${columns(target, namesIn(args, 'references'))})` +
      ` on delete ${action('onDelete', field.optional ? 'SetNull' : 'Restrict')}` +
      ` on update ${action('onUpdate', 'Cascade')}`,
  ];
}
