// Masked values of identifiers: enough for a person to recognise their own, too little to use another person's.

import type { IdentifierKind } from './identifiers';

const DOTS = '•••';

/** A value with its middle hidden, by kind. */
export function maskedValue(kind: IdentifierKind, value: string): string {
  if (kind === 'EMAIL') {
    const at = value.lastIndexOf('@');
    return `${value.slice(0, 1)}${DOTS}${value.slice(at)}`;
  }
  const shown = value.length > 6 ? 2 : 0;
  const start = kind === 'PHONE' ? value.slice(0, 3) : value.slice(0, shown);
  return value.length > 6 ? `${start}${DOTS}${value.slice(-2)}` : DOTS;
}
