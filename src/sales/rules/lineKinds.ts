// What a line of a sales file is, beside its numbers: a sale, a return or a void by its type, or the total of others.

import type { Rejection } from './rejection';

/** VOID: rung up and taken back before anything was sold. */
export type LineKind = 'SALE' | 'RETURN' | 'VOID';

/** What tills write into a column of types, in the languages of our shops; without accents and in small letters. */
const WORDS: Record<LineKind, readonly string[]> = {
  SALE: [
    'sale',
    'sales',
    'sold',
    'sell',
    's',
    'invoice',
    'purchase',
    'vente',
    'verkauf',
    'rechnung',
    'venta',
    'vendita',
  ],
  RETURN: [
    ...[
      'return',
      'returns',
      'returned',
      'refund',
      'refunded',
      'r',
      'credit',
      'credit note',
      'sale return',
      'sales return',
    ],
    ...['retour', 'remboursement', 'avoir', 'retoure', 'ruckgabe', 'rucknahme', 'gutschrift', 'erstattung'],
    ...['devolucion', 'reembolso', 'reso', 'rimborso'],
  ],
  VOID: [
    ...['void', 'voided', 'v', 'cancel', 'canceled', 'cancelled', 'cancellation', 'post void'],
    ...[
      'annule',
      'annulee',
      'annulation',
      'storno',
      'storniert',
      'stornierung',
      'anulado',
      'anulada',
      'anulacion',
    ],
    ...['annullato', 'annullamento', 'storniert'],
  ],
};
const KINDS = new Map(
  Object.entries(WORDS).flatMap(([kind, words]) => words.map((word) => [word, kind as LineKind] as const)),
);

const folded = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[_-]/g, ' ').trim();

/** The kind that a cell of the type column names, null for an empty cell, or why it names none. */
export function lineKindOf(text: string): LineKind | null | Rejection {
  if (text === '') return null;
  const kind = KINDS.get(folded(text));
  if (kind !== undefined) return kind;
  const reason = `the type is '${text.slice(0, 40)}', not SALE, RETURN or VOID; if the column means something else, leave it out with --map "its header=-"`;
  return { code: 'BAD_TYPE', reason };
}

const TOTAL =
  /^(?:(?:grand|sub|over ?all|report|page|day|daily|net|gross) *-? *)?(?:sub)?(?:totals?|summen?|gesamt(?:summe|betrag)?|zwischensumme|tagessumme|endsumme|total general|sous-? ?total|somme|totale|totaal|subtotaal|suma|razem)$/;

/** True when a cell marks its line as the total of others: Total, Summe, Grand total, SUBTOTAL. */
export function isTotal(text: string): boolean {
  return text.length < 40 && /[tTsSgGrRzZ]/.test(text) && TOTAL.test(folded(text).replace(/[\s:=*.]+$/, ''));
}

/** A line that adds up others, where `code` is its code and `fields` are all its cells; null: it is a line of its own. */
export function totalOf(code: string, fields: readonly string[]): Rejection | null {
  const total = isTotal(code)
    ? code
    : code === ''
      ? fields.find((field) => isTotal(field.trim()))
      : undefined;
  if (total === undefined) return null;
  return {
    code: 'TOTAL_LINE',
    reason: `'${total.trim().slice(0, 40)}': the line is a total of other lines`,
  };
}

const SHORTENED = /^[1-9](?:[.,]\d+)?E\+\d{1,2}$/i;

/** Why a code cannot be meant: a spreadsheet has made a number of it, and its digits are lost. */
export function shortenedCode(column: string, text: string): string | null {
  if (!SHORTENED.test(text)) return null;
  return `${column} is '${text}': a spreadsheet has shortened a long number; format the column as text and export again`;
}
