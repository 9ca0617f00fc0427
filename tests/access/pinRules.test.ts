// Which PINs are too easy, and what a start PIN is.

import fc from 'fast-check';
import { enrolmentCode, hashOfEnrolmentCode } from '../../src/access/rules/device';
import { faultOfPin, startPin } from '../../src/access/rules/pin';

const key = Buffer.alloc(32, 1);

test.each('0000 1111 1234 4321 9876 2468 7890 8901 1212 1221 1122 2580 1987 2003 1204 0412 3112'.split(' '))(
  '%s is too easy',
  (pin) => expect(faultOfPin(pin, 4)).toBe('TOO_EASY'),
);

test.each(
  '123456 654321 121212 123123 112211 120487 870412 041287 198704 041987 147258 19870412 12041987 04121987'.split(
    ' ',
  ),
)('%s is too easy', (pin) => expect(faultOfPin(pin, 6)).toBe('TOO_EASY'));

test.each(['7391', '4962', '739184', '582649', '99817263', '739184620571'])('%s may be chosen', (pin) =>
  expect(faultOfPin(pin, 4)).toBeNull(),
);

test('most PINs may be chosen', () => {
  const all = Array.from({ length: 10_000 }, (_, n) => String(n).padStart(4, '0'));
  expect(all.filter((pin) => faultOfPin(pin, 4) === null).length).toBeGreaterThan(8_000);
});

test('a start PIN is never easy, has the wanted length, and depends on the secret', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 4, max: 10 }), (nonce, length) => {
      const pin = startPin(key, nonce, length);
      expect(pin).toHaveLength(length);
      expect(faultOfPin(pin, length)).toBeNull();
      expect(startPin(key, nonce, length)).toBe(pin);
    }),
    { numRuns: 200 },
  );
  const others = Array.from({ length: 20 }, (_, i) => startPin(Buffer.alloc(32, i + 2), 'nonce', 8));
  expect(new Set(others).size).toBe(20);
});

test('a code is known however it is typed', () => {
  const code = enrolmentCode(key, 'nonce');
  const hash = hashOfEnrolmentCode(code);
  for (const typed of [
    code.toLowerCase(),
    code.replaceAll('-', ''),
    ` ${code} `,
    code.replaceAll('0', 'o'),
  ]) {
    expect(hashOfEnrolmentCode(typed)).toBe(hash);
  }
  expect(hashOfEnrolmentCode(code.slice(1))).toBeNull();
});
