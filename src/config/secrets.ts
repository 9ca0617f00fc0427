// Validation of secrets that an operator chooses: a minimum length, and no text that can be guessed.

import { OperatorError } from '../refusals';

const PLACEHOLDER =
  /change[\W_]*(me|this|it)|replace[\W_]*(me|this)|placeholder|your[\W_]*(secret|key|token)|insert[\W_]*(here|your)|^(secret|password|example|default|test)[\W_\d]*$|qwertyuiop|asdfghjkl/i;
/** A random text of 32 hexadecimal digits has fewer different ones once in some hundred million times. */
const LEAST_DIFFERENT = 8;
/** Steps from a character to its neighbour (abc, 321) that a random text never has so many of. */
const MOST_NEIGHBOURS = 0.5;

/** The length of the piece that the text repeats at least twice; null: there is none. */
function periodOf(text: string): number | null {
  const period = (text + text).indexOf(text, 1);
  if (period < text.length) return period;
  for (let length = 1; length <= text.length / 2; length += 1)
    if (text.slice(length) === text.slice(0, -length)) return length;
  return null;
}

/** Why a text can be guessed; null: not by its form. */
function weaknessOf(text: string): string | null {
  if (PLACEHOLDER.test(text)) return 'a placeholder of documents and examples';
  const different = new Set(text).size;
  if (different === 1) return 'one character, repeated';
  if (different < LEAST_DIFFERENT) return `made of ${different} different characters`;
  const period = periodOf(text);
  if (period !== null) return `${period} characters, repeated`;
  let neighbours = 0;
  for (let i = 1; i < text.length; i += 1)
    if (Math.abs(text.charCodeAt(i) - text.charCodeAt(i - 1)) === 1) neighbours += 1;
  return neighbours > text.length * MOST_NEIGHBOURS ? 'a sequence of neighbouring characters' : null;
}

/** Refuses a secret that can be guessed; it is not repeated in the message. @throws OperatorError */
export function checkSecret(name: string, text: string): void {
  const weakness = weaknessOf(text);
  if (weakness !== null) {
    throw new OperatorError(
      `${name} is easy to guess: it is ${weakness}; use a random text, for example from openssl rand -hex 32.`,
    );
  }
}
