// The type of a GraphQL answer, from the text that asks for it: deeply non-null, the members of a union as one object.

import type { EnumValues, TypeFields } from './graphqlTypes.generated';

// Reading the text. Only what is selected matters, so arguments go first and the rest is read word by word: a tenth of the
// work that a whole parser (gql.tada's, tried here) makes for the compiler, which reads letter by letter.

type WithoutArguments<
  Text extends string,
  Read extends string = '',
> = Text extends `${infer Before}(${string})${infer After}`
  ? WithoutArguments<After, `${Read}${Before} `>
  : `${Read}${Text}`;
type Spaced<
  Text extends string,
  Mark extends string,
  Word extends string,
  Read extends string = '',
> = Text extends `${infer Before}${Mark}${infer After}`
  ? Spaced<After, Mark, Word, `${Read}${Before}${Word}`>
  : `${Read}${Text}`;
type Words<Text extends string> = Spaced<
  Spaced<
    Spaced<Spaced<Spaced<Spaced<WithoutArguments<Text>, '\n', ' '>, ',', ' '>, '{', ' { '>, '}', ' } '>,
    ':',
    ' : '
  >,
  '...',
  ' ... '
>;

interface Field<Key, Name, Selections> {
  key: Key;
  name: Name;
  selections: Selections;
}
/** Selections on a type: an inline fragment (`null`: the type around it), or the definition of a fragment. */
interface On<Type, Selections> {
  on: Type;
  selections: Selections;
}
interface Spread<Name> {
  spread: Name;
}
interface Operation<Kind, Selections> {
  operation: Kind;
  selections: Selections;
}
interface Fragment<Name, Type, Selections> {
  fragment: Name;
  on: Type;
  selections: Selections;
}
/** Words that are still to be read into something: after '...', after 'fragment', after an alias. */
interface Awaiting<What, Name = null> {
  awaiting: What;
  name: Name;
}

/** What a word makes of what was read last. */
type Next<Last, Word> =
  Last extends Awaiting<infer What, infer Name>
    ? What extends 'alias'
      ? Field<Name, Word, never>
      : What extends 'spread'
        ? Word extends 'on'
          ? Awaiting<'on'>
          : Spread<Word>
        : What extends 'on'
          ? On<Word, never>
          : What extends 'fragment'
            ? Awaiting<'fragmentOn', Word>
            : Word extends 'on'
              ? Last
              : Fragment<Name, Word, never>
    : Word extends 'fragment'
      ? Awaiting<'fragment'>
      : never;
type Open<Last> = Last extends Awaiting<'spread'> ? On<null, never> : Last;
type Close<Last, Selections> =
  Last extends Field<infer Key, infer Name, unknown>
    ? Field<Key, Name, Selections>
    : Last extends Fragment<infer Name, infer Type, unknown>
      ? Fragment<Name, Type, Selections>
      : Last extends On<infer Type, unknown>
        ? On<Type, Selections>
        : Last extends Operation<infer Kind, unknown>
          ? Operation<Kind, Selections>
          : never;

/**
 * Reads the words: `Read` is the union of what is selected in these braces, `Last` what may still get an alias or braces,
 * `Around` what is outside of the braces.
 */
type Parse<
  Text extends string,
  Read,
  Last,
  Around extends unknown[],
> = Text extends `${infer Word} ${infer Rest}`
  ? Word extends ''
    ? Parse<Rest, Read, Last, Around>
    : Word extends '{'
      ? Parse<
          Rest,
          never,
          never,
          [[Read, [Last] extends [never] ? Operation<'query', never> : Open<Last>], ...Around]
        >
      : Word extends '}'
        ? Around extends [[infer Outer, infer Owner], ...infer More]
          ? Parse<Rest, Outer | Close<Owner, Read | Last>, never, More>
          : never
        : Word extends '...'
          ? Parse<Rest, Read | Last, Awaiting<'spread'>, Around>
          : Word extends ':'
            ? Last extends Field<unknown, infer Name, unknown>
              ? Parse<Rest, Read, Awaiting<'alias', Name>, Around>
              : never
            : Word extends `@${string}`
              ? Parse<Rest, Read, Last, Around>
              : [Last] extends [Awaiting<unknown, unknown>]
                ? [Last] extends [never]
                  ? Parse<Rest, Read, First<Word, Around>, Around>
                  : Parse<Rest, Read, Next<Last, Word>, Around>
                : Around extends []
                  ? Parse<Rest, Read, Last, Around>
                  : Parse<Rest, Read | Last, Field<Word, Word, never>, Around>
  : Read;
type First<Word, Around> = Around extends []
  ? Word extends 'fragment'
    ? Awaiting<'fragment'>
    : Operation<Word, never>
  : Field<Word, Word, never>;
type Parsed<Text extends string> = Parse<`${Words<Text>} `, never, never, []>;

// The answer, from what is selected and the types of the schema.

interface Scalars {
  ID: string;
  String: string;
  Boolean: boolean;
  Int: number;
  Float: number;
  BigInt: number;
  Date: string;
  DateTime: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON has no shape
  JSON: any;
}
type Leaves = Scalars & EnumValues;

