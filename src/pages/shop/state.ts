// The state of the demonstration shop: the address that is shown, and the basket, which is stored in this browser.

import { computed, effect, signal } from '@preact/signals';
import { createApi } from '../foundation/api';
import type { ShopOperations } from '../operations.generated';
import { SHOP_OPERATIONS } from './operations';

/** Everybody knows this token: it is good in a demonstration only. A real shop places orders from its own server. */
const STOREFRONT_TOKEN = 'demo-storefront';
/** The publishable token of the demonstration's web shop. */
export const PAGE_TOKEN = 'demo-shop-page';

export const api = createApi<ShopOperations>(SHOP_OPERATIONS, STOREFRONT_TOKEN);

type Articles = NonNullable<ShopOperations['list']['answer']['skus']>['nodes'];
export type ShopArticle = Articles[number];

export interface ShopBasketLine {
  code: string;
  name: string;
  category: string;
  quantity: number;
  amountMinor: number;
  currency: string;
}
/** What is collected at one shop. */
export interface ShopBasket {
  location: { code: string; name: string };
  /** Null: its lines have changed since, or it was released. */
  reservation: string | null;
  expiresAt: string;
  lines: ShopBasketLine[];
}

interface Stored {
  /** Holder of the reservations. */
  id: string;
  shops: ShopBasket[];
}

const STORED_AS = 'comptoir-shop';

/** A key of 128 random bits. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function readStored(): Stored {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED_AS) ?? 'null') as Stored | null;
    if (stored?.id && Array.isArray(stored.shops)) return stored;
  } catch {}
  return { id: newKey(), shops: [] };
}

export const basket = signal<Stored>(readStored());
effect(() => {
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(basket.value));
  } catch {}
});
export const basketCount = computed(() =>
  basket.value.shops.reduce(
    (sum, { lines }) => sum + lines.reduce((all, { quantity }) => all + quantity, 0),
    0,
  ),
);

export const route = signal(location.hash.slice(1));
window.addEventListener('hashchange', () => {
  route.value = location.hash.slice(1);
  scrollTo(0, 0);
});

/** The lines of a shop's basket that are not of this article. */
const otherLines = (code: string, sku: string): ShopBasketLine[] =>
  basket.value.shops
    .filter(({ location }) => location.code === code)
    .flatMap(({ lines }) => lines.filter((line) => line.code !== sku));

interface SentLine {
  sku: string;
  quantity: number;
}

/** Adds to a reservation what the basket has at the shop already: it replaces the one there. */
export function addBasketLines(detail: { location: { code: string }; lines: SentLine[] }, sku: string): void {
  for (const { code, quantity } of otherLines(detail.location.code, sku)) {
    detail.lines.push({ sku: code, quantity });
  }
}

/** The basket of a shop without this article. What its reservation has is not what is ordered any more. */
function without(shop: ShopBasket, sku: string): ShopBasket[] {
  const lines = shop.lines.filter(({ code }) => code !== sku);
  if (lines.length === shop.lines.length) return [shop];
  return lines.length === 0 ? [] : [{ ...shop, lines, reservation: null }];
}

/** Puts a reserved article into the basket of its shop; the element has released it at any other. */
export function putReserved(
  detail: { reservation: string; expiresAt: string; location: { code: string; name: string } },
  line: ShopBasketLine,
): void {
  const { location: shop, reservation, expiresAt } = detail;
  const lines = [...otherLines(shop.code, line.code), line];
  const others = basket.value.shops
    .filter(({ location }) => location.code !== shop.code)
    .flatMap((one) => without(one, line.code));
  basket.value = { ...basket.value, shops: [...others, { location: shop, reservation, expiresAt, lines }] };
}

/** Removes an article of a shop from the basket. */
export function removeFromBasket(shop: string, sku: string): void {
  const shops = basket.value.shops.flatMap((one) => (one.location.code === shop ? without(one, sku) : [one]));
  basket.value = { ...basket.value, shops };
}

/** Removes what was ordered at a shop. */
export function removeShop(code: string): void {
  const shops = basket.value.shops.filter(({ location }) => location.code !== code);
  // The next basket is another holder.
  basket.value = { id: shops.length === 0 ? newKey() : basket.value.id, shops };
}
