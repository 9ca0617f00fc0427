// Quotas of storefronts on reservations: what one line, one holder and one storefront may have at once, and for how long.

import { startApp, type TestApp } from '../support/app';
import { filledUpTo } from '../support/fill';
import { freshKey, holdsOn } from './support';

type Holds = Awaited<ReturnType<typeof holdsOn>>;
let app: TestApp;
let holds: Holds;
beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
});
afterAll(() => app.close());

const over = (
  quota: string,
  limit: number,
  current: number,
  requested: number,
  sku: string | null = null,
) => ({
  __typename: 'QuotaExceeded',
  quota,
  limit,
  current,
  requested,
  sku,
});
type Reply = { __typename: string };
const kinds = (answers: Reply[]) => {
  const counted: Record<string, number> = {};
  for (const { __typename } of answers) counted[__typename] = (counted[__typename] ?? 0) + 1;
  return counted;
};
const times = <T>(n: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => make(i)));

describe('units a line', () => {
  test('20 unless set, two lines of one SKU together, in part or whole', async () => {
    const sku = await holds.stocked(500);
    const refused = await holds.reserve([{ sku, quantity: 21 }]);
    expect(refused).toMatchObject(over('LINE_UNITS', 20, 0, 21, sku));
    expect(refused.message).toBe(
      `21 ${sku} are requested; at most 20 of it can be in one basket. Request fewer.`,
    );
    const twice = [
      { sku, quantity: 20 },
      { sku, quantity: 1 },
    ];
    expect(await holds.reserve(twice)).toMatchObject(over('LINE_UNITS', 20, 0, 21, sku));
    expect(await holds.reserve([{ sku, quantity: 1_000_000 }], { allowPartial: true })).toMatchObject(
      over('LINE_UNITS', 20, 0, 1_000_000, sku),
    );
    expect(await holds.level(sku)).toEqual({ available: 500, reserved: 0 });
    expect((await holds.reserve([{ sku, quantity: 20 }])).__typename).toBe('ReserveStockSuccess');
  });

  test('a SKU has its own where the catalogue sets it, and gives it back', async () => {
    const sku = await holds.stocked(500);
    const tell = async (maxUnitsPerLine: number | null) => {
      const { data } = await app.gql(
        holds.feed,
        `mutation ($input: UpsertSkusInput!) { upsertSkus(input: $input) {
           ... on Refusal { message } ... on UpsertSkusSuccess { updated skus { maxUnitsPerLine } } } }`,
        { input: { idempotencyKey: freshKey(), skus: [{ code: sku, maxUnitsPerLine }] } },
      );
      return data.upsertSkus;
    };
    const asked = async (quantity: number) => holds.reserve([{ sku, quantity }]);
    expect(await tell(2)).toEqual({ updated: 1, skus: [{ maxUnitsPerLine: 2 }] });
    expect(await asked(3)).toMatchObject(over('LINE_UNITS', 2, 0, 3, sku));
    expect((await asked(2)).__typename).toBe('ReserveStockSuccess');
    expect(await tell(100)).toEqual({ updated: 1, skus: [{ maxUnitsPerLine: 100 }] });
    expect((await asked(100)).__typename).toBe('ReserveStockSuccess');
    expect(await tell(null)).toEqual({ updated: 1, skus: [{ maxUnitsPerLine: null }] });
    expect(await asked(21)).toMatchObject(over('LINE_UNITS', 20, 0, 21, sku));
    expect((await tell(0)).message).toMatch(/maxUnitsPerLine is 0; it must be a whole number from 1/);
  });

  test('staff and feeds are not bound: they act for the retailer, each under a name', async () => {
    const sku = await holds.stocked(500);
    const anna = await app.token('STAFF', 'anna', ['paris']);
    for (const token of [anna, holds.feed]) {
      const { reservation } = await holds.reserve([{ sku, quantity: 210 }], { holdMinutes: 600 }, token);
      expect(reservation.lines[0].quantity).toBe(210);
    }
  });
});

