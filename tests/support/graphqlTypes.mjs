// Writes graphqlTypes.generated.d.ts from schema.graphql: the fields of every type, for tests/support/graphqlAnswer.ts.

import { readFileSync, writeFileSync } from 'node:fs';
import {
  buildSchema,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';

const FILE = new URL('./graphqlTypes.generated.d.ts', import.meta.url);
const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

/** A field's type as the file has it: a name, in brackets for a list. Nulls are left out. */
function typeText(type) {
  if (isNonNullType(type)) return typeText(type.ofType);
  return isListType(type) ? `[${typeText(type.ofType)}]` : `'${type.name}'`;
}

const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
const fields = types
  .filter((type) => isObjectType(type) || isInterfaceType(type) || isUnionType(type))
  .map((type) => {
    const lines = isUnionType(type)
      ? []
      : Object.values(type.getFields()).map((field) => `    ${field.name}: ${typeText(field.type)};\n`);
    return `  ${type.name}: {\n${lines.join('')}  };\n`;
  });
const enums = types.filter(isEnumType).map(
  (type) =>
    `  ${type.name}: ${type
      .getValues()
      .map(({ name }) => `'${name}'`)
      .join(' | ')};\n`,
);

const text = `// Written by tests/support/graphqlTypes.mjs from schema.graphql.

export interface TypeFields {
${fields.join('')}}

export interface EnumValues {
${enums.join('')}}
`;
writeFileSync(FILE, text);
