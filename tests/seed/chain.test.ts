/** The demonstration chain: the same to the byte for the same day, valid, and shaped like a real chain's year. */
import { createHash } from 'node:crypto';
import { buildChain } from '../../prisma/seed/chain';
import { buildDealings, type Dealings } from '../../prisma/seed/dealings';
import { buildPeople, PEOPLE, type SeedPerson } from '../../prisma/seed/people';
import { dailySales, HISTORY_DAYS } from '../../prisma/seed/sales';
import { buildContacts, buildProfiles } from '../../prisma/seed/statements';
import type { DailySale, SeedChain } from '../../prisma/seed/types';
import { gtinProblem, priceProblem, skuCodeProblem } from '../../src/catalog/rules/codes';
import { timeZoneProblem, validateHours } from '../../src/location/rules/hours';
import { validatePolicy } from '../../src/location/rules/pickup';

const TODAY = '2026-03-17';
const YESTERDAY = '2026-03-16';
const FIRST_DAY = '2025-03-17';

let chain: SeedChain;
let sales: DailySale[];
let shops: Set<string>;

beforeAll(() => {
  chain = buildChain(TODAY);
  sales = [...dailySales(chain)];
  shops = new Set(chain.places.filter(({ kind }) => kind === 'SHOP').map(({ code }) => code));
});

function customersOf(built: SeedChain) {
  const people = buildPeople(built.places);
  const dealings = buildDealings(people, built);
  const profiles = buildProfiles(people, built.today);
  return { people, dealings, profiles, contacts: buildContacts(people, dealings.orders, built.today) };
}

function hashOf(today: string): string {
  const built = buildChain(today);
  const hash = createHash('sha256').update(JSON.stringify(built));
  for (const sale of dailySales(built)) hash.update(JSON.stringify(sale));
  const { people, dealings, profiles, contacts } = customersOf(built);
  hash.update(JSON.stringify([people, dealings, profiles, contacts]));
  return hash.digest('hex');
}

/** Days since 1970 of 'YYYY-MM-DD', reckoned apart from the generator's own calendar. */
const dayIndex = (day: string) => Date.parse(day) / 86_400_000;
const isoWeekday = (day: string) => new Date(day).getUTCDay() || 7;
const unique = (values: string[]) => new Set(values).size === values.length;

/** Units sold by day, of the rows that pass. */
function unitsByDay(keep: (sale: DailySale) => boolean): Map<string, number> {
  const units = new Map<string, number>();
  for (const sale of sales) {
    if (keep(sale)) units.set(sale.day, (units.get(sale.day) ?? 0) + sale.units);
  }
  return units;
}

/** Mean units a day over the days of the history that pass. */
function meanOver(units: Map<string, number>, keep: (day: string) => boolean): number {
  const days = Array.from({ length: HISTORY_DAYS }, (_, d) =>
    new Date(Date.parse(FIRST_DAY) + d * 86_400_000).toISOString().slice(0, 10),
  ).filter(keep);
  return days.reduce((sum, day) => sum + (units.get(day) ?? 0), 0) / days.length;
}

describe('one day, one chain', () => {
  test('the same today gives the same bytes', () => {
    expect(hashOf(TODAY)).toBe(hashOf(TODAY));
  });

  test('another today gives the year before it, of the same world', () => {
    const later = [...dailySales(buildChain('2026-03-18'))];
    const days = later.map(({ day }) => day).sort();
    expect(days[0]).toBe('2025-03-18');
    expect(days.at(-1)).toBe('2026-03-17');
    // One text each: comparing half a million objects deeply takes ten times as long.
    const overlap = (rows: DailySale[]) =>
      rows
        .filter(({ day, units }) => units > 0 && day > FIRST_DAY && day <= YESTERDAY)
        .map(({ returnedUnits: _, ...sale }) => JSON.stringify(sale))
        .join('\n');
    expect(overlap(later) === overlap(sales)).toBe(true);
  });

  test('any day will do, a leap day too; what is none is refused', () => {
    for (const today of ['2024-02-29', '2025-01-01', '2031-12-25']) {
      expect(buildChain(today).skus).toHaveLength(chain.skus.length);
    }
    for (const today of ['2025-02-29', '17/03/2026', '2026-3-7', '', 'today', '2026-03-17T00:00:00Z']) {
      expect(() => buildChain(today)).toThrow(/is not a day: expected/);
    }
  });
});