/** A list whose elements tests read without asking whether they are there: a missing one fails the test anyway. */
export interface AnswerList<T> extends Array<T> {
  0: T;
  1: T;
  2: T;
  3: T;
  4: T;
  5: T;
  6: T;
  7: T;
  at(index: number): T;
  find(fits: (item: T, index: number, list: T[]) => unknown): T;
  filter(fits: (item: T, index: number, list: T[]) => unknown): AnswerList<T>;
  map<U>(make: (item: T, index: number, list: T[]) => U): AnswerList<U>;
}

/** A selected field with its type in the schema. */
interface Typed<Key, Type, Selections> {
  key: Key;
  type: Type;
  selections: Selections;
}
/** The selected fields, those of fragments among them; a field that the type does not have is left out. */
type FieldsOf<Type, Selections, Fragments> =
  Selections extends Field<infer Key, infer Name, infer Inner>
    ? Name extends '__typename'
      ? Typed<Key, 'String', never>
      : Type extends keyof TypeFields
        ? Name extends keyof TypeFields[Type]
          ? Typed<Key, TypeFields[Type][Name], Inner>
          : never
        : never
    : Selections extends On<infer Other, infer Inner>
      ? FieldsOf<Other extends null ? Type : Other, Inner, Fragments>
      : Selections extends Spread<infer Name>
        ? Extract<Fragments, Fragment<Name, unknown, unknown>> extends Fragment<
            Name,
            infer Other,
            infer Inner
          >
          ? FieldsOf<Other, Inner, Fragments>
          : never
        : never;

type AnyTyped = Typed<unknown, unknown, unknown>;
/** Fields of one name, from several members of a union, are one field with the fields of each. */
type ObjectOf<Fields extends AnyTyped, Fragments> = {
  [Key in Fields['key'] & string]: ValueOf<Extract<Fields, { key: Key }>, Fragments>;
};
type ValueOf<F extends AnyTyped, Fragments> = F['type'] extends [unknown]
  ? AnswerList<ValueOf<ItemOf<F>, Fragments>>
  : F['type'] extends keyof Leaves
    ? Leaves[F['type']]
    : ObjectOf<InnerOf<F, Fragments>, Fragments>;
type ItemOf<F> = F extends Typed<infer Key, [infer Type], infer Inner> ? Typed<Key, Type, Inner> : never;
type InnerOf<F, Fragments> =
  F extends Typed<unknown, infer Type, infer Inner> ? FieldsOf<Type, Inner, Fragments> : never;

interface Roots {
  query: 'Query';
  mutation: 'Mutation';
  subscription: 'Subscription';
}
type FragmentsOf<Read> = Extract<Read, Fragment<unknown, unknown, unknown>>;
type AnswerOf<Read> =
  Extract<Read, Operation<unknown, unknown>> extends Operation<
    infer Kind extends keyof Roots,
    infer Selections
  >
    ? ObjectOf<FieldsOf<Roots[Kind], Selections, FragmentsOf<Read>>, FragmentsOf<Read>>
    : unknown;

/** What a text selects that its types do not have, as 'Type.field'. */
type UnknownOf<Type, Selections> =
  Selections extends Field<unknown, infer Name extends string, infer Inner>
    ? Name extends '__typename'
      ? never
      : Type extends keyof TypeFields
        ? Name extends keyof TypeFields[Type]
          ? UnknownOf<NameOf<TypeFields[Type][Name]>, Inner>
          : `${Type}.${Name}`
        : never
    : Selections extends On<infer Other, infer Inner>
      ? UnknownOf<Other extends null ? Type : Other extends keyof TypeFields ? Other : never, Inner>
      : Selections extends Operation<infer Kind extends keyof Roots, infer Inner>
        ? UnknownOf<Roots[Kind], Inner>
        : Selections extends Fragment<unknown, infer Other, infer Inner>
          ? UnknownOf<Other, Inner>
          : never;
type NameOf<Type> = Type extends [infer Item] ? NameOf<Item> : Type;

/** Whether the compiler does not know what a text selects: `string`, or a template with a `string` outside of arguments. */
// biome-ignore lint/complexity/noBannedTypes: an object without properties fits a record of a pattern, and of no one text
type IsOpen<Text extends string> = {} extends Record<WithoutArguments<Text>, true> ? true : false;

/** The `data` of an answer to this text; `unknown` when the compiler does not know the text. */
export type DataOf<Text extends string> = IsOpen<Text> extends true ? unknown : AnswerOf<Parsed<Text>>;

/** The name of a mutation of the schema. */
export type MutationName = keyof TypeFields['Mutation'];

/** What one field of the root answers. */
export type FieldOf<Text extends string, Name> = DataOf<Text>[Name & keyof DataOf<Text>];

/** Put beside a parameter `Text`: no text fits that the compiler does not know, or that asks for what the schema does not have. */
export type Readable<Text extends string> =
  IsOpen<Text> extends true
    ? { 'The compiler does not know this text: add `as const` to its parts, or use gqlUntyped': never }
    : [UnknownOf<null, Parsed<Text>>] extends [never]
      ? unknown
      : { 'Not in the schema': UnknownOf<null, Parsed<Text>> };
