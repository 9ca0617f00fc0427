// Writes operations.generated.d.ts: the variables and answers of each page's operations, from schema.graphql (npm run types).

// gql.tada makes these types in the compiler, which took 2 GB for the tests; this takes 0.3 s, and knows what can be null.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import {
  buildSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  parse,
  specifiedRules,
  typeFromAST,
  validate,
} from 'graphql';

const PAGES = new URL('./', import.meta.url);
const FILE = new URL('operations.generated.d.ts', PAGES);
const schema = buildSchema(readFileSync(new URL('../../schema.graphql', PAGES), 'utf8'));

const SCALARS = {
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  BigInt: 'number | string',
  JSON: 'unknown',
};

/** A leaf type as TypeScript has it. */
function leafText(type) {
  if (!isEnumType(type)) return SCALARS[type.name] ?? 'string';
  return type
    .getValues()
    .map(({ name }) => `'${name}'`)
    .join(' | ');
}

/** A type with its lists and nulls around the text of what it names. */
function wrapped(type, inner) {
  if (isNonNullType(type)) return bare(type.ofType, inner);
  return `${bare(type, inner)} | null`;
}
const bare = (type, inner) =>
  isListType(type) ? `(${wrapped(type.ofType, inner)})[]` : inner(getNamedType(type));

/** The type of an input. */
function inputText(type) {
  return wrapped(type, (named) => {
    if (!isInputObjectType(named)) return leafText(named);
    const fields = Object.values(named.getFields()).map((field) => {
      const isOptional = !isNonNullType(field.type) || field.defaultValue !== undefined;
      return `${field.name}${isOptional ? '?' : ''}: ${inputText(field.type)}`;
    });
    return `{ ${fields.join('; ')} }`;
  });
}

/** The named fragments of the operation. */
let fragments = new Map();

/** The selected fields of one object type, those of fragments that fit it among them. */
function fieldsOf(type, selectionSet, fields = new Map()) {
  for (const selected of selectionSet.selections) {
    const node = selected.kind === 'FragmentSpread' ? fragments.get(selected.name.value) : selected;
    if (node.kind !== 'Field') {
      const on = node.typeCondition ? schema.getType(node.typeCondition.name.value) : type;
      const fits = on === type || (isAbstractType(on) && schema.isSubType(on, type));
      if (fits) fieldsOf(type, node.selectionSet, fields);
      continue;
    }
    const key = (node.alias ?? node.name).value;
    const known = fields.get(key);
    const selections = [...(known?.selections ?? []), ...(node.selectionSet?.selections ?? [])];
    fields.set(key, { name: node.name.value, selections, isConditional: node.directives.length > 0 });
  }
  return fields;
}

function objectText(type, selectionSet) {
  const fields = [...fieldsOf(type, selectionSet)].map(([key, { name, selections, isConditional }]) => {
    if (name === '__typename') return `${key}: '${type.name}'`;
    const field = type.getFields()[name];
    return `${key}${isConditional ? '?' : ''}: ${wrapped(field.type, (named) => selectedText(named, { selections }))}`;
  });
  return `{ ${fields.join('; ')} }`;
}

/** What is selected of a type: of a union or an interface one object type for each of its members. */
function selectedText(type, selectionSet) {
  if (isLeafType(type)) return leafText(type);
  if (!isAbstractType(type)) return objectText(type, selectionSet);
  return schema
    .getPossibleTypes(type)
    .map((member) => objectText(member, selectionSet))
    .join(' | ');
}

function operationText(name, text) {
  const document = parse(text);
  const [fault] = validate(schema, document, specifiedRules);
  if (fault) throw new Error(`operation ${name}: ${fault.message}`);
  const [{ operation, selectionSet, variableDefinitions }, ...others] = document.definitions;
  fragments = new Map(others.map((fragment) => [fragment.name.value, fragment]));
  const variables = variableDefinitions.map(({ variable, type, defaultValue }) => {
    const isOptional = defaultValue !== undefined;
    return `${variable.name.value}${isOptional ? '?' : ''}: ${inputText(typeFromAST(schema, type))}`;
  });
  const root = schema.getRootType(operation);
  return `  ${name}: {
    kind: '${operation}';
    variables: { ${variables.join('; ')} };
    answer: ${objectText(root, selectionSet)};
  };\n`;
}

const interfaces = [];
for (const entry of readdirSync(PAGES, { withFileTypes: true })) {
  if (!entry.isDirectory() || !readdirSync(new URL(`${entry.name}/`, PAGES)).includes('operations.ts'))
    continue;
  const source = readFileSync(new URL(`${entry.name}/operations.ts`, PAGES), 'utf8');
  const { code } = transformSync(source, { loader: 'ts', format: 'esm' });
  const module = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  for (const operations of Object.values(module)) {
    const page = entry.name[0].toUpperCase() + entry.name.slice(1);
    const texts = Object.entries(operations).map(([name, text]) => operationText(name, text));
    interfaces.push(`export interface ${page}Operations {\n${texts.join('')}}\n`);
  }
}
writeFileSync(
  FILE,
  `// Written by src/pages/operationTypes.mjs from schema.graphql.\n\n${interfaces.join('\n')}`,
);