describe('locations', () => {
  test('twelve shops and two warehouses, each with its own code and its groups known', () => {
    expect(shops.size).toBe(12);
    expect(chain.places).toHaveLength(14);
    expect(unique(chain.places.map(({ code }) => code))).toBe(true);
    const groups = chain.groups.map(({ code }) => code);
    for (const { groupCodes } of chain.places) expect(groups).toEqual(expect.arrayContaining(groupCodes));
    expect(new Set(chain.places.flatMap(({ groupCodes }) => groupCodes)).size).toBe(groups.length);
  });

  test('stand in France, overseas included, in their own time zone', () => {
    const boxes = [
      { timeZone: 'Europe/Paris', south: 41.3, north: 51.1, west: -5.2, east: 9.6 },
      { timeZone: 'Indian/Reunion', south: -21.4, north: -20.8, west: 55.2, east: 55.9 },
    ];
    for (const { code, latitude, longitude, timeZone, postalCode } of chain.places) {
      const box = boxes.find((candidate) => candidate.timeZone === timeZone);
      expect({ code, inside: box && latitude > box.south && latitude < box.north }).toEqual({
        code,
        inside: true,
      });
      expect({ code, inside: box && longitude > box.west && longitude < box.east }).toEqual({
        code,
        inside: true,
      });
      expect(timeZoneProblem(timeZone)).toBeNull();
      expect(Intl.supportedValuesOf('timeZone')).toContain(timeZone);
      expect(postalCode).toMatch(/^\d{5}$/);
    }
    expect(new Set(chain.places.map(({ timeZone }) => timeZone)).size).toBe(2);
  });

  test('have hours and a pickup policy that the commands accept', () => {
    for (const place of chain.places) {
      expect(validateHours({ weekly: place.weeklyHours, exceptions: place.hoursExceptions })).toEqual([]);
      expect(
        validatePolicy({
          leadMinutes: place.pickupLeadMinutes,
          cutOff: place.pickupCutOff,
          capacityPerHour: place.pickupCapacityPerHour,
          keepDays: place.pickupKeepDays,
        }),
      ).toEqual([]);
    }
  });

  test('keep the holidays of their region in the year to come', () => {
    const ranges = (code: string, day: string) =>
      chain.places.find((place) => place.code === code)?.hoursExceptions.find((e) => e.day === day)?.ranges;
    for (const code of shops) {
      // 1 May 2026 is a Friday, Christmas too, 1 January 2027 as well: every shop would open.
      for (const day of ['2026-05-01', '2026-12-25', '2027-01-01'])
        expect([code, ranges(code, day)]).toEqual([code, []]);
    }
    expect(ranges('paris-rivoli', '2026-07-14')).toEqual([{ opensAt: '11:00', closesAt: '19:00' }]);
    expect(ranges('lille-bethune', '2026-07-14')).toEqual([]);
    // Easter 2026 is on 5 April: Good Friday is a holiday in Alsace alone.
    expect(ranges('strasbourg-kleber', '2026-04-03')).toEqual([]);
    expect(ranges('lille-bethune', '2026-04-03')).toBeUndefined();
    expect(ranges('lille-bethune', '2026-12-20')).toEqual([{ opensAt: '10:00', closesAt: '19:00' }]);
    expect(ranges('saint-denis-leclerc', '2026-12-20')).toBeUndefined();
    expect(ranges('saint-denis-leclerc', '2026-12-13')).toEqual([{ opensAt: '10:00', closesAt: '19:00' }]);
    expect(ranges('lyon-part-dieu', '2026-12-24')).toEqual([{ opensAt: '09:30', closesAt: '18:00' }]);
  });
});

