// Folding of texts for search: typed or pasted text and the searched text are reduced to the same plain words.

import {
  CYRILLIC_LETTERS,
  DROPPED_MARKS,
  GREEK_LETTERS,
  IGNORED_CHARACTERS,
  LATIN_LETTERS,
  LIGATURES,
  OTHER_LETTERS,
  WORD_CHARACTERS,
} from './foldTables';

/** Longer words are cut, in SQL as here: an index takes no word of any length. */
const MAX_WORD_CHARACTERS = 64;

function classOf(codePoints: string): string {
  return codePoints
    .split(' ')
    .map((range) =>
      range
        .split('-')
        .map((hex) => `\\u{${hex}}`)
        .join('-'),
    )
    .join('');
}

const IGNORED = new RegExp(`[${classOf(IGNORED_CHARACTERS)}]+`, 'gu');
const MARKS = new RegExp(`[${classOf(DROPPED_MARKS)}]+`, 'gu');
const BETWEEN_WORDS = new RegExp(`[^${classOf(WORD_CHARACTERS)}]+`, 'u');

const LETTERS = new Map<string, string>(LIGATURES.split(' ').map((item) => [item[0]!, item.slice(1)]));
for (const table of [LATIN_LETTERS, GREEK_LETTERS, CYRILLIC_LETTERS, OTHER_LETTERS]) {
  const characters = [...table];
  for (let i = 0; i < characters.length; i += 2) LETTERS.set(characters[i]!, characters[i + 1]!);
}

const isAscii = (text: string): boolean => /^[\0-\x7F]*$/.test(text);

/**
 * The words of a text: small letters and digits without accents, ligatures spelled out, parted by anything else. The same
 * as the SQL function `search_text`, of which the columns searched in are made.
 */
export function searchWords(text: string): string[] {
  let folded = text;
  if (!isAscii(text)) {
    // The abbreviation of number and the signs beside a number or a name part words, though they decompose to letters.
    const apart = text.replaceAll('№', 'N ').replace(/[ªº°™℠]/g, ' ');
    const plain = apart.normalize('NFKD').replace(IGNORED, '').replace(MARKS, '');
    folded = Array.from(plain, (character) => LETTERS.get(character) ?? character).join('');
  }
  return folded
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .split(BETWEEN_WORDS)
    .filter(Boolean)
    .map((word) =>
      word.length <= MAX_WORD_CHARACTERS ? word : [...word].slice(0, MAX_WORD_CHARACTERS).join(''),
    );
}
