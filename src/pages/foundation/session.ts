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
  singleSignOn: boolean;
  /** People of the demonstration; empty elsewhere. */
  people: (SessionActor & { token: string })[];
}

/** A person who may sign in on a shared tablet with a PIN. */
export interface TabletPerson {
  id: number;
  name: string;
  pin: 'NONE' | 'LOCKED' | 'OPEN';
}

/** The shared tablet that this browser is. */
export interface Tablet {
  name: string;
  location: { code: string; name: string };
  people: TabletPerson[];
}

interface SessionState {
  actor: SessionActor | null;
  ways: OfferedWays;
  device: Tablet | null;
  /** Whether GraphiQL is at /graphql. */
  graphiql: boolean;
}

/** Without this header a request with the cookie is refused, because another site could have caused it. */
export const PAGE_HEADER = 'x-comptoir-request';

/** Whether a person is signed in; null until that is known. */
export const isSignedIn = signal<boolean | null>(null);
/** Null until the server has answered. */
export const ways = signal<OfferedWays | null>(null);
/** Null: this browser is no enrolled tablet. */
export const tablet = signal<Tablet | null>(null);
export const hasGraphiql = signal(false);

interface RefusalBody {
  errors?: {
    message: string;
    extensions?: { code?: string; attemptsLeft?: number; fault?: string; shortest?: number };
  }[];
}

/** Why the sign-in was refused: the status, the code and the facts of the server. */
export class SignInRefused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly facts: { attemptsLeft?: number; fault?: string; shortest?: number } = {},
  ) {
    super(code);
  }
}

async function refusalOf(response: Response): Promise<SignInRefused> {
  const { errors } = (await response.json().catch(() => ({}))) as RefusalBody;
  const { code = `HTTP ${response.status}`, ...facts } = errors?.[0]?.extensions ?? {};
  return new SignInRefused(response.status, code, facts);
}

async function actorOf(response: Response): Promise<SessionActor | null> {
  if (!response.ok) throw await refusalOf(response);
  const answer = (await response.json()) as SessionState;
  ways.value = answer.ways;
  tablet.value = answer.device;
  hasGraphiql.value = answer.graphiql;
  return answer.actor;
}

const JSON_HEADERS = { [PAGE_HEADER]: '1', 'content-type': 'application/json' };

function sendJson(method: 'POST' | 'PUT', path: string, body: object): Promise<Response> {
  return fetch(path, {
    method,
    credentials: 'same-origin',
    headers: JSON_HEADERS,
    body: JSON.stringify(body),
  });
}

/** Why the code in the address enrolled no tablet; null: there was none, or it did. */
export const enrolmentProblem = signal<string | null>(null);
const ENROLMENT = /^#enrol=([\w%-]{1,100})$/;

/** Enrols this browser as a tablet when the address has the code of one, as the QR code of a manager does. */
async function enrolByAddress(): Promise<void> {
  const [, code] = ENROLMENT.exec(location.hash) ?? [];
  if (code === undefined) return;
  const response = await sendJson('POST', '/session/device', { code: decodeURIComponent(code) });
  // The code is used up: it does not stay in the address or the history.
  history.replaceState(null, '', location.pathname);
  enrolmentProblem.value = response.ok ? null : (await refusalOf(response)).code;
}

/** Who is signed in at this browser, or null. @throws SignInRefused, or TypeError without a network */
export async function readSession(): Promise<SessionActor | null> {
  await enrolByAddress();
  return actorOf(await fetch('/session', { credentials: 'same-origin' }));
}

/** Opens a session with a token. @throws SignInRefused, or TypeError without a network */
export async function signIn(bearer: string): Promise<SessionActor | null> {
  const headers = { [PAGE_HEADER]: '1', authorization: `Bearer ${bearer}` };
  return actorOf(await fetch('/session', { method: 'POST', credentials: 'same-origin', headers }));
}

/**
 * Opens a session with a PIN on a shared tablet. A start PIN is replaced by `newPin`.
 * @throws SignInRefused, or TypeError without a network
 */
export async function signInWithPin(
  person: number,
  pin: string,
  newPin?: string,
): Promise<SessionActor | null> {
  return actorOf(await sendJson('POST', '/session/pin', { person, pin, newPin }));
}

/** Sets the PIN of the person who is signed in. @throws SignInRefused, or TypeError without a network */
export async function choosePin(pin: string, currentPin?: string): Promise<void> {
  const response = await sendJson('PUT', '/session/pin', { pin, currentPin });
  if (!response.ok) throw await refusalOf(response);
}

/**
 * Ends the session. The server has the browser remove all that it has stored. Who came by the single sign-on is led to sign out there
 * too. @throws TypeError without a network
 */
export async function signOutOfServer(): Promise<void> {
  const headers = { [PAGE_HEADER]: '1' };
  const response = await fetch('/session', { method: 'DELETE', credentials: 'same-origin', headers });
  isSignedIn.value = false;
  if (response.status === 200) location.assign(((await response.json()) as { signOutAt: string }).signOutAt);
}

/** The server does not know the session any more. */
export function endSession(): void {
  isSignedIn.value = false;
}