describe('assortment', () => {
  test('about 300 SKUs with codes, GTINs and prices that the commands accept', () => {
    expect(chain.skus.length).toBeGreaterThanOrEqual(280);
    expect(chain.skus.length).toBeLessThanOrEqual(330);
    for (const sku of chain.skus) {
      expect(gtinProblem(sku.gtin)).toBeNull();
      expect(sku.gtin).toMatch(/^2\d{12}$/);
      expect(skuCodeProblem(sku.code)).toBeNull();
      expect(priceProblem({ amountMinor: sku.priceMinor, currency: sku.currency })).toBeNull();
      expect(Number.isInteger(sku.packSize) && sku.packSize > 0).toBe(true);
      expect(sku.category).toMatch(/^[a-z]+\/[a-z]+$/);
      expect(chain.suppliers.map(({ code }) => code)).toContain(sku.supplierCode);
    }
    for (const key of ['code', 'gtin', 'name', 'pickPosition'] as const) {
      expect([key, unique(chain.skus.map((sku) => sku[key]))]).toEqual([key, true]);
    }
    expect(chain.skus.map(({ code }) => code)).toEqual(chain.skus.map(({ code }) => code).sort());
  });
});

describe('sales', () => {
  test('a year that ends yesterday, in order, each shelf and channel once a day', () => {
    expect(sales.length).toBeGreaterThan(250_000);
    expect(sales.length).toBeLessThan(600_000);
    const days = [...new Set(sales.map(({ day }) => day))].sort();
    expect([days.length, days[0], days.at(-1)]).toEqual([HISTORY_DAYS, FIRST_DAY, YESTERDAY]);
    const key = (s: DailySale) => `${s.locationCode} ${s.skuCode} ${s.day} ${s.channel === 'STORE' ? 0 : 1}`;
    const unordered = sales.findIndex((sale, i) => i > 0 && key(sales[i - 1] as DailySale) >= key(sale));
    expect(unordered).toBe(-1);
  });

  test('every row has something to tell, in whole units and cents', () => {
    const price = new Map(chain.skus.map((sku) => [sku.code, sku.priceMinor]));
    const wrong = sales.filter(({ skuCode, units, returnedUnits, revenueMinor, stockedOut }) => {
      const most = units * (price.get(skuCode) ?? 0);
      if (![units, returnedUnits, revenueMinor].every((n) => Number.isInteger(n) && n >= 0)) return true;
      if (units + returnedUnits === 0 && !stockedOut) return true;
      return stockedOut
        ? units !== 0 || revenueMinor !== 0
        : revenueMinor > most || revenueMinor < most * 0.49;
    });
    expect(wrong).toEqual([]);
    expect(sales.filter(({ stockedOut }) => stockedOut).length).toBeGreaterThan(5_000);
  });

  test('no shop sells or takes back on a day when it is closed', () => {
    const open = new Map<string, boolean>();
    for (const place of chain.places) {
      for (let d = 0; d < HISTORY_DAYS; d++) {
        const day = new Date(Date.parse(FIRST_DAY) + d * 86_400_000).toISOString().slice(0, 10);
        const exception = place.hoursExceptions.find((candidate) => candidate.day === day);
        const ranges = exception?.ranges ?? place.weeklyHours.filter((h) => h.weekday === isoWeekday(day));
        open.set(`${place.code} ${day}`, ranges.length > 0);
      }
    }
    const shut = sales.filter((s) => !open.get(`${s.locationCode} ${s.day}`));
    expect(shut.filter(({ locationCode }) => shops.has(locationCode))).toEqual([]);
    // The website sells on Sundays, but its warehouse opens no parcels.
    expect(shut.length).toBeGreaterThan(0);
    expect(shut.filter(({ returnedUnits }) => returnedUnits > 0)).toEqual([]);
    const closedDays = [...open.entries()].filter(
      ([key, value]) => key.startsWith('lille-bethune') && !value,
    );
    expect(closedDays.length).toBeGreaterThan(50);
  });

  test('stores sell in shops only, the website from Orléans and over the shops’ counters', () => {
    const pairs = new Set(sales.map(({ locationCode, channel }) => `${locationCode} ${channel}`));
    const expected = [...shops].flatMap((code) => [`${code} STORE`, `${code} ONLINE`]);
    expect([...pairs].sort()).toEqual([...expected, 'dc-orleans ONLINE'].sort());
    const kept = new Set(chain.startingStock.map((stock) => `${stock.locationCode} ${stock.skuCode}`));
    expect(sales.filter((sale) => !kept.has(`${sale.locationCode} ${sale.skuCode}`))).toEqual([]);
  });

  test('what comes back was sold before, within its window, and not all of it', () => {
    const window = new Map(chain.skus.map((sku) => [sku.code, sku.returnWindowDays]));
    let key = '';
    let unreturned: { day: number; units: number }[] = [];
    let impossible = 0;
    let [sold, returned] = [0, 0];
    const sorted = [...sales].sort((a, b) => compare(shelf(a), shelf(b)) || compare(a.day, b.day));
    for (const sale of sorted) {
      if (shelf(sale) !== key) unreturned = [];
      key = shelf(sale);
      const today = dayIndex(sale.day);
      let back = sale.returnedUnits;
      for (const lot of unreturned) {
        if (today - lot.day > (window.get(sale.skuCode) ?? 0)) continue;
        const taken = Math.min(lot.units, back);
        lot.units -= taken;
        back -= taken;
      }
      impossible += back;
      unreturned.push({ day: today, units: sale.units });
      sold += sale.units;
      returned += sale.returnedUnits;
    }
    expect(impossible).toBe(0);
    expect(returned / sold).toBeGreaterThan(0.03);
    expect(returned / sold).toBeLessThan(0.12);
  });

  test('Saturday is the shops’ best day, Sunday the website’s', () => {
    const inShops = unitsByDay(({ channel }) => channel === 'STORE');
    const onWeb = unitsByDay(({ locationCode }) => locationCode === 'dc-orleans');
    const weekday = (units: Map<string, number>, n: number) =>
      meanOver(units, (day) => isoWeekday(day) === n);
    expect(weekday(inShops, 6)).toBeGreaterThan(1.6 * weekday(inShops, 1));
    expect(weekday(inShops, 6)).toBeGreaterThan(1.2 * weekday(inShops, 5));
    expect(weekday(onWeb, 7)).toBeGreaterThan(1.2 * weekday(onWeb, 6));
  });

  test('seasons: tents in summer, down in winter; weaker and turned round in La Réunion', () => {
    const category = new Map(chain.skus.map((sku) => [sku.code, sku.category]));
    const of = (name: string, place: (code: string) => boolean) =>
      unitsByDay((s) => category.get(s.skuCode) === name && place(s.locationCode));
    const months = (units: Map<string, number>, ...numbers: string[]) =>
      meanOver(units, (day) => numbers.includes(day.slice(5, 7)));
    const mainland = (code: string) => code !== 'saint-denis-leclerc';
    const tents = of('camping/tents', mainland);
    const down = of('clothing/insulation', mainland);
    expect(months(tents, '06', '07')).toBeGreaterThan(3 * months(tents, '11', '01'));
    expect(months(down, '12', '01')).toBeGreaterThan(3 * months(down, '06', '07'));
    const island = of('clothing/insulation', (code) => !mainland(code));
    expect(months(island, '06', '07', '08')).toBeGreaterThan(1.2 * months(island, '11', '01', '02'));
    expect(sales.some((s) => !mainland(s.locationCode) && category.get(s.skuCode)?.startsWith('snow/'))).toBe(
      false,
    );
  });

  test('events: Black Friday, the days before Christmas, the first week of the sales', () => {
    const all = unitsByDay(() => true);
    const between = (first: string, last: string) => meanOver(all, (day) => day >= first && day <= last);
    expect(between('2025-11-24', '2025-11-30')).toBeGreaterThan(1.4 * between('2025-11-10', '2025-11-16'));
    expect(between('2025-12-15', '2025-12-21')).toBeGreaterThan(1.3 * between('2025-12-01', '2025-12-07'));
    const category = new Map(chain.skus.map((sku) => [sku.code, sku.category]));
    const clothes = (zone: (code: string) => boolean) => {
      const units = unitsByDay(
        (s) => !!category.get(s.skuCode)?.startsWith('clothing/') && zone(s.locationCode),
      );
      return (first: string, last: string) => meanOver(units, (day) => day >= first && day <= last);
    };
    // Wednesday 25 June 2025; a week later in Nice.
    const [lille, nice] = [
      clothes((code) => code === 'lille-bethune'),
      clothes((code) => code === 'nice-massena'),
    ];
    expect(lille('2025-06-25', '2025-07-01')).toBeGreaterThan(1.4 * lille('2025-06-18', '2025-06-24'));
    expect(nice('2025-07-02', '2025-07-08')).toBeGreaterThan(1.4 * nice('2025-06-25', '2025-07-01'));
  });

  test('some sell daily, many rarely; new models have no past; price cuts sell', () => {
    const yearUnits = new Map<string, number>();
    const firstDay = new Map<string, string>();
    const cut = { units: 0, days: 0 };
    const full = { units: 0, days: 0 };
    const price = new Map(chain.skus.map((sku) => [sku.code, sku.priceMinor]));
    for (const s of sales) {
      if (s.channel !== 'STORE') continue;
      const at = `${s.locationCode} ${s.skuCode}`;
      yearUnits.set(at, (yearUnits.get(at) ?? 0) + s.units);
      if ((firstDay.get(s.skuCode) ?? s.day) >= s.day) firstDay.set(s.skuCode, s.day);
      if (s.units === 0 || s.locationCode !== 'paris-rivoli') continue;
      const group = s.revenueMinor < s.units * (price.get(s.skuCode) ?? 0) ? cut : full;
      group.units += s.units;
      group.days++;
    }
    const years = [...yearUnits.values()];
    expect(years.filter((units) => units > 365).length).toBeGreaterThan(50);
    expect(years.filter((units) => units < 26).length).toBeGreaterThan(300);
    expect(cut.units / cut.days).toBeGreaterThan(1.1 * (full.units / full.days));
    expect(cut.days).toBeGreaterThan(1_000);
    const autumn = chain.skus.filter(({ traits }) => traits.onSaleSince === '2025-09-01');
    expect(autumn.length).toBeGreaterThan(3);
    for (const { code } of autumn) expect((firstDay.get(code) ?? '9') >= '2025-09-01').toBe(true);
  });
});

