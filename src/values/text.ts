// Normalization of text that users type and devices send: invisible characters, and the stored form of each kind of text.

/** Controls, format characters, and letters that show nothing (Hangul fillers, variation selectors). */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** The same without tab and line ends, which structure a note. */
const INVISIBLE_IN_TEXT = /(?![\t\n])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Characters that end or part lines, which a text of one line cannot have. */
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** White space, and the blank of Braille, which is a symbol to Unicode and a blank to the eye. */
const BLANKS = /[\s\u2800]+/gu;
const OUTER_BLANKS = /^[\s\u2800]+|[\s\u2800]+$/gu;
/** Printable ASCII: most texts are, and have nothing to clean but blanks at their ends. */
const PLAIN = /^[ -~]*$/;

// Some invisible characters are spelling. A joiner or non-joiner between letters distinguishes words in Persian, the scripts
// of India and others, and makes one emoji of several; a variation selector chooses the form of a Han character (of a
// Japanese family name) or of an emoji. Anywhere else they only make two texts that look the same differ.
const JOINER = /[\u200C\u200D]/u;
const SELECTOR = /[\u180B-\u180F\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/u;
const JOINED_SCRIPTS =
  'Arabic Syriac Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar Tibetan';
const EMOJI = '\\p{Extended_Pictographic}\\p{Emoji_Modifier}';
const JOINED = `[${EMOJI}\\uFE0F${JOINED_SCRIPTS.split(' ')
  .map((script) => `\\p{Script=${script}}`)
  .join('')}]`;
const AFTER_JOINED = new RegExp(`${JOINED}$`, 'u');
const BEFORE_JOINED = new RegExp(`^${JOINED}`, 'u');
const AFTER_SELECTABLE = new RegExp(`[${EMOJI}\\p{Script=Han}\\p{Script=Mongolian}]$`, 'u');

function isSpelling(character: string, at: number, whole: string): boolean {
  const before = whole.slice(Math.max(0, at - 2), at);
  if (SELECTOR.test(character)) return AFTER_SELECTABLE.test(before);
  return (
    JOINER.test(character) &&
    AFTER_JOINED.test(before) &&
    BEFORE_JOINED.test(whole.slice(at + character.length))
  );
}

function withoutInvisible(text: string, invisible: RegExp): string {
  return text.replace(invisible, (character, at: number, whole: string) =>
    isSpelling(character, at, whole) ? character : '',
  );
}

/**
 * A text of one line as it is kept: composed (NFC), without what cannot be seen, line breaks as blanks, trimmed. Two texts
 * that look the same are then the same. Blanks within are kept: no-break ones are typographic intent.
 */
export function cleanLine(text: string): string {
  if (PLAIN.test(text)) return text.trim();
  const line = text.replace(LINE_BREAKS, ' ');
  return withoutInvisible(line, INVISIBLE).normalize('NFC').replace(OUTER_BLANKS, '');
}

/** The same for a text of several lines: its line ends and tabs stay. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text.trim();
  const lines = text.replace(/\r\n?/g, '\n');
  return withoutInvisible(lines, INVISIBLE_IN_TEXT).normalize('NFC').replace(OUTER_BLANKS, '');
}

/** The beginning of a text, `most` UTF-16 units at most and no half character. */
export function firstCharacters(text: string, most: number): string {
  return text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
}

/** True when a text has a letter that can be seen: a name of blanks and fillers is no name. */
export function hasLetter(text: string): boolean {
  return /\p{L}/u.test(text.replace(INVISIBLE, ''));
}

/** True when a text has a letter or a digit that can be seen; things are called '501' too. */
export function hasLetterOrDigit(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text.replace(INVISIBLE, ''));
}

/** The prefix by which scanners announce the symbology before the data (ISO/IEC 15424): ]C1, ]d2, ]E0, ]Q3 … */
const SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/;
const BEFORE_DATA = /^[\s\u2800\p{Cc}\p{Cf}]+/u;

/**
 * A code as it was scanned or typed, in the form it is looked up by: without the scanner's symbology prefix and its
 * suffixes (CR, TAB, LF, GS), without what cannot be seen, full-width letters as plain ones, trimmed.
 */
export function scannedCode(text: string): string {
  // Most codes are sent as they are; this is requested every line of every hot request.
  if (/^[!-\\^-~]*$/.test(text)) return text;
  const data = text.replace(BEFORE_DATA, '').replace(SYMBOLOGY, '');
  return data.replace(INVISIBLE, '').normalize('NFKC').replace(OUTER_BLANKS, '');
}

const DASHES = /[\u2010-\u2015\u2212\u2E3A\u2E3B\uFE58\uFE63\uFF0D]/g;

/** A code that is read off paper, without the blanks typed between its groups, and with one kind of dash. */
export function withoutBlanks(text: string): string {
  return scannedCode(text).replace(BLANKS, '').replace(DASHES, '-');
}

/**
 * The number of a document that is read off paper and typed: capitals, no blanks, one kind of dash, nothing invisible.
 * Two readings of one receipt are one number. Numbers from before are brought to this form by a migration.
 */
export function documentNumber(text: string): string {
  // Lower case first: some letters have a capital only through their small form.
  return withoutBlanks(text).toLowerCase().toUpperCase().normalize('NFC');
}
