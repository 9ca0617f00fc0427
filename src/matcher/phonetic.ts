// Phonetic keys of names: how a name sounds to French ears, after the rules of Phonex and Soundex FR.

/** From left to right; each replaces all occurrences. Ordered: longer spellings before their parts. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/y/g, 'i'],
  [/e?aul(?=[tdx]*$)/g, 'o'],
  [/(?:e?au|aux|eaux)(?=[^aeiou]|$)|e?aux?$/g, 'o'],
  [/sch|sh|ch/g, '5'],
  [/ph/g, 'f'],
  [/th/g, 't'],
  [/gn/g, 'n'],
  [/gu(?=[ei])/g, 'g'],
  [/g(?=[ei])/g, 'j'],
  [/qu?/g, 'k'],
  [/ck/g, 'k'],
  [/c(?=[ei])/g, 's'],
  [/c/g, 'k'],
  [/x/g, 'ks'],
  [/w/g, 'v'],
  [/z/g, 's'],
  [/h/g, ''],
  [/(?:ai|ei|i)[mn](?=[^aeioumn]|$)/g, '4'],
  [/[ae][mn](?=[^aeioumn]|$)/g, '1'],
  [/o[mn](?=[^aeioumn]|$)/g, '2'],
  [/u[mn](?=[^aeioumn]|$)/g, '4'],
  [/ou|oo/g, 'u'],
  [/ai|ei|eu|oeu?|ae/g, 'e'],
  [/oi/g, 'ua'],
  [/(.)\1+/g, '$1'],
];
/** Letters that French does not sound at the end of a name. */
const SILENT = /[tdspx]+$/;

/**
 * A key that names share which sound alike: Dupont, Dupond; Renaud, Reynaut; Philippe, Filipe. The first letter, then the
 * consonants and nasal vowels, at most six. Other vowels differ between spellings and are left out.
 */
export function phoneticKey(word: string): string {
  let sound = word.replace(/[^a-z]/g, '');
  for (const [from, to] of RULES) sound = sound.replace(from, to);
  if (sound.length > 3) sound = sound.replace(SILENT, '').replace(/e$/, '');
  const rest = sound.slice(1).replace(/[aeiou]/g, '');
  return (sound.slice(0, 1) + rest.replace(/(.)\1+/g, '$1')).slice(0, 6);
}
