// Texts in one form: letters without marks or case, words, titles.

/** Titles, ranks and particles that identify nobody. English and French. */
const TITLES = new Set(
  `mr mrs ms miss mx master dr doctor prof professor rev revd reverend sir dame lord lady hon honourable esq
  baron baroness baronet bart bt earl count countess duke duchess viscount viscountess marquess marquis prince princess
  captain capt colonel col general gen lieutenant lt major maj sergeant sgt admiral adm commander cmdr
  m mme mlle monsieur madame mademoiselle me maitre docteur professeur comte comtesse duc duchesse vicomte abbe pere soeur
  jr sr junior senior fils ii iii iv of the and de du des da do di la le les et von van der den zu`.split(
    /\s+/,
  ),
);
const ORDINAL = /^\d+(?:st|nd|rd|th|er|eme|e)$/;

/** Lower case, without accents; œ, æ, ß and ø as they are usually written without them. */
export function foldText(text: string): string {
  const lower = text.toLowerCase();
  let plain = true;
  for (let i = 0; i < lower.length && plain; i++) plain = lower.charCodeAt(i) < 128;
  if (plain) return lower;
  return lower
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .replaceAll('ß', 'ss')
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l');
}

/** The words of a text: runs of letters and digits, folded; an apostrophe within a word is left out (O'Brien, obrien). */
export function wordsOf(text: string): string[] {
  return (
    foldText(text)
      .replace(/(?<=[\p{L}\p{N}])['’`](?=[\p{L}\p{N}])/gu, '')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Whether a word of a name is a title, a rank, a particle or a number in a line of peers. */
export function isTitle(word: string): boolean {
  return TITLES.has(word) || ORDINAL.test(word);
}
