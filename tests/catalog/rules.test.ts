// GTIN check digits, SKU codes and prices: what is accepted, and what the refusals say.
import fc from 'fast-check';
import {
  CATALOG_LIMITS,
  gtinCheckDigit,
  gtinProblem,
  normaliseGtin,
  priceProblem,
  skuCodeProblem,
} from '../../src/catalog/rules/codes';

describe('GTIN', () => {
  // GS1's own examples, a UPC and an EAN from packs of tissues and of books.
  test.each(['96385074', '036000291452', '4006381333931', '9780306406157', '10614141543219'])(
    'accepts %s',
    (gtin) => {
      expect(gtinProblem(gtin)).toBeNull();
    },
  );

  test('states which check digit would be right', () => {
    expect(gtinProblem('4006381333932')).toBe(
      "GTIN '4006381333932' ends in check digit 2, but its other digits require 1",
    );
    expect(gtinProblem('96385070')).toMatch(/require 4$/);
  });

  test.each([
    ['', /digits only/],
    ['400638133393X', /digits only/],
    ['４００６３８１３３３９３１', /digits only/],
    ['400638133393', /check digit|digits require/],
    ['40063813339', /has 11 digits: a GTIN has 8, 12, 13 or 14/],
    ['040063813339310', /has 15 digits/],
    ['0000000000000', /all zeros/],
  ])('refuses %j', (gtin, message) => {
    expect(gtinProblem(gtin)).toMatch(message);
    expect(() => normaliseGtin(gtin)).toThrow(message);
  });

  test('is stored as 14 digits, whatever its printed form', () => {
    expect(normaliseGtin('96385074')).toBe('00000096385074');
    expect(normaliseGtin('4 006381-333931')).toBe('04006381333931');
    expect(normaliseGtin('036000291452')).toBe(normaliseGtin('0036000291452'));
  });

  test('any body with its check digit is a GTIN; any one digit misread is not', () => {
    const anyBody = fc
      .constantFrom(7, 11, 12, 13)
      .chain((length) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }))
      .filter((digits) => digits.some((digit) => digit > 0));
    fc.assert(
      fc.property(anyBody, fc.nat(), fc.integer({ min: 1, max: 9 }), (digits, where, shift) => {
        const gtin = `${digits.join('')}${gtinCheckDigit(digits.join(''))}`;
        expect(gtinProblem(gtin)).toBeNull();
        const misread = [...gtin];
        const position = where % gtin.length;
        misread[position] = String((Number(gtin[position]) + shift) % 10);
        expect(gtinProblem(misread.join(''))).not.toBeNull();
        expect(gtinProblem(normaliseGtin(gtin))).toBeNull();
      }),
    );
  });
});

test('skuCodeProblem names the character or the length that is wrong', () => {
  for (const code of ['A', 'SHIRT-42/blue_v1.2', '0001', 'x'.repeat(CATALOG_LIMITS.codeLength)]) {
    expect(skuCodeProblem(code)).toBeNull();
  }
  expect(skuCodeProblem('')).toMatch(/empty/);
  expect(skuCodeProblem('x'.repeat(65))).toBe('a SKU code has at most 64 characters, not 65');
  expect(skuCodeProblem('SHIRT 42')).toMatch(/has ' ' at position 6/);
  expect(skuCodeProblem('ÉTÉ')).toMatch(/has 'É' at position 1/);
  expect(skuCodeProblem('A\n')).toMatch(/at position 2/);
  expect(skuCodeProblem('-42')).toMatch(/must begin with a letter or a digit/);
});

test('priceProblem takes whole minor units of an ISO 4217 currency', () => {
  for (const amountMinor of [0, 1, 1999, CATALOG_LIMITS.priceMinor]) {
    expect(priceProblem({ amountMinor, currency: 'EUR' })).toBeNull();
  }
  for (const currency of ['', 'eur', 'EURO', 'ZZZ', '€']) {
    expect(priceProblem({ amountMinor: 1, currency })).toMatch(/is not an ISO 4217 code in capitals/);
  }
  for (const amountMinor of [19.99, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(priceProblem({ amountMinor, currency: 'EUR' })).toMatch(/is not a whole number of minor units/);
  }
  for (const amountMinor of [-1, CATALOG_LIMITS.priceMinor + 1]) {
    expect(priceProblem({ amountMinor, currency: 'EUR' })).toMatch(/is not within 0 to 9007199254740991/);
  }
});
