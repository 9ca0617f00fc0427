// Free text of requests: validated and normalized to its stored form.

import { checkStorable, checkText, refuse } from '../refusals';
import { cleanLine, cleanText, hasLetterOrDigit } from './text';

/** A text of one line as it is kept; `max` characters at most after cleaning. @throws Refused InvalidInput */
export function typedLine(text: string, path: string, max: number, min = 1): string {
  checkStorable(text, path);
  const line = cleanLine(text);
  checkText(line, path, max, min);
  return line;
}

/** A text of several lines as it is kept. @throws Refused InvalidInput */
export function typedNote(text: string, path: string, max: number, min = 0): string {
  checkStorable(text, path);
  const note = cleanText(text);
  checkText(note, path, max, min);
  return note;
}

/** An optional note: null when nothing that can be seen is in it. @throws Refused InvalidInput */
export function optionalNote(text: string | null | undefined, path: string, max: number): string | null {
  return typedNote(text ?? '', path, max) || null;
}

/** An optional text of one line: null when it is left out. @throws Refused InvalidInput */
export function optionalLine(text: string | null | undefined, path: string, max: number): string | null {
  return text == null ? null : typedLine(text, path, max);
}

/** The longest text to search for: as long as the longest name, so that a whole name can be pasted. */
export const MAX_SEARCH = 200;

/** What is searched for, without what cannot be seen. @throws Refused InvalidInput */
export function typedSearch(text: string, path: string): string {
  return typedLine(text, path, MAX_SEARCH, 0);
}

/** The name of a thing, which must be visible and searchable. @throws Refused InvalidInput */
export function typedName(text: string, path: string, max: number): string {
  const name = typedLine(text, path, max);
  if (!hasLetterOrDigit(name)) {
    refuse('InvalidInput', `${path} has no letter and no digit; write a name that people can read.`, {
      path,
    });
  }
  return name;
}
