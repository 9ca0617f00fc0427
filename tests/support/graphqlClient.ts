// A GraphQL client whose answers have the type that their texts ask for.

import type { DataOf, FieldOf, MutationName, Readable } from './graphqlAnswer';

export interface GraphQLAnswer<Data = unknown> {
  status: number;
  data: Data;
  errors?: { message: string; extensions?: Record<string, unknown>; path?: unknown[] }[];
  extensions?: Record<string, unknown>;
}

export interface GraphQLClient {
  /** Sends one operation as the caller behind this token (null: no token). */
  gql<const Text extends string>(
    token: string | null,
    query: Text & Readable<Text>,
    variables?: Record<string, unknown>,
  ): Promise<GraphQLAnswer<DataOf<Text>>>;
  /**
   * Sends a text that the compiler does not know, or that is wrong on purpose. The caller names the type of `data`; without
   * one it is `any`, and tests/architecture/untypedAnswers.test.ts counts the call.
   */
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known of what a text of run time asks for
  gqlUntyped<Data = any>(
    token: string | null,
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<GraphQLAnswer<Data>>;
}

/** A client of the program at this address. */
export function graphqlClient(url: () => string): GraphQLClient {
  async function send<Data>(token: string | null, query: string, variables?: Record<string, unknown>) {
    const response = await fetch(`${url()}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, ...((await response.json()) as Omit<GraphQLAnswer<Data>, 'status'>) };
  }
  return { gql: send, gqlUntyped: send };
}

/** A word with a capital, which makes a mutation's name the start of its types' names. */
export const capitalized = <Word extends string>(word: Word) =>
  `${word[0]!.toUpperCase()}${word.slice(1)}` as Capitalize<Word>;

/** Sends one of several mutations by its name; `answer` is what its field answers. */
export async function sendMutation<
  Texts extends Readonly<Record<string, string>>,
  Name extends keyof Texts & string,
>(
  client: GraphQLClient,
  texts: Texts & { [Each in keyof Texts]: Readable<Texts[Each]> },
  name: Name,
  token: string | null,
  input: object,
) {
  const answer = await client.gqlUntyped<DataOf<Texts[Name]>>(token, texts[name]!, { input });
  const data = answer.data as Record<string, unknown> | null | undefined;
  return { ...answer, answer: data?.[name] as FieldOf<Texts[Name], Name> };
}

/** Sends any mutation by its name; of its answer the type, and of a refusal the message. */
export async function sendPlainly(
  client: GraphQLClient,
  token: string | null,
  name: MutationName,
  input: object,
) {
  const query = `mutation ($input: ${capitalized(name)}Input!) { answer: ${name}(input: $input) {
    __typename ... on Refusal { message } } }`;
  const { data, errors } = await client.gqlUntyped<{ answer: { __typename: string; message?: string } }>(
    token,
    query,
    { input },
  );
  return { answer: data?.answer, errors };
}
