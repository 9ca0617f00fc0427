// A client of server-sent events, reading a stream as it comes.

import type { DataOf, Readable } from '../support/graphqlAnswer';

export interface StreamEvent<Data = unknown> {
  data: Data;
  errors?: { message: string; extensions?: Record<string, unknown> }[];
  extensions?: Record<string, unknown>;
}

export interface Stream<Data = unknown> {
  status: number;
  /** The next event, or null when the server has ended the stream. */
  next(): Promise<StreamEvent<Data> | null>;
  /** Reads on until an event fits; fails when the stream ends first. */
  until(fits: (event: StreamEvent<Data>) => boolean): Promise<StreamEvent<Data>>;
  close(): void;
}

/** Subscribes like a browser would: a POST that accepts text/event-stream. */
export function subscribe<const Text extends string>(
  url: string,
  token: string | null,
  query: Text & Readable<Text>,
  variables: Record<string, unknown> = {},
): Promise<Stream<DataOf<Text>>> {
  return openStream(url, token, query, variables);
}

/** The same for a text that the compiler does not know; the caller states what is in `data`. */
export async function openStream<Data>(
  url: string,
  token: string | null,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Stream<Data>> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    signal: leaving.signal,
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({ query, variables }),
  });
  const events = read<Data>(response);
  const next = async (): Promise<StreamEvent<Data> | null> => (await events.next()).value ?? null;
  return {
    status: response.status,
    next,
    async until(fits) {
      for (;;) {
        const event = await next();
        if (event === null) throw new Error('The stream ended before the event that was waited for.');
        if (fits(event)) return event;
      }
    },
    close: () => leaving.abort(),
  };
}

async function* read<Data>(response: Response): AsyncGenerator<StreamEvent<Data>, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      if (lines.includes('event: next')) {
        yield JSON.parse(lines.find((line) => line.startsWith('data: '))!.slice('data: '.length));
      }
      if (lines.includes('event: complete')) return;
    }
  }
}
