// The stock of an article here and in the nearest shops, and an order for the customer who stands here.

import { batch, computed, signal } from '@preact/signals';
import { playTone } from '../../foundation/sound';
import type { CounterOperations } from '../../operations.generated';
import { gtinOfScan } from '../articleCodes';
import { mergeOrders } from '../orders';
import { api, openOrder, openScreen, orders, route, shop } from '../state';
import { directCommand, problemText } from './directCommand';
import { texts } from './messages';

type ArticleStock = NonNullable<CounterOperations['articleStock']['answer']['sku']>;
type FoundArticle = NonNullable<CounterOperations['articles']['answer']['skus']>['nodes'][number];

export const article = signal<ArticleStock | null>(null);
/** The first articles that a typed name can mean, and whether there are more. */
export const matches = signal<{ first: FoundArticle[]; hasMore: boolean }>({ first: [], hasMore: false });
export const stockProblem = signal<string | null>(null);
export const isBusy = signal(false);

const MAX_SHOPS = 5;

/** Units that can be promised in this shop. */
export const unitsHere = computed(() => article.value?.here?.[0]?.quantity ?? 0);
/** The nearest other locations that can promise some. */
export const elsewhere = computed(() =>
  (article.value?.nearby ?? [])
    .filter(({ location, quantity }) => location.code !== shop.value?.code && (quantity ?? 0) > 0)
    .slice(0, MAX_SHOPS),
);
/** Units that can be ordered to this shop. */
export const unitsInAll = computed(() =>
  elsewhere.value.reduce((total, { quantity }) => total + (quantity ?? 0), unitsHere.value),
);

type ShopPoint = NonNullable<CounterOperations['shop']['answer']['location']>['point'];
const points = new Map<string, ShopPoint>();

/** Where the shop is, read once. @throws ApiProblem */
async function pointOf(code: string): Promise<ShopPoint | null> {
  const known = points.get(code) ?? (await api.send('shop', { code })).location?.point ?? null;
  if (known !== null) points.set(code, known);
  return known;
}

/** @throws ApiProblem */
async function readArticle(by: { code: string } | { gtin: string }): Promise<ArticleStock | null> {
  const { code } = shop.value!;
  const point = await pointOf(code);
  return point === null ? null : (await api.send('articleStock', { by, shop: code, ...point })).sku;
}

function fail(text: string): void {
  stockProblem.value = text;
  playTone('wrong');
}

/** The reading that counts: an earlier one may be answered later. */
let latest = 0;

/** Reads something and takes it, unless something else was requested meanwhile. */
async function look<Found>(read: () => Promise<Found>, take: (found: Found) => void): Promise<void> {
  latest += 1;
  const own = latest;
  batch(() => {
    isBusy.value = true;
    stockProblem.value = null;
  });
  try {
    const found = await read();
    if (own === latest) batch(() => take(found));
  } catch (error) {
    if (own === latest) fail(problemText(error, texts.value.stockOffline));
  } finally {
    if (own === latest) isBusy.value = false;
  }
}

/** The code of the article that a scan has read, and that the address is about to name. */
let justRead: string | null = null;

/** Shows the article of the address, or none. */
export async function showArticle(code: string | null): Promise<void> {
  if (code !== article.value?.code) article.value = null;
  const isJustRead = code !== null && code === justRead;
  justRead = null;
  if (isJustRead) return;
  if (code === null) {
    // What was requested of the article that was open does not count any more.
    latest += 1;
    isBusy.value = false;
    return;
  }
  await look(
    () => readArticle({ code }),
    (found) => {
      article.value = found;
      if (found === null) fail(texts.value.scanUnknown(code));
    },
  );
}

/** Opens the article of a scan, a typed code, or the beginning of its name. */
export async function openArticle(text: string): Promise<void> {
  const t = texts.value;
  const typed = text.trim();
  const gtin = gtinOfScan(typed);
  await look(
    async () => {
      const found = await readArticle(gtin === null ? { code: typed.toUpperCase() } : { gtin });
      if (found !== null || gtin !== null) return { found, named: null };
      return { found, named: (await api.send('articles', { search: typed })).skus };
    },
    ({ found, named }) => {
      const nodes = named?.nodes ?? [];
      matches.value = { first: nodes, hasMore: named?.pageInfo.hasNextPage ?? false };
      const code = found?.code ?? (nodes.length === 1 ? nodes[0]!.code : null);
      article.value = found;
      if (code !== null) {
        playTone('right');
        if (found !== null && route.value.key !== code) justRead = code;
        openScreen(`stock/${encodeURIComponent(code)}`);
      } else if (nodes.length === 0) fail(t.scanUnknown(typed));
    },
  );
}

/** What a person fills in for the customer who stands here. */
interface CustomerOrder {
  quantity: number;
  name: string;
  /** E-mail address or telephone number. */
  contact: string;
  isPaid: boolean;
}

const command = directCommand();

/** Places the order and opens it; the reason if it was not placed. */
export async function orderForCustomer({
  quantity,
  name,
  contact,
  isPaid,
}: CustomerOrder): Promise<string | null> {
  const t = texts.value;
  const sku = article.value!.code;
  const address = contact.trim();
  const input = {
    location: shop.value!.code,
    channel: 'STORE',
    lines: [{ sku, quantity }],
    customer: address.includes('@')
      ? { name, email: address, contactChannel: 'EMAIL' as const }
      : { name, phone: address, contactChannel: 'SMS' as const },
    payment: isPaid ? ('PAID' as const) : ('PAY_IN_STORE' as const),
    // What was shown before: units of other shops only when this one has too few.
    allowTransfer: quantity > unitsHere.value,
  };
  try {
    const { placeOrder: answer } = await api.send('placeOrder', {
      input: { ...input, idempotencyKey: command.keyOf(input) },
    });
    if (answer === null || answer.__typename === 'Busy') return t.noAnswer;
    command.end();
    if (answer.__typename === 'NotEnoughStock') {
      await showArticle(sku);
      return t.stockChanged;
    }
    if (answer.__typename === 'InvalidInput' && /^customer\.(email|phone)$/.test(answer.path ?? ''))
      return t.orderBadContact;
    if (answer.__typename !== 'PlaceOrderSuccess') return answer.message;
    if (answer.order === null) return null;
    orders.value = mergeOrders(orders.value ?? [], [answer.order]);
    playTone('right');
    openOrder(answer.order.number);
    return null;
  } catch (error) {
    return problemText(error, t.stockOffline);
  }
}
