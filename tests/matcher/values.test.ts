// Values in one form, and how alike two of them are.

import { birthDateOf, dateErrors, isYearOnly } from '../../src/matcher/birthDate';
import { phoneticKey } from '../../src/matcher/phonetic';
import { postcodeOf } from '../../src/matcher/postcode';
import { editDistance, jaroWinkler } from '../../src/matcher/similarity';
import { foldText, isTitle, wordsOf } from '../../src/matcher/text';

test.each([
  ['Brontë', 'bronte'],
  ['ÉLOÏSE', 'eloise'],
  ['Œuvrard', 'oeuvrard'],
  ['Łukasz Strauß', 'lukasz strauss'],
])('%s folds to %s', (text, folded) => expect(foldText(text)).toBe(folded));

test.each<[string, string[]]>([
  ['Seán O’Brien-Smith', ['sean', 'obrien', 'smith']],
  ['  DUPONT,  Jean  ', ['dupont', 'jean']],
  ['', []],
  ['…', []],
])('words of %j', (text, words) => expect(wordsOf(text)).toEqual(words));

test('titles and ordinals are none of a name', () => {
  expect(['mme', 'sir', '7th', '1er'].map(isTitle)).toEqual([true, true, true, true]);
  expect(['martin', 'lea'].map(isTitle)).toEqual([false, false]);
});

test.each<[string, number | null]>([
  ['1861-03-22', 18610322],
  ['22/03/1861', 18610322],
  ['22.3.1861', 18610322],
  ['18610322', 18610322],
  ['1861-03-22T00:00:00Z', 18610322],
  ['1861-13-82', 18611382],
  ['1861', 18610000],
  ['1861-03', 18610300],
  ['', null],
  ['unknown', null],
])('date of birth %j', (text, date) => expect(birthDateOf(text)).toBe(date));

test.each<[number, number, number]>([
  [18610322, 18610322, 0],
  [18610322, 18610332, 1],
  [18610322, 18610232, 1],
  [18610312, 18611203, 1],
  [18610322, 18160322, 1],
  [18610322, 18720322, 2],
])('%d and %d differ by %d', (a, b, errors) => {
  expect(dateErrors(a, b)).toBe(errors);
  expect(dateErrors(b, a)).toBe(errors);
});

test('a year alone, and 1 January, are only as exact as the year', () => {
  expect([18610000, 18610101, 18610300, 18610322].map(isYearOnly)).toEqual([true, true, false, false]);
});

test.each<[string, [string, string, string] | null]>([
  ['SW1P 4QP', ['sw1p4qp', 'sw1p', 'sw']],
  ['b15 2lx', ['b152lx', 'b15', 'b']],
  ['75011', ['75011', '750', '75']],
  ['swqp 4qp', ['swqp4qp', 'swqp', 'swqp']],
  [' ', null],
])('postcode %j', (text, expected) => {
  const postcode = postcodeOf(text);
  expect(postcode && [postcode.full, postcode.district, postcode.area]).toEqual(expected);
});

test.each([
  ['dupont', 'dupond'],
  ['renaud', 'reynaut'],
  ['philippe', 'filipe'],
  ['gautier', 'gauthier'],
  ['lefebvre', 'lefebvres'],
  ['thibault', 'tibaud'],
  ['chrystel', 'christelle'],
])('%s sounds like %s', (a, b) => expect(phoneticKey(a)).toBe(phoneticKey(b)));

test.each([
  ['martin', 'bernard'],
  ['petit', 'picard'],
  ['roux', 'rousseau'],
])('%s does not sound like %s', (a, b) => expect(phoneticKey(a)).not.toBe(phoneticKey(b)));

test.each<[string, string, number]>([
  ['martin', 'martin', 0],
  ['martin', 'matrin', 1],
  ['martin', 'marin', 1],
  ['martin', 'nartim', 2],
  ['martin', 'bernard', 3],
  ['', 'ab', 2],
])('typing errors from %j to %j: %d', (a, b, errors) => expect(editDistance(a, b, 2)).toBe(errors));

test('Jaro–Winkler of the published examples', () => {
  expect(jaroWinkler('martha', 'marhta')).toBeCloseTo(0.961, 3);
  expect(jaroWinkler('dwayne', 'duane')).toBeCloseTo(0.84, 3);
  expect(jaroWinkler('dixon', 'dicksonx')).toBeCloseTo(0.813, 3);
  expect(jaroWinkler('abc', 'xyz')).toBe(0);
});