describe('a holder', () => {
  test('has at most 200 units at once, over all its baskets and locations, not counting what it replaces', async () => {
    const skus = await times(21, () => holds.stocked(100));
    const lines = (n: number) => skus.slice(0, n).map((sku) => ({ sku, quantity: 20 }));
    expect(await holds.reserve(lines(11), { holder: 'much' })).toMatchObject(
      over('HOLDER_UNITS', 200, 0, 220),
    );
    expect(await holds.reserve(lines(11))).toMatchObject(over('HOLDER_UNITS', 200, 0, 220));
    expect((await holds.reserve(lines(10), { holder: 'much' })).__typename).toBe('ReserveStockSuccess');
    // Again: it takes the place of what it has.
    const again = await holds.reserve(lines(9), { holder: 'much' });
    expect(again.__typename).toBe('ReserveStockSuccess');
    const away = await holds.stocked(100, 'lyon');
    const there = (quantity: number) =>
      holds.reserve([{ sku: away, quantity }], { holder: 'much', location: 'lyon' });
    expect((await there(20)).__typename).toBe('ReserveStockSuccess');
    expect(await holds.reserve(lines(10), { holder: 'much' })).toMatchObject(
      over('HOLDER_UNITS', 200, 20, 200),
    );
    // What is given back is not counted any more.
    await holds.release(again.reservation.id);
    expect((await holds.reserve(lines(9), { holder: 'much' })).__typename).toBe('ReserveStockSuccess');
  });

  test('of another storefront has quotas of its own', async () => {
    const other = await app.token('STOREFRONT');
    const skus = await times(10, () => holds.stocked(100));
    const lines = skus.map((sku) => ({ sku, quantity: 20 }));
    for (const token of [holds.shop, other]) {
      expect((await holds.reserve(lines, { holder: 'same' }, token)).__typename).toBe('ReserveStockSuccess');
    }
  });

  test('is not counted for what is past its time, swept or not', async () => {
    const skus = await times(10, () => holds.stocked(50));
    const lines = skus.map((sku) => ({ sku, quantity: 20 }));
    const at = (location: string) => holds.reserve(lines, { holder: 'slow', holdMinutes: 5, location });
    await at('paris');
    for (const sku of skus) await holds.receive(sku, 20, 'lyon');
    expect(await at('lyon')).toMatchObject(over('HOLDER_UNITS', 200, 200, 200));
    app.wait(6);
    expect((await at('lyon')).__typename).toBe('ReserveStockSuccess');
  });

  test('asking fifty times at once, at many locations and over two processes, gets no more than its quota', async () => {
    const beside = await startApp({}, app);
    const other = { ...holds, reserve: (await holdsBeside(beside)).reserve };
    const skus = await times(9, () => holds.stocked(400));
    for (const sku of skus) {
      await holds.receive(sku, 400, 'lyon');
      await holds.receive(sku, 400, 'depot');
    }
    // 180 units each: one of them fits.
    const lines = skus.map((sku) => ({ sku, quantity: 20 }));
    for (let round = 0; round < 2; round += 1) {
      const holder = `everywhere-${round}`;
      const answers = await times(50, (i) =>
        (i % 2 ? other : holds).reserve(lines, { holder, location: ['paris', 'lyon', 'depot'][i % 3]! }),
      );
      const rows = await app.db.rows<{ units: number }>(
        `SELECT sum(units)::int AS units FROM reservation WHERE holder = $1 AND status = 'ACTIVE'`,
        [holder],
      );
      expect(rows).toEqual([{ units: 180 }]);
      expect(kinds(answers).QuotaExceeded).toBeGreaterThan(0);
    }
    await beside.close();
  });

  test('has reservations at five locations at most', async () => {
    const codes = Array.from({ length: 6 }, (_, i) => `shop-${i}`);
    await app.db.rows(
      `INSERT INTO location (code, name, kind, city, country, latitude, longitude, time_zone, weekly_hours)
       SELECT c, c, 'SHOP', 'Paris', 'FR', 48.8, 2.3, 'Europe/Paris', '[]' FROM unnest($1::text[]) AS c`,
      [codes],
    );
    const sku = await holds.stocked(1);
    for (const code of codes) await holds.receive(sku, 1, code);
    const at = (location: string) => holds.reserve([{ sku, quantity: 1 }], { holder: 'tour', location });
    for (const code of codes.slice(0, 5)) expect((await at(code)).__typename).toBe('ReserveStockSuccess');
    expect(await at('shop-5')).toMatchObject(over('HOLDER_RESERVATIONS', 5, 5, 1));
    expect((await at('shop-0')).__typename).toBe('ReserveStockSuccess');
  });
});

describe('time', () => {
  test('120 minutes at a time, ten extensions', async () => {
    const sku = await holds.stocked(10);
    const basket = [{ sku, quantity: 1 }];
    expect(await holds.reserve(basket, { holdMinutes: 121 })).toMatchObject(
      over('RESERVATION_MINUTES', 120, 0, 121),
    );
    const { reservation } = await holds.reserve(basket, { holdMinutes: 120 });
    const extend = (minutes: number) => holds.extend(reservation.id, minutes);
    app.wait(1);
    expect(await extend(121)).toMatchObject(over('RESERVATION_MINUTES', 120, 0, 121));
    // What does not prolong it is no extension.
    for (let i = 0; i < 12; i += 1) expect((await extend(60)).__typename).toBe('ExtendReservationSuccess');
    for (let i = 0; i < 10; i += 1) {
      expect((await extend(120)).__typename).toBe('ExtendReservationSuccess');
      app.wait(1);
    }
    const refused = await extend(120);
    expect(refused).toMatchObject(over('RESERVATION_EXTENSIONS', 10, 10, 1));
    expect(refused.message).toBe(
      'This reservation was extended 10 times; at most 10 times. Place the order.',
    );
  });

  test('no holder has units for longer than a day without a pause, whatever it does in turn', async () => {
    const sku = await holds.stocked(10);
    const basket = [{ sku, quantity: 1 }];
    const began = app.parts.clock().getTime();
    let last: { __typename: string; reservation: { id: string } } = await holds.reserve(basket, {
      holder: 'sitter',
      holdMinutes: 120,
    });
    let step = 0;
    for (; last.__typename !== 'QuotaExceeded'; step += 1) {
      if (step > 30) throw new Error('it sits forever');
      const { id } = last.reservation;
      app.wait(100);
      // In turn: replaced, released and taken again, extended, left and taken again.
      if (step % 4 === 1) await holds.release(id);
      if (step % 4 === 3) app.wait(25);
      last =
        step % 4 === 2
          ? await holds.extend(id, 120)
          : await holds.reserve(basket, { holder: 'sitter', holdMinutes: 120 });
    }
    const lived = Math.floor((app.parts.clock().getTime() - began) / 60_000);
    expect(last).toMatchObject(over('RESERVATION_LIFE_MINUTES', 1_440, lived, 120));
    expect(lived).toBeGreaterThan(1_440 - 120);
    expect(lived).toBeLessThanOrEqual(1_440);
    // After a pause it begins anew.
    app.wait(140);
    const { __typename } = await holds.reserve(basket, { holder: 'sitter', holdMinutes: 120 });
    expect(__typename).toBe('ReserveStockSuccess');
  });
});

