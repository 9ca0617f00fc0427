// Every type, field, argument, input field and enum value of the schema has a description, in the words of the glossary.

import {
  buildSchema,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { schema } from '../../src/server/schema';

interface Described {
  name: string;
  description: string;
}

/** Everything in the schema that can have a description, by its schema coordinate. */
function describable(of: GraphQLSchema): Described[] {
  const found: Described[] = [];
  const add = (name: string, thing: { description?: string | null }) =>
    found.push({ name, description: thing.description?.trim() ?? '' });
  for (const type of Object.values(of.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    add(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) add(`${type.name}.${value.name}`, value);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      add(`${type.name}.${field.name}`, field);
      for (const arg of 'args' in field ? field.args : [])
        add(`${type.name}.${field.name}(${arg.name}:)`, arg);
    }
  }
  return found;
}

const undescribed = (of: GraphQLSchema): string[] =>
  describable(of)
    .filter(({ description }) => description === '')
    .map(({ name }) => name);

/** Words that mean something else here than to other people, or that the glossary has one word for. */
const BANNED =
  /\b(places?|holds?|held|tell|tells|told|say|says|said|asks?|asked|nights?|tonight|house|shelf|shelves|front ends?|left out|for ever|taken away|takes? away|gone)\b/gi;
/** Where such a word has its usual meaning. */
const USUAL =
  /\bplaces? (an order|a click-and-collect order|the purchase orders|orders)|^Places |in their place|staging place|such as a shelf/gi;

const bannedWords = (description: string): string[] =>
  [
    ...description
      .replace(/`[^`]*`/g, '')
      .replace(USUAL, '')
      .matchAll(BANNED),
  ].map(([word]) => word.toLowerCase());

test('everything has a description', () => {
  expect(describable(schema).length).toBeGreaterThan(2000);
  expect(undescribed(schema)).toEqual([]);
});

test('a missing description is found', () => {
  const sdl = `
    "All." type Query { "A." a("In." in: Int, bare: Int): E b: String }
    "An E." enum E { "One." ONE TWO }
    input I { "Of a." a: Int b: Int }`;
  expect(undescribed(buildSchema(sdl))).toEqual(['Query.a(bare:)', 'Query.b', 'E.TWO', 'I', 'I.b']);
});

test('descriptions use the words of the glossary', () => {
  const found = describable(schema).flatMap(({ name, description }) =>
    bannedWords(description).map((word) => `${name}: ${word}`),
  );
  expect(found).toEqual([]);
});

test('a word that is not in the glossary is found, in whole words and outside of code', () => {
  expect(bannedWords('What a place holds tonight.')).toEqual(['place', 'holds', 'tonight']);
  expect(bannedWords('Places an order by the replacement holder; see `place`.')).toEqual([]);
});

test('descriptions are sentences: a capital or a name at the beginning, a full stop at the end', () => {
  // A name of the schema, such as wape or onHand, may be the first word of a formula.
  const isFormula = (text: string): boolean => /^\w+ (minus|[+=]) /.test(text);
  const odd = describable(schema).filter(
    ({ description }) =>
      !/[.)*]$/.test(description) || (/^[a-z]+ /.test(description) && !isFormula(description)),
  );
  expect(odd.map(({ name, description }) => `${name}: ${description}`)).toEqual([]);
});
