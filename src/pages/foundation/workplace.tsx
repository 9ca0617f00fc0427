// What the pages of people who sign in have in common: the session goes on or is begun, and why something did not work.

import { signal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { ApiProblem } from './api';
import { language } from './language';
import { endSession, isSignedIn, readSession, type SessionActor } from './session';
import { SignIn } from './signIn';

const NO_ANSWER = {
  fr: 'Pas de réponse du serveur. Réessayez : rien n’est fait deux fois.',
  en: 'No answer from the server. Try again: nothing is done twice.',
};

/** Null until a person of the page has signed in. */
export const person = signal<SessionActor | null>(null);
/** Why the last thing did not work. */
export const problem = signal<string | null>(null);

/** Why there is no answer, for people. */
export const reasonOf = (error: unknown): string =>
  error instanceof ApiProblem && error.kind !== 'UNREACHABLE' ? error.message : NO_ANSWER[language.value];

/** Runs what may fail, and shows why it did. */
export async function attempt(work: () => Promise<void>): Promise<void> {
  problem.value = null;
  try {
    await work();
  } catch (error) {
    problem.value = reasonOf(error);
  }
}

/** Begins the work of a person. @throws ApiProblem, or an Error whose message says why the page is not for them */
export type BeginWork = (actor: SessionActor) => Promise<void>;

/** Goes on with the session of this browser. */
async function restore(begin: BeginWork): Promise<void> {
  try {
    const actor = await readSession();
    if (actor === null) return endSession();
    await begin(actor);
  } catch (error) {
    problem.value = error instanceof Error && !(error instanceof TypeError) ? error.message : null;
    endSession();
  }
}

interface WorkplaceProps {
  title: string;
  tagline: string;
  /** Roles whose people of a demonstration are offered. */
  roles: readonly string[];
  begin: BeginWork;
  children: ComponentChildren;
}

/** The page of a person who is signed in; the sign-in of everybody else. */
export function Workplace({ title, tagline, roles, begin, children }: WorkplaceProps) {
  useSignalEffect(() => {
    document.documentElement.lang = language.value;
  });
  useEffect(() => {
    document.title = `Comptoir · ${title}`;
  }, [title]);
  useEffect(() => void restore(begin), []);
  if (isSignedIn.value === null) return null;
  if (isSignedIn.value && person.value !== null) return <>{children}</>;
  return (
    <SignIn title={title} tagline={tagline} roles={roles} onSignedIn={begin}>
      {problem.value !== null && <p class="problem">{problem.value}</p>}
    </SignIn>
  );
}
