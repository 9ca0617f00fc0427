/** What the demonstration's customers bought: orders on the web shop, receipts of tills, and what came back. */
import { dayNumber, dayOf, isoWeekday } from './calendar';
import type { SeedPerson } from './people';
import { draws, streamOf } from './random';
import type { PlaceSeed, SkuSeed, StockSeed } from './types';

export interface SeedLine {
  skuCode: string;
  quantity: number;
  priceMinor: number;
}

type SeedOrderStatus = 'COLLECTED' | 'CANCELLED' | 'NO_SHOW' | 'PLACED' | 'READY' | 'AWAITING_TRANSFER';

export interface SeedOrder {
  person: SeedPerson;
  shop: string;
  status: SeedOrderStatus;
  lines: SeedLine[];
  /** As it was typed: with an error now and then. */
  name: string;
  email: string | null;
  phone: string | null;
  /** Null: ordered as a guest. */
  account: string | null;
  loyaltyCard: string | null;
  placedAt: Date;
  promisedAt: Date;
  readyAt: Date | null;
  closedAt: Date | null;
  /** Until when a ready order waits. */
  collectBy: Date | null;
  returned: { shop: string; at: Date } | null;
}

export interface SeedReceipt {
  person: SeedPerson;
  number: string;
  shop: string;
  at: Date;
  line: SeedLine;
}

export interface Dealings {
  /** Those that are closed come first, in the order of their days. */
  orders: SeedOrder[];
  receipts: SeedReceipt[];
}

/** Everything that is closed happened in these days before today. */
const OLDEST_DAYS = 240;
const NEWEST_DAYS = 8;
/** One of so many people has an open order. */
const OPEN_EVERY = 56;
/** Units that the shelf of an open order must have, so that the order takes no last ones. */
const PLENTY = 6;
/** Its availability is shown on the first page, and stays as it is there. */
const LEFT_ALONE = 'GAZ-230';
const SUPPLIED_BY = 'dc-orleans';
/** The first open order is late in this shop, and the other has its units: an agent can have them sent. */
const LATE_AT = 'paris-rivoli';
const HELPED_BY = 'paris-bercy';

type Draw = () => number;

const at = (day: number, minutes: number): Date =>
  new Date(Date.parse(`${dayOf(day)}T00:00:00Z`) + Math.round(minutes) * 60_000);

/** A day on which shops are open; no shop opens on Sundays as a rule. */
const openDay = (day: number): number => (isoWeekday(day) === 7 ? day - 1 : day);

/** One error of a typist: two letters exchanged, one left out, or one typed twice. */
export function mistyped(text: string, draw: Draw): string {
  if (text.length < 4) return text;
  const i = 1 + Math.floor(draw() * (text.length - 3));
  const kind = draw();
  if (kind < 0.4) return text.slice(0, i) + text[i + 1] + text[i] + text.slice(i + 2);
  return kind < 0.7 ? text.slice(0, i) + text.slice(i + 1) : text.slice(0, i) + text[i] + text.slice(i);
}

/** Orders of a person: none, or a few; some people order often. */
function countOf(draw: Draw, shares: readonly number[]): number {
  const value = draw();
  const found = shares.findIndex((share) => value < share);
  return found >= 0 ? found : shares.length + Math.floor(draw() * 4);
}
const ORDERS = [0.45, 0.83, 0.94, 0.98];
const RECEIPTS = [0.5, 0.85, 0.95, 0.99];

/** The name, addresses and telephone as the person typed them: guests and typing errors are among them. */
function typedBy(person: SeedPerson, draw: Draw) {
  const { firstName, surname, account, loyaltyCard, mobile, email } = person;
  const asGuest = account === null || draw() < 0.15;
  const full = `${firstName} ${surname}`;
  const form = draw();
  const name =
    form < 0.06 ? mistyped(full, draw) : form < 0.14 ? full.toUpperCase() : form < 0.18 ? surname : full;
  return {
    ...{ name, account: asGuest ? null : account },
    email: draw() < 0.03 ? mistyped(email, draw) : email,
    phone: draw() < 0.75 ? mobile : null,
    loyaltyCard: draw() < 0.4 ? loyaltyCard : null,
  };
}

