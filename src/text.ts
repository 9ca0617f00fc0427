// Text that people type and devices send: what of it is invisible, and the one form in which codes are looked up.

/** Controls, format characters, and letters that show nothing (Hangul fillers, variation selectors). */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** White space, and the blank of Braille, which is a symbol to Unicode and a blank to the eye. */
const OUTER_BLANKS = /^[\s\u2800]+|[\s\u2800]+$/gu;

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