describe('stock', () => {
  test('deep warehouses, a few weeks in shops, empty shelves and last ones', () => {
    const onShelf = chain.startingStock;
    expect(unique(onShelf.map((s) => `${s.locationCode} ${s.skuCode}`))).toBe(true);
    expect(onShelf.filter(({ available }) => !Number.isInteger(available) || available < 0)).toEqual([]);
    const inShops = onShelf.filter(({ locationCode }) => shops.has(locationCode));
    for (const count of [0, 1, 2]) {
      expect(inShops.filter(({ available }) => available === count).length).toBeGreaterThan(30);
    }
    expect(inShops.filter(({ available }) => available === 0).length).toBeLessThan(0.15 * inShops.length);
    const units = (rows: typeof onShelf) => rows.reduce((sum, { available }) => sum + available, 0);
    const total = units(onShelf);
    expect(units(inShops)).toBeLessThan(total / 2);
    const sold = sales.filter(({ day }) => day >= '2026-02-15').reduce((sum, sale) => sum + sale.units, 0);
    expect(total / (sold / 30)).toBeGreaterThan(30);
    expect(total / (sold / 30)).toBeLessThan(150);
    const inAShop = new Set(inShops.map(({ skuCode }) => skuCode));
    expect(chain.skus.filter(({ code }) => !inAShop.has(code)).length).toBeGreaterThan(3);
  });

  test('a shelf that was sold out yesterday is empty today', () => {
    const available = new Map(
      chain.startingStock.map((s) => [`${s.locationCode} ${s.skuCode}`, s.available]),
    );
    const out = sales.filter((s) => s.stockedOut && s.day === YESTERDAY && shops.has(s.locationCode));
    expect(out.length).toBeGreaterThan(20);
    expect(out.filter((s) => available.get(`${s.locationCode} ${s.skuCode}`) !== 0)).toEqual([]);
  });

  test('safety stocks at every level, each said once, of things that exist', () => {
    const rules = chain.safetyStocks;
    expect(unique(rules.map((r) => `${r.skuCode} ${r.locationCode} ${r.channel}`))).toBe(true);
    const levels = new Set(
      rules.map((r) => [r.skuCode, r.locationCode, r.channel].map((v) => (v ? 1 : 0)).join('')),
    );
    expect(levels.size).toBe(8);
    const kept = new Set(chain.startingStock.map((s) => `${s.locationCode} ${s.skuCode}`));
    for (const { skuCode, locationCode, quantity } of rules) {
      expect(quantity).toBeGreaterThanOrEqual(0);
      if (skuCode) expect(chain.skus.map(({ code }) => code)).toContain(skuCode);
      if (locationCode) expect(chain.places.map(({ code }) => code)).toContain(locationCode);
      if (skuCode && locationCode) expect(kept).toContain(`${locationCode} ${skuCode}`);
    }
  });

  test('orders on their way: of the supplier’s own SKUs, in whole cases, ordered before today', () => {
    expect(chain.purchaseOrders.map(({ expectedOn }) => expectedOn)).toEqual([
      '2026-03-20',
      '2026-03-26',
      '2026-03-15',
    ]);
    const skus = new Map(chain.skus.map((sku) => [sku.code, sku]));
    for (const order of chain.purchaseOrders) {
      expect(order.orderedOn < TODAY).toBe(true);
      expect(order.lines.length).toBeGreaterThan(5);
      expect(unique(order.lines.map(({ skuCode }) => skuCode))).toBe(true);
      for (const { skuCode, quantity } of order.lines) {
        const sku = skus.get(skuCode);
        expect(sku?.supplierCode).toBe(order.supplierCode);
        expect(quantity > 0 && quantity % (sku?.packSize ?? 0) === 0).toBe(true);
      }
    }
  });
});

