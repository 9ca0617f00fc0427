// Checks that lines of files pass, and deliveries of a live system do not: unreadable identifiers, and customers who were erased.

import { suppressions } from '../../customer/queries/suppressions';
import type { IdentifierKey } from '../../customer/rules/identifiers';
import { namesErased } from '../../customer/rules/suppression';
import type { Tx } from '../../db/pool';
import { documentNumber } from '../../values/text';
import type { References } from '../queries/references';
import type { StatedContact, StatedIdentifier } from '../rules/contact';
import type { ContactProblem } from '../rules/contactLine';
import type { StoreScope } from './drafts';

type NumberedLine = [index: number, line: StatedContact];

const ADVICE: Partial<Record<StatedIdentifier['kind'], string>> = {
  EMAIL: 'an e-mail address; write name@example.com',
  PHONE: 'a telephone number; write it with its country code (+33…), or give --country',
};

/** Where telephone numbers of a line are dialled. */
function countryOf(line: StatedContact, { orders, locations }: References): string | null {
  const order = line.orderNumber === null ? undefined : orders.get(documentNumber(line.orderNumber));
  const location = line.location === null ? undefined : locations.get(line.location);
  return location?.country ?? order?.country ?? null;
}

/**
 * The lines of a file to store. One with an identifier that cannot be read is refused: in a file somebody can correct it. One that names
 * an identifier of an erased customer is left out, as it would bring the same person back.
 */
export async function checkFileLines(
  tx: Tx,
  lines: readonly NumberedLine[],
  { hashes, file }: StoreScope,
  named: References,
): Promise<{ good: NumberedLine[]; problems: ContactProblem[]; erased: number[] }> {
  const problems: ContactProblem[] = [];
  const keys = new Map<number, IdentifierKey[]>();
  for (const [index, line] of lines) {
    const country = countryOf(line, named) ?? file?.country ?? null;
    const typed = line.identifiers.map(({ kind, scope, value }) =>
      hashes.typed(kind, value, { scope, country }),
    );
    const unreadable = typed.indexOf(null);
    if (unreadable >= 0) {
      const path = `contacts.${index}.identifiers.${unreadable}.value`;
      const advice = ADVICE[line.identifiers[unreadable]!.kind] ?? 'an identifier';
      problems.push({ index, path, value: null, message: `${path} is not ${advice}.` });
    } else
      keys.set(
        index,
        typed.filter((one) => one !== null),
      );
  }
  const standings = await suppressions(tx, [...keys.values()].flat());
  const readable = lines.filter(([index]) => keys.has(index));
  const isErased = ([index, line]: NumberedLine): boolean =>
    namesErased(standings, keys.get(index)!, line.at);
  return {
    good: readable.filter((line) => !isErased(line)),
    problems,
    erased: readable.filter(isErased).map(([index]) => index),
  };
}
