// Refused values of contacts: shown to the caller who sent them, and not stored with the answer for retries, because they may name a person.

import type { StatedContact } from '../rules/contact';
import { type ContactProblem, shownValue } from '../rules/contactLine';

/** Problems as they are stored. */
export const withoutValues = (problems: readonly ContactProblem[]): ContactProblem[] =>
  problems.map((problem) => ({ ...problem, value: null }));

/** Problems as they are answered, with the values of the lines of the same request. */
export const withValues = (
  problems: readonly ContactProblem[],
  lines: readonly StatedContact[],
): ContactProblem[] =>
  problems.map((problem) => ({ ...problem, value: shownValue(lines[problem.index]!, problem.path) }));
