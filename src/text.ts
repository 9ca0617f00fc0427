// Text that people type and devices send: what of it is invisible, and the one form in which each kind of it is kept.

/** Controls, format characters, and letters that show nothing (Hangul fillers, variation selectors). */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** The same without tab and line ends, which structure a note. */
const INVISIBLE_IN_TEXT = /(?![\t\n])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Characters that end or part lines, which a text of one line cannot have. */
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** White space, and the blank of Braille, which is a symbol to Unicode and a blank to the eye. */
const BLANKS = /[\s\u2800]+/gu;
const OUTER_BLANKS = /^[\s\u2800]+|[\s\u2800]+$/gu;

/** Joiners and presentation selectors are part of how these scripts and emoji are written, and only between them. */
const JOINERS = /\u200C|\u200D|\uFE0E|\uFE0F/u;
const SCRIPTS =
  'Arabic Syriac Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar Tibetan';
const USES_JOINERS = new RegExp(
  `(?:\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|\\uFE0F|${SCRIPTS.split(' ')
    .map((script) => `\\p{Script=${script}}`)
    .join('|')})$`,
  'u',
);

function withoutInvisible(text: string, invisible: RegExp): string {
  return text.replace(invisible, (character, at: number, whole: string) =>
    // The two characters before are enough to see one that takes two.
    JOINERS.test(character) && USES_JOINERS.test(whole.slice(Math.max(0, at - 2), at)) ? character : '',
  );
}

/**
 * A text of one line as it is kept: composed (NFC), without what cannot be seen, line breaks as blanks, trimmed. Two texts
 * that look the same are then the same. Blanks within are left alone: typographers mean their no-break ones.
 */
export function cleanLine(text: string): string {
  const line = text.replace(LINE_BREAKS, ' ');
  return withoutInvisible(line, INVISIBLE).normalize('NFC').replace(OUTER_BLANKS, '');
}

/** The same for a text of several lines: its line ends and tabs stay. */
export function cleanText(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n');
  return withoutInvisible(lines, INVISIBLE_IN_TEXT).normalize('NFC').replace(OUTER_BLANKS, '');
}

/** True when a cleaned text has a letter that can be seen: a name of blanks and fillers is no name. */
export function hasLetter(text: string): boolean {
  return /\p{L}/u.test(text.replace(INVISIBLE, ''));
}

/** True when a cleaned text has a letter or a digit that can be seen; things are called '501' too. */
export function hasLetterOrDigit(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text.replace(INVISIBLE, ''));
}

/** What scanners send before the data when they say the symbology (ISO/IEC 15424): ]C1, ]d2, ]E0, ]Q3 … */
const SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/;

/**
 * A code as it was scanned or typed, in the form it is looked up by: without the scanner's symbology prefix and its
 * suffixes (CR, TAB, LF, GS), without what cannot be seen, full-width letters as plain ones, trimmed.
 */
export function scannedCode(text: string): string {
  // Most codes are sent as they are; this is asked for every line of every hot request.
  if (/^[!-\\^-~]*$/.test(text)) return text;
  const data = text.replace(OUTER_BLANKS, '').replace(SYMBOLOGY, '');
  return data.replace(INVISIBLE, '').normalize('NFKC').replace(OUTER_BLANKS, '');
}

const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g;

/**
 * The number of a document that people read off paper and type: capitals, no blanks, one kind of dash, nothing invisible.
 * Two readings of one receipt are one number.
 */
export function documentNumber(text: string): string {
  return scannedCode(text)
    .normalize('NFKC')
    .replace(BLANKS, '')
    .replace(DASHES, '-')
    .toLowerCase()
    .toUpperCase();
}