function shelf(sale: DailySale): string {
  return `${sale.locationCode} ${sale.skuCode} ${sale.channel}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

describe('customers', () => {
  let people: SeedPerson[];
  let dealings: Dealings;
  let built: ReturnType<typeof customersOf>;
  beforeAll(() => {
    built = customersOf(chain);
    ({ people, dealings } = built);
  });

  /** How many pairs of neighbours in the list, of whom one may be related to the other, agree so. */
  const pairs = (agree: (a: SeedPerson, b: SeedPerson) => boolean): number =>
    people.filter((person, i) => i > 0 && agree(people[i - 1]!, person)).length;

  test('are invented: addresses of example domains, telephones of the ranges reserved for fiction', () => {
    expect(people).toHaveLength(PEOPLE);
    for (const { email, mobile, home } of people) {
      expect(email).toMatch(/^[a-z]+\.[a-z]+\d+@example\.(org|com|net)$/);
      expect(mobile).toMatch(/^\+3363998\d{4}$/);
      expect(home).toMatch(/^\+3319900\d{4}$/);
    }
    const typed = [...dealings.orders.flatMap(({ phone }) => phone ?? [])];
    const stated = built.contacts.flatMap(({ stated: { identifiers } }) => identifiers);
    const telephones = [...typed, ...stated.filter(({ kind }) => kind === 'PHONE').map(({ value }) => value)];
    expect(telephones.filter((text) => !/^\+33(63998|19900)\d{4}$/.test(text))).toEqual([]);
  });

  test('have what makes identities hard: twins, households, namesakes, shared telephones, typing errors', () => {
    const sameAddress = (a: SeedPerson, b: SeedPerson) => a.street === b.street && a.city === b.city;
    expect(pairs((a, b) => sameAddress(a, b) && a.birthDate === b.birthDate)).toBeGreaterThan(5);
    expect(pairs((a, b) => sameAddress(a, b) && a.birthDate !== b.birthDate)).toBeGreaterThan(50);
    expect(pairs((a, b) => a.mobile === b.mobile)).toBeGreaterThan(10);
    const isNamesake = (a: SeedPerson, b: SeedPerson) =>
      a.firstName === b.firstName && a.surname === b.surname;
    expect(pairs((a, b) => isNamesake(a, b) && !sameAddress(a, b))).toBeGreaterThan(10);
    const own = ({ person, name, email }: Dealings['orders'][number]) =>
      name.toLowerCase() === `${person.firstName} ${person.surname}`.toLowerCase() && email === person.email;
    expect(dealings.orders.filter((order) => !own(order)).length).toBeGreaterThan(50);
    for (const key of ['email', 'account', 'loyaltyCard'] as const) {
      const values = people.flatMap((person) => person[key] ?? []);
      expect([key, unique(values)]).toEqual([key, true]);
    }
  });

  test('ordered, bought and came back before today; some orders are open, and some of these are late', () => {
    const { orders, receipts } = dealings;
    const midnight = Date.parse(`${TODAY}T00:00:00Z`);
    expect(orders.length).toBeGreaterThan(1_500);
    expect(receipts.length).toBeGreaterThan(800);
    expect(unique(receipts.map(({ number }) => number))).toBe(true);
    for (const { placedAt, readyAt, closedAt, returned } of orders) {
      const times = [placedAt, readyAt, closedAt, returned?.at ?? null].filter((time) => time !== null);
      expect(times.map((time) => time.getTime())).toEqual(times.map((time) => time.getTime()).sort());
      expect(times.at(-1)!.getTime()).toBeLessThan(midnight);
    }
    const open = orders.filter(({ closedAt }) => closedAt === null);
    expect(open.length).toBeGreaterThan(20);
    expect(open[0]).toMatchObject({ shop: 'paris-rivoli', status: 'AWAITING_TRANSFER' });
    expect(open.filter(({ promisedAt }) => promisedAt.getTime() < midnight).length).toBeGreaterThan(10);
    // No two of them take from one shelf, and nothing of what the first page shows.
    const shelves = open.map(({ shop, lines: [line] }) => `${shop} ${line!.skuCode}`);
    expect(unique(shelves)).toBe(true);
    expect(shelves.join()).not.toContain('GAZ-230');
  });

  test('are known to other systems, under keys of their own', () => {
    const { profiles, contacts } = built;
    expect(profiles.length).toBeGreaterThan(1_200);
    expect(unique(profiles.map(({ feed, cells }) => `${feed} ${cells.externalId}`))).toBe(true);
    const states = contacts.map(({ source, stated }) => `${source} ${stated.externalId} ${stated.state}`);
    expect(states.length).toBeGreaterThan(600);
    expect(unique(states)).toBe(true);
    expect(contacts.filter(({ order }) => order !== null).length).toBeGreaterThan(100);
  });
});
