// GS1 codes: element strings in every form, dates and centuries, and what is wrong with malformed ones.

import fc from 'fast-check';
import { gtinCheckDigit, gtinInElements, gtinProblem, normaliseGtin } from '../../src/catalog/rules/codes';
import { elementDate } from '../../src/catalog/rules/elements';
import { readLabel } from '../../src/catalog/rules/labels';
import { isCaseScan, itemsInScan, readScan } from '../../src/catalog/rules/scan';
import { gtinOfScan, itemsOfScan, setLabelRules, unitsOfCode } from '../../src/pages/counter/articleCodes';

const GS = '\u001d';
const GTIN = '09506000134352';
const NOTHING = {
  gtin: GTIN,
  isCase: false,
  batch: null,
  serial: null,
  producedOn: null,
  bestBefore: null,
  expiresOn: null,
  itemCount: null,
  contentCount: null,
};
const ALL = { batch: 'AB-12/c', expiresOn: '2027-02-28', serial: '0017' };

test.each<[string, string, object]>([
  ['a bare GTIN-13', '9506000134352', {}],
  ['a bare GTIN-14 behind a symbology', `]I1${GTIN}`, {}],
  ['brackets', `(01)${GTIN}(17)270228(10)AB-12/c(21)0017`, ALL],
  ['brackets as typed off a label', ` (01) 0 9506000-134352 (17) 270228 (10) AB-12/c (21) 0017 `, ALL],
  ['brackets within a batch', `(01)${GTIN}(10)A(B)C`, { batch: 'A(B)C' }],
  ['DataMatrix', `]d201${GTIN}17270228` + `10AB-12/c${GS}210017`, ALL],
  ['GS1-128', `]C101${GTIN}17270228` + `10AB-12/c${GS}210017`, ALL],
  ['DataBar', `]e001${GTIN}`, {}],
  ['QR', `]Q301${GTIN}210017`, { serial: '0017' }],
  ['no prefix', `01${GTIN}17270228` + `10AB-12/c${GS}210017`, ALL],
  ['FNC1 first, and the end of line of a scanner', `${GS}01${GTIN}210017\r\n`, { serial: '0017' }],
  ['FNC1 although the length is fixed', `01${GTIN}${GS}17270228${GS}10AB-12/c${GS}210017${GS}`, ALL],
  ['GTIN behind a date', `1727022801${GTIN}10AB-12/c${GS}210017`, ALL],
  ['GTIN behind a batch', `10AB-12/c${GS}01${GTIN}17270228210017`, ALL],
  [
    'each date and count',
    `01${GTIN}1126010115261231172701003012${GS}37345`,
    {
      producedOn: '2026-01-01',
      bestBefore: '2026-12-31',
      expiresOn: '2027-01-31',
      itemCount: 12,
      contentCount: 345,
    },
  ],
  ['day 00 in a leap year', `(01)${GTIN}(17)280200`, { expiresOn: '2028-02-29' }],
  ['other data: weight, variant, own use', `01${GTIN}310300125020429900X${GS}10A`, { batch: 'A' }],
  ['the same twice', `(01)${GTIN}(10)A(01)${GTIN}(10)A`, { batch: 'A' }],
  ['a case', ']C1011061414154321910A', { gtin: '10614141543219', isCase: true, batch: 'A' }],
  ['a logistic label', `(00)106141412345678908(02)${GTIN}(37)24(10)A`, { contentCount: 24, batch: 'A' }],
  ['a logistic label read raw', `]C102${GTIN}3724`, { contentCount: 24 }],
  ['variable measure', '(01)90614141543215', { gtin: '90614141543215' }],
  ['a link', `https://id.gs1.org/01/${GTIN}/10/AB-12%2Fc/21/0017?17=270228`, ALL],
  [
    'a link below a path, with a short GTIN',
    'HTTPS://shop.example/fr/01/9506000134352?utm=x&10=A',
    { batch: 'A' },
  ],
  ['a QR code with a link', `]Q1https://id.gs1.org/01/${GTIN}/`, {}],
])('%s', (_name, code, expected) => {
  expect(gtinProblem(code)).toBeNull();
  const scan = readScan(code, 2026);
  expect(scan).toEqual({ ...NOTHING, ...expected });
  expect(isCaseScan(code)).toBe(scan.isCase);
  expect(itemsOfScan(code)).toBe(itemsInScan(code));
  // The pages find the same article.
  expect(gtinOfScan(code.replace(/(\d) (\d)|-/g, '$1$2').replaceAll(') ', ')'))?.padStart(14, '0')).toBe(
    scan.gtin,
  );
});

