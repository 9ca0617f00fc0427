// The demonstration's clients: each sends GraphQL with its own token, and prints what it did as a person would tell it.

import { randomUUID } from 'node:crypto';

// biome-ignore lint/suspicious/noExplicitAny: a script reads answers of every shape
export type Json = any;

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

/** An instant as people in the demonstration's shops read it. */
export const local = (instant: string): string =>
  new Date(instant).toLocaleString('en-GB', {
    timeZone: 'Europe/Paris',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });

export class DemoFailed extends Error {}

/** Sends one operation; errors of any kind end the demonstration with their message. */
async function send(url: string, token: string, query: string, variables: object): Promise<Json> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  }).catch(() => {
    throw new DemoFailed(
      `Nothing answers at ${url}; run npm start in another terminal first (or set COMPTOIR_URL).`,
    );
  });
  const { data, errors } = (await response.json()) as Json;
  if (errors)
    throw new DemoFailed(
      `${errors[0].message}${response.status === 401 ? ' The demonstration needs the demonstration chain.' : ''}`,
    );
  return data;
}

export class Client {
  constructor(
    readonly url: string,
    readonly name: string,
    readonly token: string,
  ) {}

  /** Prints one line of this client's story. */
  tells(line: string): void {
    say(`  ${this.name.padEnd(11)}${line}`);
  }

  query(query: string, variables: object = {}): Promise<Json> {
    return send(this.url, this.token, query, variables);
  }

  /** One act; its answer is the success object, or the refusal with its `__typename`. */
  async act(name: string, input: object, select: string): Promise<Json> {
    const type = name[0]!.toUpperCase() + name.slice(1);
    const query = `mutation ($input: ${type}Input!) {
      answer: ${name}(input: $input) { __typename ... on Refusal { message } ... on ${type}Success { ${select} } }
    }`;
    const { answer } = await this.query(query, { input: { idempotencyKey: randomUUID(), ...input } });
    return answer;
  }

  /** An act that must succeed here. */
  async does(name: string, input: object, select: string): Promise<Json> {
    const answer = await this.act(name, input, select);
    if ('message' in answer) throw new DemoFailed(`${name}: ${answer.message}`);
    return answer;
  }
}

export function chapter(title: string): void {
  say();
  say(title);
}
