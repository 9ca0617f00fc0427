// The scalars of the schema, with error messages of our own instead of those of JavaScript's errors.

import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { BigIntResolver, DateTimeISOResolver, JSONResolver, LocalDateResolver } from 'graphql-scalars';

const MAX_SHOWN = 60;

function cannotBe(name: string, right: string, value: unknown): GraphQLError {
  const shown = typeof value === 'object' ? 'an object or list' : JSON.stringify(value)?.slice(0, MAX_SHOWN);
  return new GraphQLError(`${name} is ${right}, not ${shown}.`);
}

// Days are counted on from them: the database's calendar has no year 0, and four digits are all that a day has.
const FIRST_YEAR = '1000';
const AFTER_LAST_YEAR = '9000';

function parseDay(value: unknown): string {
  if (typeof value !== 'string' || value < FIRST_YEAR || value >= AFTER_LAST_YEAR) {
    throw cannotBe('Date', 'a text like "2026-11-25" from the years 1000 to 8999', value);
  }
  return LocalDateResolver.parseValue(value) as string;
}

function parseInstant(value: unknown): Date {
  try {
    if (typeof value === 'string' && value >= FIRST_YEAR)
      return DateTimeISOResolver.parseValue(value) as Date;
  } catch {
    // Reported below, with a message of our own.
  }
  throw cannotBe('DateTime', 'a text like "2026-11-25T17:30:00Z" from the year 1000 on', value);
}

/** JSON's numbers are exact so far. */
const isExact = (whole: bigint): boolean => Number.isSafeInteger(Number(whole));

const DIGITS = /^-?\d{1,40}$/;

function parseWhole(value: unknown): number | bigint {
  const fits = typeof value === 'string' ? DIGITS.test(value) : Number.isSafeInteger(value);
  if (!fits) throw cannotBe('BigInt', 'a whole number, e.g. 12', value);
  const whole = BigInt(value as string | number);
  return isExact(whole) ? Number(whole) : whole;
}

/** The scalar with other parsers and the URL of its specification; its serializer stays. */
function withParser<T>(
  resolver: GraphQLScalarType,
  specifiedByURL: string,
  parse: (value: unknown) => T,
): GraphQLScalarType<T, unknown> {
  return new GraphQLScalarType<T, unknown>({
    ...(resolver.toConfig() as object),
    name: resolver.name,
    specifiedByURL,
    parseValue: parse,
    // A whole number in a query may be larger than JavaScript's numbers are exact.
    parseLiteral: (node: ValueNode) => parse(node.kind === Kind.INT ? node.value : valueFromASTUntyped(node)),
  });
}

/** An instant; serialized in UTC. */
export const DateTimeScalar = withParser(
  DateTimeISOResolver,
  'https://scalars.graphql.org/andimarek/date-time.html',
  parseInstant,
);
/** A day of the calendar, as a text. */
export const DateScalar = withParser(
  LocalDateResolver,
  'https://scalars.graphql.org/andimarek/local-date.html',
  parseDay,
);
/** Any JSON. */
export const JsonScalar = new GraphQLScalarType({
  ...JSONResolver.toConfig(),
  description: 'Any value of JSON.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
});

/** A usual number goes out as it is: making a bigint of it and a number again takes longer than all else of the field. */
function serializeWhole(value: unknown): unknown {
  if (Number.isSafeInteger(value)) return value;
  if (typeof value !== 'bigint' && !Number.isInteger(value))
    throw cannotBe('BigInt', 'a whole number', value);
  const whole = BigInt(value as number | bigint);
  return isExact(whole) ? Number(whole) : String(whole);
}

/** A whole number that may be larger than an Int; as a text where it is larger than JSON's numbers are exact. */
export const BigIntScalar = new GraphQLScalarType<number | bigint, unknown>({
  ...withParser(BigIntResolver, 'https://www.rfc-editor.org/rfc/rfc7493#section-2.2', parseWhole).toConfig(),
  description:
    'A whole number that may be larger than an Int: a JSON number up to 2^53 - 1, where those are exact, and a text of its digits beyond.',
  serialize: serializeWhole,
});