interface World {
  skus: readonly SkuSeed[];
  shops: readonly string[];
  today: number;
}

function linesOf({ skus }: World, draw: Draw): SeedLine[] {
  const count = draw() < 0.7 ? 1 : 2;
  const first = Math.floor(draw() * skus.length);
  return Array.from({ length: count }, (_, i) => {
    const { code, priceMinor } = skus[(first + i * 101) % skus.length]!;
    return { skuCode: code, priceMinor, quantity: draw() < 0.85 ? 1 : 2 };
  });
}

/** From order to hand-over: most promises are met, some are missed by minutes, a few by a day. */
function courseOf(day: number, draw: Draw) {
  const placed = 7 * 60 + draw() * 9 * 60;
  const promised = placed + 150;
  const lateness = draw();
  const ready =
    lateness < 0.86
      ? placed + 25 + draw() * 110
      : lateness < 0.97
        ? promised + draw() * 90
        : promised + 1_440 * draw();
  const end = draw();
  const status: SeedOrderStatus = end < 0.9 ? 'COLLECTED' : end < 0.95 ? 'CANCELLED' : 'NO_SHOW';
  const waited = status === 'NO_SHOW' ? 5 * 1_440 : 30 + draw() ** 2 * 2 * 1_440;
  const closed = status === 'CANCELLED' ? placed + 15 : ready + waited;
  return {
    ...{ status, placedAt: at(day, placed), promisedAt: at(day, promised), closedAt: at(day, closed) },
    ...{ readyAt: status === 'CANCELLED' ? null : at(day, ready), collectBy: null },
  };
}

function closedOrder(person: SeedPerson, world: World, draw: Draw): SeedOrder {
  const day = openDay(world.today - NEWEST_DAYS - Math.floor(draw() ** 1.5 * (OLDEST_DAYS - NEWEST_DAYS)));
  const course = courseOf(day, draw);
  const shop = draw() < 0.85 ? person.shop : world.shops[Math.floor(draw() * world.shops.length)]!;
  const lines = linesOf(world, draw);
  const back = openDay(day + 6 + Math.floor(draw() * 12));
  const isReturned = course.status === 'COLLECTED' && draw() < 0.1 && back < world.today;
  const returned = isReturned
    ? {
        shop: draw() < 0.7 ? shop : world.shops[Math.floor(draw() * world.shops.length)]!,
        at: at(back, 600 + draw() * 400),
      }
    : null;
  return { person, shop, lines, returned, ...course, ...typedBy(person, draw) };
}

/** Shelves of which an open order takes some: plentiful at the shop and at the warehouse, by shop. */
function plentifulShelves(stock: readonly StockSeed[], { skus }: World): Map<string, string[]> {
  const ordinary = new Set(skus.map(({ code }) => code).filter((code) => code !== LEFT_ALONE));
  const plenty = stock.filter(({ available, skuCode }) => available >= PLENTY && ordinary.has(skuCode));
  const supplied = new Set(
    plenty.filter((one) => one.locationCode === SUPPLIED_BY).map(({ skuCode }) => skuCode),
  );
  const shelves = new Map<string, string[]>();
  for (const { locationCode, skuCode } of plenty)
    if (supplied.has(skuCode)) shelves.set(locationCode, [...(shelves.get(locationCode) ?? []), skuCode]);
  return shelves;
}

interface Shelf {
  shop: string;
  skuCode: string;
}

