// The frame of pages for people who sign in: the session goes on, or one is begun.

import { useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { language } from './language';
import { person, problem } from './person';
import { endSession, isSignedIn, readSession, type SessionActor } from './session';
import { SignIn } from './signIn';

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
