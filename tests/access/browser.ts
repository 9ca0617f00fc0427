// A browser for the tests of sessions: it stores cookies as one does, and sends them with what a page of the server sends.

import type { DataOf, Readable } from '../support/graphqlAnswer';
import type { GraphQLAnswer } from '../support/graphqlClient';

export interface BrowserAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test reads other parts of the body
  body: any;
}

export interface SentByBrowser {
  body?: unknown;
  headers?: Record<string, string>;
  /** False: the request has no header of our own pages, as one that another site makes a browser send. */
  ownPage?: boolean;
}

export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(readonly url: string) {}

  async send(
    method: string,
    path: string,
    { body, headers, ownPage = true }: SentByBrowser = {},
  ): Promise<BrowserAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.cookies.size > 0 && { cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') }),
        ...(ownPage && { 'x-comptoir-request': '1' }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    for (const line of response.headers.getSetCookie()) this.#store(line);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  #store(line: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    if (/; Max-Age=0\b/.test(line)) this.cookies.delete(name!);
    else this.cookies.set(name!, value!);
  }

  /** A copy with the same cookies, as of a thief that has read them. */
  copy(url = this.url): Browser {
    const copy = new Browser(url);
    for (const [name, value] of this.cookies) copy.cookies.set(name, value);
    return copy;
  }

  /** Opens a session with a token. */
  signIn(token: string, sent: SentByBrowser = {}): Promise<BrowserAnswer> {
    return this.send('POST', '/session', {
      ...sent,
      headers: { authorization: `Bearer ${token}`, ...sent.headers },
    });
  }

  session(): Promise<BrowserAnswer> {
    return this.send('GET', '/session');
  }

  async gql<const Text extends string>(
    query: Text & Readable<Text>,
    variables?: Record<string, unknown>,
    sent: SentByBrowser = {},
  ): Promise<GraphQLAnswer<DataOf<Text>>> {
    const { status, body } = await this.send('POST', '/graphql', { ...sent, body: { query, variables } });
    return { status, ...body };
  }

  /** The name of the person who is signed in, or the status and code of the answer. */
  async viewer(sent: SentByBrowser = {}): Promise<string> {
    const { status, data, errors } = await this.gql('{ viewer { name } }', {}, sent);
    return data?.viewer?.name ?? `${status} ${errors?.[0]?.extensions?.code}`;
  }
}
