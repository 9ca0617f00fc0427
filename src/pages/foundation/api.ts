// The client of the API: sends persisted operations by their ids, retries what may be retried, and reads streams.

import { noteServerTime } from './clock';
import { endSession, PAGE_HEADER } from './session';

/** Variables and answer of an operation, as operations.generated.d.ts has them. */
export interface OperationTypes {
  kind: string;
  variables: object;
  answer: object;
}

/** Why there is no answer. `UNREACHABLE`: nothing is known of what the server did; send it again with the same key. */
export type ProblemKind = 'UNREACHABLE' | 'SIGNED_OUT' | 'FORBIDDEN' | 'FAILED';

export class ApiProblem extends Error {
  constructor(
    readonly kind: ProblemKind,
    message: string,
  ) {
    super(message);
  }
}

const TIMEOUT_MS = 12_000;
/** Milliseconds before the second and the third attempt. */
const RETRY_AFTER_MS = [400, 1_500];
/** Answers after which the same request may succeed a moment later. */
const PASSING_STATUSES = [429, 502, 503, 504];

interface WireAnswer {
  data?: unknown;
  errors?: { message: string; path?: (string | number)[]; extensions?: { code?: string } }[];
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface PostOptions {
  accept: string;
  signal: AbortSignal;
  isBackground: boolean;
  /** Of a page without sign-in; else the session's cookie is sent. */
  token: string | undefined;
}

function post(documentId: string, variables: object, options: PostOptions): Promise<Response> {
  const { accept, signal, isBackground, token } = options;
  const credential: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch('/graphql', {
    method: 'POST',
    credentials: token === undefined ? 'same-origin' : 'omit',
    headers: {
      ...{ [PAGE_HEADER]: isBackground ? 'background' : '1', accept, 'content-type': 'application/json' },
      ...credential,
    },
    body: JSON.stringify({ documentId, variables }),
    signal,
  });
}

/** What the first error of an answer means. */
function problemOf(errors: WireAnswer['errors'], status: number): ApiProblem {
  const code = errors?.[0]?.extensions?.code;
  const message = errors?.[0]?.message ?? `HTTP ${status}`;
  if (status === 401 || code === 'UNAUTHENTICATED') {
    endSession();
    return new ApiProblem('SIGNED_OUT', message);
  }
  if (PASSING_STATUSES.includes(status) || code === 'UNAVAILABLE')
    return new ApiProblem('UNREACHABLE', message);
  return new ApiProblem(code === 'FORBIDDEN' ? 'FORBIDDEN' : 'FAILED', message);
}

/** The data of an answer. @throws ApiProblem */
function dataOf({ data, errors }: WireAnswer, status: number): object {
  if (errors !== undefined || status === 401 || typeof data !== 'object' || data === null)
    throw problemOf(errors, status);
  return data;
}

/** One attempt. @throws ApiProblem */
async function attempt(
  documentId: string,
  variables: object,
  { isBackground, token }: Pick<PostOptions, 'isBackground' | 'token'>,
): Promise<[WireAnswer, number]> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await post(documentId, variables, {
      accept: 'application/json',
      signal,
      isBackground,
      token,
    });
    noteServerTime(Date.parse(response.headers.get('date') ?? ''));
    return [(await response.json()) as WireAnswer, response.status];
  } catch (error) {
    throw new ApiProblem('UNREACHABLE', String(error));
  }
}

/** The JSON of each event of a stream. Pings are comments, and `complete` has no data. */
async function* eventsOf(response: Response): AsyncGenerator<WireAnswer> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const events = text.split('\n\n');
    text = events.pop()!;
    for (const event of events) {
      const data = event
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length).trim())
        .join('\n');
      if (data !== '') yield JSON.parse(data) as WireAnswer;
    }
  }
}

interface SendOptions {
  retries?: number;
  isBackground?: boolean;
}

/** A client of these operations; `token` is that of a page without sign-in. `ids` come from the page's operations.ts, whose texts the bundler replaces by ids. */
export function createApi<Operations extends { [Name in keyof Operations]: OperationTypes }>(
  ids: Record<keyof Operations & string, string>,
  token?: string,
) {
  type Names = keyof Operations & string;
  return {
    /**
     * Sends one operation. What changes something has an idempotency key among its variables. What the page does by itself
     * is in the background: it does not count as use of the session. @throws ApiProblem
     */
    async send<Name extends Names>(
      name: Name,
      variables: Operations[Name]['variables'],
      { retries = RETRY_AFTER_MS.length, isBackground = false }: SendOptions = {},
    ): Promise<Operations[Name]['answer']> {
      for (let i = 0; ; i++) {
        try {
          return dataOf(...(await attempt(ids[name], variables, { isBackground, token })));
        } catch (error) {
          const isPassing = error instanceof ApiProblem && error.kind === 'UNREACHABLE';
          if (!isPassing || i >= retries || !navigator.onLine) throw error;
          await wait(RETRY_AFTER_MS[i] ?? 0);
        }
      }
    },
    /**
     * Sends an operation of several commands once: what was answered, and the problem of each that has no answer. @throws ApiProblem
     * when nothing was answered
     */
    async sendSeveral<Name extends Names>(
      name: Name,
      variables: Operations[Name]['variables'],
    ): Promise<{ answers: Operations[Name]['answer']; problems: Map<string, ApiProblem> }> {
      const [answer, status] = await attempt(ids[name], variables, { isBackground: false, token });
      if (typeof answer.data !== 'object' || answer.data === null) throw problemOf(answer.errors, status);
      const problems = new Map(
        (answer.errors ?? []).map((error) => [String(error.path?.[0]), problemOf([error], status)]),
      );
      return { answers: answer.data, problems };
    },
    /** Reads a subscription until it ends or `signal` aborts it. @throws ApiProblem */
    async subscribe<Name extends Names>(
      name: Name,
      variables: Operations[Name]['variables'],
      onEvent: (answer: Operations[Name]['answer']) => void,
      signal: AbortSignal,
    ): Promise<void> {
      try {
        const options = { accept: 'text/event-stream', signal, isBackground: true, token };
        const response = await post(ids[name], variables, options);
        if (!response.ok) dataOf((await response.json()) as WireAnswer, response.status);
        for await (const event of eventsOf(response)) onEvent(dataOf(event, response.status));
      } catch (error) {
        if (error instanceof ApiProblem) throw error;
        throw new ApiProblem('UNREACHABLE', String(error));
      }
    },
  };
}