describe('a storefront', () => {
  test('serves hundreds of shoppers of a flash sale through one token', async () => {
    const sku = await holds.stocked(480);
    const answers = [];
    for (let wave = 0; wave < 12; wave += 1) {
      const asked = (i: number) => holds.reserve([{ sku, quantity: 1 }], { holder: `flash-${wave}-${i}` });
      answers.push(...(await times(40, asked)));
    }
    expect(kinds(answers)).toEqual({ ReserveStockSuccess: 480 });
  });

  test('has at most so many reservations and units, whatever its holders are called', async () => {
    const small = await startApp({
      QUOTA_STOREFRONT_RESERVATIONS: '30',
      QUOTA_STOREFRONT_UNITS: '100',
      QUOTA_HOLDER_UNITS: '50',
    });
    const its = await holdsOn(small);
    const [a, b] = [await its.stocked(1_000), await its.stocked(1_000)];
    const many = await times(60, (i) =>
      its.reserve([{ sku: a, quantity: 1 }], { holder: i % 2 ? `h${i}` : null }),
    );
    const one = () => its.reserve([{ sku: a, quantity: 1 }]);
    expect(await filledUpTo(30, many, one)).toBe(30);
    const refused = await its.reserve([{ sku: a, quantity: 1 }]);
    expect(refused).toMatchObject(over('STOREFRONT_RESERVATIONS', 30, 30, 1));
    // Another storefront has its own.
    const other = await small.token('STOREFRONT');
    const units = await times(10, (i) => its.reserve([{ sku: b, quantity: 20 }], { holder: `u${i}` }, other));
    const twenty = () => its.reserve([{ sku: b, quantity: 20 }], {}, other);
    expect(await filledUpTo(5, units, twenty)).toBe(5);
    const full = await its.reserve([{ sku: b, quantity: 1 }], {}, other);
    expect(full).toMatchObject(over('STOREFRONT_UNITS', 100, 100, 1));
    // What is past its time does not count, swept or not.
    small.wait(16);
    const later = await times(10, (i) => its.reserve([{ sku: b, quantity: 20 }], { holder: `v${i}` }, other));
    expect(await filledUpTo(5, later, twenty)).toBe(5);
    await small.close();
  }, 60_000);

  test('is counted over processes: what another one granted is seen', async () => {
    const env = { QUOTA_STOREFRONT_UNITS: '200', API_PROCESSES: '2' };
    const one = await startApp(env);
    const two = await startApp(env, one);
    const its = await holdsOn(one);
    const beside = await holdsBeside(two, its.shop);
    const sku = await its.stocked(1_000);
    const answers = [];
    for (let i = 0; i < 30; i += 1) {
      answers.push(
        ...(await Promise.all([
          its.reserve([{ sku, quantity: 10 }], { holder: `one-${i}` }),
          beside.reserve([{ sku, quantity: 10 }], { holder: `two-${i}` }),
        ])),
      );
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(kinds(answers).ReserveStockSuccess).toBeGreaterThanOrEqual(20);
    // By no more than what both grant while one count lasts.
    expect(kinds(answers).ReserveStockSuccess).toBeLessThanOrEqual(24);
    await two.close();
    await one.close();
  }, 60_000);
});

/** reserveStock through another process on the same database. */
async function holdsBeside(beside: TestApp, shop = holds.shop) {
  const RESERVE = `mutation ($input: ReserveStockInput!) { reserveStock(input: $input) { __typename } }`;
  return {
    async reserve(lines: { sku: string; quantity: number }[], more: object) {
      const input = { idempotencyKey: freshKey(), location: 'paris', lines, ...more };
      return (await beside.gql(shop, RESERVE, { input })).data.reserveStock;
    },
  };
}