test.each<[string, string, RegExp]>([
  ['a wrong check digit', `0109506000134353`, /GTIN '09506000134353' ends in check digit 3, .* require 2/],
  ['a GTIN of zeros', '(01)00000000000000', /all zeros/],
  [
    'a short GTIN',
    '(01)9506000134352',
    /GTIN \(01\) is '9506000134352' with 13 characters: it must be 14 digits; a shorter GTIN has zeros/,
  ],
  ['a GTIN with a letter', ']d2010950600013435X', /GTIN \(01\) is '0950600013435X' .* must be 14 digits/],
  ['no GTIN', `]d21727022810A`, /has no GTIN \(01\), only expiry date \(17\), batch \(10\)/],
  ['a logistic unit', '00106141412345678908', /no GTIN \(01\), only SSCC \(00\)/],
  ['contents without a count', `02${GTIN}10A`, /GTIN of the contents \(02\) without their count \(37\)/],
  ['no contents', `02${GTIN}370`, /without their count \(37\), of at least 1/],
  ['month 13', `(01)${GTIN}(17)261332`, /expiry date \(17\) '261332' has month 13, .* YYMMDD/],
  ['month 00', `(01)${GTIN}(15)260001`, /best-before date \(15\) '260001' has month 00/],
  [
    '30 February',
    `(01)${GTIN}(11)280230`,
    /production date \(11\) '280230' has day 30 in a month of 29 days/,
  ],
  ['29 February of a common year', `(01)${GTIN}(17)270229`, /day 29 in a month of 28 days/],
  [
    'a date cut off',
    `01${GTIN}172702`,
    /expiry date \(17\) is '2702' with 4 characters: it must be 6 digits/,
  ],
  ['a separator within a date', `01${GTIN}1727${GS}10A`, /expiry date \(17\) is '27' with 2 characters/],
  ['an empty batch', `01${GTIN}10${GS}211`, /batch \(10\) is empty/],
  ['an empty serial number', `(01)${GTIN}(21)`, /serial number \(21\) is empty/],
  [
    'a long batch',
    `(01)${GTIN}(10)${'B'.repeat(21)}`,
    /batch \(10\) is 'B{21}' with 21 characters: it has at most 20/,
  ],
  [
    'no FNC1 behind a batch',
    `01${GTIN}10LOT-1234172702282100178`,
    /set the scanner to send the separator FNC1/,
  ],
  [
    'no FNC1 behind a count',
    `01${GTIN}301217270228`,
    /count of items \(30\) is '1217270228': it must be 1 to 8 digits, and then the separator/,
  ],
  ['a count of letters', `(01)${GTIN}(37)1O`, /count of contents \(37\) is '1O'/],
  ['a repeated batch', `(01)${GTIN}(10)A(10)B`, /batch \(10\) occurs twice, as 'A' and 'B'/],
  [
    'a repeated GTIN',
    `01${GTIN}0110614141543219`,
    /GTIN \(01\) occurs twice, as '09506000134352' and '10614141543219'/,
  ],
  ['no such identifier', `01${GTIN}0512`, /'05' at position 17 of the code is no GS1 application identifier/],
  ['half an identifier', `01${GTIN}310`, /'310' at position 17/],
  ['letters for an identifier', `01${GTIN}17270228XY`, /'XY' at position 25/],
  ['a wrong identifier in brackets', `(01)${GTIN}(010)1`, /\(010\) is no GS1 application identifier/],
  [
    'a bracket left open',
    `(01${GTIN}`,
    /must begin with an application identifier in brackets, such as \(01\)/,
  ],
  ['only brackets', '(((((', /must begin with an application identifier/],
  [
    'a control character',
    `(01)${GTIN}(10)A\u0007B`,
    /batch \(10\) has the character U\+0007 at its position 2/,
  ],
  ['a NUL', `01${GTIN}21A\u0000B`, /serial number \(21\) has the character U\+0000/],
  ['a character of no GS1 code', `(01)${GTIN}(10)É`, /U\+00C9 at its position 1/],
  ['half a character', `(01)${GTIN}(10)\ud800`, /U\+D800/],
  ['separators only', `]d2${GS}${GS}`, /has no data/],
  [
    'a link to something else',
    'https://shop.example/basket',
    /names no article: a GS1 Digital Link has \/01\//,
  ],
  ['a link without its GTIN', 'https://id.gs1.org/01/', /GTIN \(01\) is '' with 0 characters/],
  [
    'a link with another thing in its path',
    `https://id.gs1.org/01/${GTIN}/colour/red`,
    /'colour' in the link is no GS1/,
  ],
  [
    'a link badly encoded',
    `https://id.gs1.org/01/${GTIN}/10/%E0%A4%A`,
    /'%E0%A4%A' in the link is badly encoded/,
  ],
  ['no address', 'https://', /is no address/],
  ['many digits', '9'.repeat(40), /has 40 digits: a GTIN has 8, 12, 13 or 14/],
  ['10,000 digits', `01${GTIN}21${'1'.repeat(10_000)}`, /not 10018 characters, and a GS1 code at most 400/],
])('refuses %s', (_name, code, message) => {
  expect(gtinProblem(code)).toMatch(message);
  expect(() => readScan(code, 2026)).toThrow(message);
  expect(gtinInElements(code)).toBeNull();
  // Nothing that hides or is broken comes back in a message.
  expect(gtinProblem(code)).not.toMatch(/[\p{Cc}\p{Surrogate}]/u);
});

