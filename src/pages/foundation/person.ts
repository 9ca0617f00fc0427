// The person who works with a page, and why something did not work for them.

import { signal } from '@preact/signals';
import { ApiProblem } from './api';
import { language } from './language';
import type { SessionActor } from './session';

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
