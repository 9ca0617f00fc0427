// Commands that do not wait in the outbox, because only the server can decide them.

import { ApiProblem } from '../../foundation/api';
import { newKey } from '../../foundation/key';
import { texts } from './messages';

/** Why there is no answer, for the person at the counter; `offlineText` is what cannot be done without a network. */
export function problemText(error: unknown, offlineText: string): string {
  if (!(error instanceof ApiProblem)) return String(error);
  if (error.kind !== 'UNREACHABLE') return error.message;
  return navigator.onLine ? texts.value.noAnswer : offlineText;
}

/**
 * The keys of one kind of command. A retry after a lost answer has the key of the first attempt, another input has another
 * one. An answer, refusals included, is the answer to its key for good: after `end` the same input is a new command.
 */
export function directCommand() {
  let sent = { input: '', key: '' };
  return {
    keyOf(input: object): string {
      const text = JSON.stringify(input);
      if (sent.input !== text) sent = { input: text, key: newKey() };
      return sent.key;
    },
    end(): void {
      sent = { input: '', key: '' };
    },
  };
}
