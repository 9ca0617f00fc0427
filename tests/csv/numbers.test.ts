// Numbers as tills, ERPs and spreadsheets write them: read rightly or refused by name, never as another number.

import { decimalOfText, decimalSignOf, hasAtMost, scaled, wholeOf } from '../../src/csv/rules/numbers';

const POINT = { decimal: 'POINT', certain: true } as const;
const COMMA = { decimal: 'COMMA', certain: true } as const;
const OPEN = { decimal: 'POINT', certain: false } as const;

/** The number that a text is, or the words that refuse it. */
function read(text: string, form: typeof POINT | typeof COMMA | typeof OPEN, currency?: string | null) {
  const value = decimalOfText(text, form, currency === undefined ? {} : { currency });
  return typeof value === 'string' ? value : value.digits / 10 ** value.decimals;
}

const NONE = /no number|not a number|is a number with|no digits/;

test.each<[string, number | RegExp, number | RegExp, number | RegExp]>([
  // text, with a decimal point, with a decimal comma, when it is not known
  ['1.000', 1, 1000, /can mean 1000 or 1\.000.*--decimal-point or --decimal-comma/],
  ['1,234', 1234, 1.234, /can mean 1234 or 1\.234/],
  ['-1.234', -1.234, -1234, /can mean/],
  ['12.50', 12.5, NONE, 12.5],
  ['12,50', NONE, 12.5, /decimal comma.*--decimal-comma/],
  ['1.234,50', NONE, 1234.5, NONE],
  ['1,234.50', 1234.5, NONE, 1234.5],
  ['0.500', 0.5, NONE, 0.5],
  ['0,500', NONE, 0.5, NONE],
  ['1234.567', 1234.567, NONE, 1234.567],
  ['1.234.567', NONE, 1_234_567, NONE],
  ['1.23.456', NONE, NONE, NONE],
  ['1,23,456.00', NONE, NONE, NONE],
  ["1'234.50", 1234.5, NONE, 1234.5],
  ['1’234.50', 1234.5, NONE, 1234.5],
  ['1 234,50', NONE, 1234.5, NONE],
  ['1\u00A0234,50', NONE, 1234.5, NONE],
  ['1\u202F234', 1234, 1234, 1234],
  ['1\u2009234', 1234, 1234, 1234],
  ['1  234', NONE, NONE, NONE],
  ['12 34', NONE, NONE, NONE],
  ['007', 7, 7, 7],
  ['+4', 4, 4, 4],
  ['5-', -5, -5, -5],
  ['(5)', -5, -5, -5],
  ['−5', -5, -5, -5],
  ['–5', -5, -5, -5],
  ['- 5', -5, -5, -5],
  ['(-5)', /two signs/, /two signs/, /two signs/],
  ['-5-', /two signs/, /two signs/, /two signs/],
  ['(5', /two signs/, /two signs/, /two signs/],
  ['12.-', /dash/, /dash/, /dash/],
  ['12,--', /dash/, /dash/, /dash/],
  ['50%', /percentage/, /percentage/, /percentage/],
  ['1E3', /exponent/, /exponent/, /exponent/],
  ['1,5E+05', /exponent/, /exponent/, /exponent/],
  ['٣', /digits other than 0 to 9/, /digits other/, /digits other/],
  ['１２', /digits other/, /digits other/, /digits other/],
  ['\u200E5', /invisible/, /invisible/, /invisible/],
  ['#REF!', /spreadsheet/, /spreadsheet/, /spreadsheet/],
  ['0x10', NONE, NONE, NONE],
  ['5 pcs', NONE, NONE, NONE],
  ['Infinity', NONE, NONE, NONE],
  ['', NONE, NONE, NONE],
  ['9'.repeat(16), /15 digits/, /15 digits/, /15 digits/],
  ['1.0000001', /6 decimals/, NONE, /6 decimals/],
])("'%s'", (text, point, comma, open) => {
  for (const [form, expected] of [
    [POINT, point],
    [COMMA, comma],
    [OPEN, open],
  ] as const) {
    if (typeof expected === 'number') expect(read(text, form)).toBe(expected);
    else expect(read(text, form)).toMatch(expected);
  }
});

test.each<[string, string | null, number | RegExp]>([
  ['€ 12.50', 'EUR', 12.5],
  ['12.50 €', 'EUR', 12.5],
  ['EUR 12.50', 'EUR', 12.5],
  ['12.50EUR', 'EUR', 12.5],
  ['-€5', 'EUR', -5],
  ['€-5', 'EUR', -5],
  ['$12.50', 'CAD', 12.5],
  ['$12.50', 'EUR', /currency \$, but amounts are in EUR/],
  ['12.50 GBP', 'EUR', /currency GBP/],
  ['€ 12.50', null, /currency €; name .* --currency/],
])('the amount %s in %s', (text, currency, expected) => {
  if (typeof expected === 'number') expect(read(text, POINT, currency)).toBe(expected);
  else expect(read(text, POINT, currency)).toMatch(expected);
  expect(read(text, POINT)).toMatch(NONE);
});

test.each([
  ['12', null],
  ['1.000', null],
  ['1 234', null],
  ['abc', null],
  ['12.-', null],
  ['12.50', 'POINT'],
  ['0.500', 'POINT'],
  ["1'234.5", 'POINT'],
  ['€ 9.90', 'POINT'],
  ['12,50', 'COMMA'],
  ['1.234.567', 'COMMA'],
  ['9,90 €', 'COMMA'],
])("'%s' proves %s", (text, sign) => {
  expect(decimalSignOf(text)).toBe(sign);
});

test('decimals are reckoned exactly, and rounded half away from zero', () => {
  const of = (text: string) =>
    decimalOfText(text, POINT) as Exclude<ReturnType<typeof decimalOfText>, string>;
  expect(scaled(of('1.005'), 2)).toBe(101);
  expect(scaled(of('-1.005'), 2)).toBe(-101);
  expect(scaled(of('0.1'), 2, 3)).toBe(30);
  expect(scaled(of('9.99'), 0, -2)).toBe(-20);
  expect(scaled(of('999999999999'), 4, 10)).toBeNull();
  expect([wholeOf(of('5.0')), wholeOf(of('5.5'))]).toEqual([5, null]);
  expect([hasAtMost(of('12.500'), 2), hasAtMost(of('12.501'), 2)]).toEqual([true, false]);
});