test.each([
  // Years 51 to 99 ahead are of the last century, 50 to 99 back of the next one (General Specifications 7.12).
  [2026, '260115', '2026-01-15'],
  [2026, '760115', '2076-01-15'],
  [2026, '770115', '1977-01-15'],
  [2026, '000229', '2000-02-29'],
  [2051, '010115', '2101-01-15'],
  [2051, '020115', '2002-01-15'],
  [2099, '490115', '2149-01-15'],
  [2099, '500115', '2050-01-15'],
  [2060, '000200', '2100-02-28'],
  [2060, '000229', '2100-02-28'],
])('in %i, %s is %s', (thisYear, digits, date) => expect(elementDate(digits, thisYear)).toBe(date));

test('a search is for the GTIN of a GS1 code, and for any other text as it is', () => {
  expect(gtinInElements(`01${GTIN}10A${GS}211`)).toBe('9506000134352');
  for (const text of ['9506000134352', '10 tents', '(blue) lamp', 'https://shop.example', '']) {
    expect(gtinInElements(text)).toBeNull();
  }
});

test('whatever is read is the same in brackets and raw; nothing breaks it', () => {
  const character = fc.constantFrom(...'!"%&\'*+,-./09:;<=>?AZ_az');
  const text = fc.array(character, { minLength: 1, maxLength: 20 }).map((characters) => characters.join(''));
  fc.assert(
    fc.property(text, text, (batch, serial) => {
      const raw = readScan(`]d201${GTIN}10${batch}${GS}1726120021${serial}`, 2026);
      expect(raw).toEqual({ ...NOTHING, batch, serial, expiresOn: '2026-12-31' });
      expect(readScan(`(01)${GTIN}(10)${batch}(17)261200(21)${serial}`, 2026)).toEqual(raw);
    }),
  );
  const hostile = fc.array(
    fc.constantFrom('01', GTIN, '10', '17', '(', ')', GS, ']d2', 'A', '\u0000', '/01/', 'http://', '%'),
  );
  fc.assert(
    fc.property(hostile, (pieces) => {
      const code = pieces.join('');
      if (gtinProblem(code) === null) expect(normaliseGtin(code)).toMatch(/^\d{14}$/);
      else expect(() => readScan(code, 2026)).toThrow(RangeError);
    }),
  );
});

test('the counter knows the units of cases and the articles on labels without a network', () => {
  const lamp = { code: 'LAMP', gtin: '2000000000022', furtherGtins: [{ gtin: '14006381333945', units: 6 }] };
  expect(
    ['lamp', '02000000000022', '14006381333945', '4006381333948'].map((c) => unitsOfCode(lamp, c)),
  ).toEqual([1, 1, 6, null]);
  // Orders that were stored before an upgrade have no further GTINs.
  expect(unitsOfCode({ code: 'LAMP', gtin: null }, '14006381333945')).toBeNull();
  const rules = [{ prefix: '21', articleDigits: 5, valueDigits: 4, value: 'PRICE' as const }];
  const [gtin, label] = ['211234500000', '211234570789'].map((body) => `${body}${gtinCheckDigit(body)}`);
  const cheese = { code: 'CHEESE', gtin: gtin!, furtherGtins: [] };
  expect(unitsOfCode(cheese, label!)).toBeNull();
  setLabelRules(rules);
  expect(unitsOfCode(cheese, label!)).toBe(1);
  expect(readLabel(`0${label}`, rules)).toEqual({ gtin: `0${gtin}`, value: 'PRICE', amount: 789 });
  setLabelRules([]);
});
