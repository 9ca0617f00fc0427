// Pickup codes: how they are made, stored, typed, scanned and matched.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import {
  hashPickupCode,
  normalisePickupCode,
  parsePickupQr,
  pickupCode,
  pickupQrPayload,
} from '../../src/order/rules/code';

const secret = Buffer.from('a secret of the server, 32 bytes');
const other = Buffer.from('b secret of the server, 32 bytes');
const order = '0198c0de-0000-7000-8000-000000000001';
const anySymbol = fc.constantFrom(...'23456789ABCDEFGHJKMNPQRSTUVWXYZ');
const anyCode = fc.array(anySymbol, { minLength: 6, maxLength: 6 }).map((symbols) => symbols.join(''));

test('a code is the HMAC of order and generation, read off in symbols', () => {
  const bytes = createHmac('sha256', secret).update(`["pickup-code","${order}",1,0]`).digest();
  const symbols = [...bytes]
    .filter((byte) => byte < 248)
    .map((byte) => '23456789ABCDEFGHJKMNPQRSTUVWXYZ'[byte % 31]);
  expect(pickupCode(secret, order, 1)).toBe(symbols.slice(0, 6).join(''));
});

test('the same order has the same code; another order, generation or secret another', () => {
  const code = pickupCode(secret, order, 1);
  expect(pickupCode(secret, order, 1)).toBe(code);
  const others = [
    pickupCode(secret, `${order}x`, 1),
    pickupCode(secret, order, 2),
    pickupCode(other, order, 1),
  ];
  expect(new Set([code, ...others]).size).toBe(4);
});

test('codes use 31 clear symbols, each as often as the others', () => {
  const counts = new Map<string, number>();
  const codes = 20_000;
  for (let generation = 0; generation < codes; generation++) {
    const code = pickupCode(secret, order, generation);
    expect(code).toMatch(/^[2-9A-HJKMNP-Z]{6}$/);
    for (const symbol of code) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  expect(counts.size).toBe(31);
  const expected = (codes * 6) / 31;
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 30 degrees of freedom: 59.7 is passed once in a thousand secrets; bytes taken modulo 31 give about 90.
  expect(chiSquare).toBeLessThan(59.7);
});

test('a typed code is read whatever its case, spaces and dashes', () => {
  expect(normalisePickupCode(' abc-23 4\t')).toBe('ABC234');
  for (const typed of [
    '',
    'ABC23',
    'ABC2345',
    'ABC230',
    'ABC23O',
    'ABC231',
    'ABC23I',
    'ABC23L',
    'ABC23É',
    'ABC_23',
  ]) {
    expect(normalisePickupCode(typed)).toBeNull();
  }
});

test('only the right code of the right order matches, and the stored hash does not show it', () => {
  const code = pickupCode(secret, order, 1);
  const stored = hashPickupCode(secret, order, code);
  expect(stored).toMatch(/^[0-9a-f]{64}$/);
  expect(hashPickupCode(secret, order, ` ${code.slice(0, 3)}-${code.slice(3).toLowerCase()}`)).toBe(stored);
  expect(hashPickupCode(secret, `${order}x`, code)).not.toBe(stored);
  expect(hashPickupCode(other, order, code)).not.toBe(stored);
  expect(hashPickupCode(secret, order, pickupCode(secret, order, 2))).not.toBe(stored);
  expect(() => hashPickupCode(secret, order, 'ABC230')).toThrow(/6 symbols of 2345/);
  fc.assert(
    fc.property(anyCode, (guess) => (hashPickupCode(secret, order, guess) === stored) === (guess === code)),
  );
});

test('a QR payload says order number and code, and nothing else is taken for one', () => {
  expect(pickupQrPayload('C-2026-000123', 'abc234')).toBe('COMPTOIR:1:C-2026-000123:ABC234');
  expect(parsePickupQr('COMPTOIR:1:C-2026-000123:ABC234\n')).toEqual({
    orderNumber: 'C-2026-000123',
    code: 'ABC234',
  });
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Z0-9-]{1,32}$/), anyCode, (orderNumber, code) => {
      // Alphanumeric mode of ISO/IEC 18004 keeps the QR small enough for a cheap scanner.
      expect(pickupQrPayload(orderNumber, code)).toMatch(/^[0-9A-Z $%*+./:-]+$/);
      expect(parsePickupQr(pickupQrPayload(orderNumber, code))).toEqual({ orderNumber, code });
    }),
  );
  for (const payload of [
    ...['', 'ABC234', 'https://example.com', 'COMPTOIR:2:C-1:ABC234', 'COMPTOIR:1:C-1', 'COMPTOIR:1::ABC234'],
    ...[
      'COMPTOIR:1:C-1:ABC23',
      'COMPTOIR:1:C-1:ABC234:X',
      'COMPTOIR:1:C_1:ABC234',
      `COMPTOIR:1:${'C'.repeat(33)}:ABC234`,
    ],
  ]) {
    expect(parsePickupQr(payload)).toBeNull();
  }
  expect(() => pickupQrPayload('c 1', 'ABC234')).toThrow(/order number 'c 1'/);
  expect(() => pickupQrPayload('C-1', 'ABC230')).toThrow(RangeError);
});