/** A plentiful shelf of a shop that no open order has taken from; null: there is none left. */
function takeShelf(shelves: ReadonlyMap<string, string[]>, shop: string): Shelf | null {
  const codes = shelves.get(shop) ?? [];
  const near = shelves.get(HELPED_BY) ?? [];
  const skuCode = shop === LATE_AT ? codes.find((code) => near.includes(code)) : codes[0];
  if (skuCode === undefined) return null;
  codes.splice(codes.indexOf(skuCode), 1);
  return { shop, skuCode };
}

const HOUR = 60;

/** Where open orders stand; they take turns. Days count from today. */
const OPEN_COURSES: readonly {
  status: SeedOrderStatus;
  placed: number;
  promised: number;
  ready: number | null;
}[] = [
  // Late: a unit is on its way from the warehouse; the promise ended yesterday evening.
  { status: 'AWAITING_TRANSFER', placed: -34 * HOUR, promised: -6 * HOUR, ready: null },
  { status: 'PLACED', placed: -10 * HOUR, promised: 34 * HOUR, ready: null },
  { status: 'READY', placed: -33 * HOUR, promised: -30 * HOUR, ready: -31 * HOUR },
  // Late: nobody picked it.
  { status: 'PLACED', placed: -31 * HOUR, promised: -7 * HOUR, ready: null },
];

function openOrder(person: SeedPerson, nth: number, world: World, { shop, skuCode }: Shelf): SeedOrder {
  const { status, placed, promised, ready } = OPEN_COURSES[nth % OPEN_COURSES.length]!;
  const draw = draws(streamOf('open order', String(person.number)));
  const { priceMinor } = world.skus.find(({ code }) => code === skuCode)!;
  return {
    ...{ person, shop, status, returned: null, closedAt: null },
    ...{ lines: [{ skuCode, priceMinor, quantity: 2 }], ...typedBy(person, draw) },
    ...{ placedAt: at(world.today, placed), promisedAt: at(world.today, promised) },
    readyAt: ready === null ? null : at(world.today, ready),
    collectBy: ready === null ? null : at(world.today, 3 * 24 * HOUR + 17 * HOUR),
  };
}

function receiptOf(person: SeedPerson, nth: number, world: World, draw: Draw): SeedReceipt {
  const day = openDay(world.today - 2 - Math.floor(draw() * OLDEST_DAYS));
  return {
    ...{ person, shop: person.shop, at: at(day, 540 + draw() * 500), line: linesOf(world, draw)[0]! },
    number: `R-${dayOf(day).replaceAll('-', '')}-${String(person.number).padStart(4, '0')}${nth}`,
  };
}

/** All of it, as of the morning of a day. */
export function buildDealings(
  people: readonly SeedPerson[],
  chain: {
    today: string;
    places: readonly PlaceSeed[];
    skus: readonly SkuSeed[];
    startingStock: readonly StockSeed[];
  },
): Dealings {
  const world: World = {
    skus: chain.skus.filter(({ traits }) => !traits.webOnly && traits.onSaleSince === null),
    shops: [...new Set(people.map(({ shop }) => shop))],
    today: dayNumber(chain.today),
  };
  const shelves = plentifulShelves(chain.startingStock, world);
  const closed: SeedOrder[] = [];
  const open: SeedOrder[] = [];
  const receipts: SeedReceipt[] = [];
  for (const person of people) {
    const draw = draws(streamOf('dealings', String(person.number)));
    const orders = countOf(draw, ORDERS);
    for (let n = 0; n < orders; n++) closed.push(closedOrder(person, world, draw));
    const bought = person.loyaltyCard === null ? 0 : countOf(draw, RECEIPTS);
    for (let n = 0; n < bought; n++) receipts.push(receiptOf(person, n, world, draw));
    if (person.number % OPEN_EVERY !== 5) continue;
    const shelf = takeShelf(shelves, open.length === 0 ? LATE_AT : person.shop);
    if (shelf !== null) open.push(openOrder(person, open.length, world, shelf));
  }
  closed.sort((a, b) => a.closedAt!.getTime() - b.closedAt!.getTime());
  return { orders: [...closed, ...open], receipts };
}
