// Numbers of the forecast tool's files: in the notation given by a flag or proven by the file, never guessed.

import { decimalOfText, type NumberForm } from '../../csv/rules/numbers';

/** No flag states how numbers are written, and the file does not prove it: 1.234 can be two numbers. */
export const UNPROVEN: NumberForm = { decimal: 'POINT', certain: false };

const WHOLE = /^\d{1,9}$/;
/** As programs write numbers, also with many decimals; 1.234 may put a thousand apart. */
const PROGRAM = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const UNAMBIGUOUS = /^-?(?:0|\d{4,})?\.\d+$|^-?\d+\.(?:\d{0,2}|\d{4,})$|^-?\d+$|e/i;

/** True when a cell can be read for sure only once it is known how its file writes numbers. */
export function needsForm(cell: string): boolean {
  return cell.length > 2 && /[.,]/.test(cell) && !UNAMBIGUOUS.test(cell.trim());
}

/** The number that a text states, or why it states none. */
export function numberOf(text: string, form: NumberForm): number | string {
  if (WHOLE.test(text)) return Number(text);
  const isProgram =
    form.decimal === 'POINT' && PROGRAM.test(text) && (form.certain || UNAMBIGUOUS.test(text));
  if (isProgram) return Number(text);
  const value = decimalOfText(text, form);
  return typeof value === 'string' ? value : value.digits / 10 ** value.decimals;
}
