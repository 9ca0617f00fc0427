// documentKey(): the key input of a document that has an id and a number.

import type { ObjectRef } from '@pothos/core';
import { checkText } from '../refusals';
import { documentNumber } from '../values/text';
import { type BuilderTypes, builder } from './builder';

const MAX_NUMBER_LENGTH = 64;

/** Declares `<Node>Key`, of which exactly one field is given. `example` is how its numbers look. */
export function documentKey(type: ObjectRef<BuilderTypes, unknown>, example: string) {
  return builder.inputType(`${type.name}Key`, {
    isOneOf: true,
    description: 'Exactly one of these keys.',
    fields: (t) => ({
      id: t.globalID({ for: [type], description: 'Its global ID.' }),
      number: t.string({ description: `The number for people, (${example}).` }),
    }),
  });
}

/** The key as a condition on the table. @throws Refused InvalidInput */
export function whereKey(by: {
  id?: { id: string } | null;
  number?: string | null;
}): { id: string } | { number: string } {
  if (by.id != null) return { id: by.id.id };
  const number = by.number ?? '';
  checkText(number, 'by.number', MAX_NUMBER_LENGTH);
  return { number: documentNumber(number) };
}
