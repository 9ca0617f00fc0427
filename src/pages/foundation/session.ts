// The session of the person at this browser: an HttpOnly cookie, which scripts cannot read.

import { signal } from '@preact/signals';

export interface SessionActor {
  name: string;
  role: string;
  /** STAFF who do what a shop's manager does. */
  manager: boolean;
  /** Empty for an actor of the whole chain. */
  locations: { code: string; name: string }[];
}

/** The ways to sign in that the server offers this browser. */
export interface OfferedWays {
  token: boolean;
  /** People of the demonstration; empty elsewhere. */
  people: (SessionActor & { token: string })[];
}

interface SessionState {
  actor: SessionActor | null;
  ways: OfferedWays;
  /** Whether GraphiQL is at /graphql. */
  graphiql: boolean;
}

/** Without this header a request with the cookie is refused, because another site could have caused it. */
export const PAGE_HEADER = 'x-comptoir-request';

/** Whether a person is signed in; null until that is known. */
export const isSignedIn = signal<boolean | null>(null);
/** Null until the server has answered. */
export const ways = signal<OfferedWays | null>(null);
export const hasGraphiql = signal(false);

/** Why the sign-in was refused: the status and the words of the server. */
export class SignInRefused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function actorOf(response: Response): Promise<SessionActor | null> {
  const answer = (await response.json()) as Partial<SessionState> & { errors?: { message: string }[] };
  if (!response.ok) {
    throw new SignInRefused(response.status, answer.errors?.[0]?.message ?? `HTTP ${response.status}`);
  }
  ways.value = answer.ways ?? null;
  hasGraphiql.value = answer.graphiql ?? false;
  return answer.actor ?? null;
}

/** Who is signed in at this browser, or null. @throws SignInRefused, or TypeError without a network */
export async function readSession(): Promise<SessionActor | null> {
  return actorOf(await fetch('/session', { credentials: 'same-origin' }));
}

/** Opens a session with a token. @throws SignInRefused, or TypeError without a network */
export async function signIn(bearer: string): Promise<SessionActor | null> {
  const headers = { [PAGE_HEADER]: '1', authorization: `Bearer ${bearer}` };
  return actorOf(await fetch('/session', { method: 'POST', credentials: 'same-origin', headers }));
}

/** Ends the session. The server has the browser remove all that it has stored. @throws TypeError without a network */
export async function signOutOfServer(): Promise<void> {
  await fetch('/session', { method: 'DELETE', credentials: 'same-origin', headers: { [PAGE_HEADER]: '1' } });
  isSignedIn.value = false;
}

/** The server does not know the session any more. */
export function endSession(): void {
  isSignedIn.value = false;
}
