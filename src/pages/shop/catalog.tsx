// The list of articles with search and categories, and the page of one article with the element.

import { signal } from '@preact/signals';
import { h } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../foundation/icon';
import { language, moneyText } from '../foundation/language';
import { texts } from './messages';
import { Picture } from './picture';
import {
  addBasketLines,
  api,
  basket,
  basketCount,
  PAGE_TOKEN,
  putReserved,
  removeFromBasket,
  type ShopArticle,
} from './state';

/** Around which point the element looks before the visitor has chosen: Paris. */
const FIRST_CENTRE = '48.8566,2.3522';
const TYPING_MS = 250;
const MOST_UNITS = 20;

const search = signal('');
const category = signal('');
const categories = signal<string[]>([]);
const articles = signal<ShopArticle[]>([]);
const cursor = signal<string | null>(null);
const isFailed = signal(false);
let generation = 0;

/** Reads the first articles, or further ones. */
async function readArticles(after: string | null): Promise<void> {
  const mine = ++generation;
  try {
    const filter = { search: search.value.trim() || null, category: category.value || null };
    const { skus, skuCategories } = await api.send('list', { ...filter, after });
    if (mine !== generation) return;
    isFailed.value = false;
    articles.value = [...(after === null ? [] : articles.value), ...(skus?.nodes ?? [])];
    cursor.value = skus?.pageInfo.hasNextPage ? (skus.pageInfo.endCursor ?? null) : null;
    const tops = (skuCategories ?? []).map((one) => one.category.split('/')[0]!);
    categories.value = [...new Set(tops)].filter(Boolean);
  } catch {
    if (mine === generation) isFailed.value = true;
  }
}

const priceOf = ({ price }: ShopArticle): string => (price === null ? '' : moneyText(price));

export function Failed({ again }: { again(): void }) {
  return (
    <div class="failed" role="alert">
      <p>{texts.value.problem}</p>
      <button type="button" class="button" onClick={again}>
        {texts.value.again}
      </button>
    </div>
  );
}

function Categories() {
  return (
    <fieldset class="categories" aria-label={texts.value.all}>
      {['', ...categories.value].map((name) => (
        <button
          type="button"
          key={name}
          aria-pressed={category.value === name}
          onClick={() => {
            category.value = name;
            void readArticles(null);
          }}
        >
          {name === '' ? texts.value.all : name}
        </button>
      ))}
    </fieldset>
  );
}

export function Catalog() {
  const t = texts.value;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (articles.value.length === 0) void readArticles(null);
  }, []);
  return (
    <>
      <input
        type="search"
        aria-label={t.search}
        placeholder={t.search}
        value={search.value}
        onInput={({ currentTarget }) => {
          search.value = currentTarget.value;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => void readArticles(null), TYPING_MS);
        }}
      />
      <Categories />
      {isFailed.value && <Failed again={() => void readArticles(null)} />}
      <ul class="articles">
        {articles.value.map((article) => (
          <li key={article.code}>
            <a href={`#/p/${encodeURIComponent(article.code)}`}>
              <Picture code={article.code} category={article.category} />
              <span class="article-name">{article.name}</span>
              <span class="price">{priceOf(article)}</span>
            </a>
          </li>
        ))}
      </ul>
      {articles.value.length === 0 && !isFailed.value && <p class="muted">{t.none}</p>}
      {cursor.value !== null && (
        <button type="button" class="button wide" onClick={() => void readArticles(cursor.value)}>
          {t.more}
        </button>
      )}
    </>
  );
}

/** The element, with its events: what it reserves is put into the basket. */
function Availability({ article, quantity }: { article: ShopArticle; quantity: number }) {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = ref.current!;
    const detailOf = <Detail,>(event: Event): Detail => (event as CustomEvent<Detail>).detail;
    const onReserving = (event: Event): void => addBasketLines(detailOf(event), article.code);
    const onReserved = (event: Event): void => {
      const { code, name, category: path, price } = article;
      const { amountMinor = 0, currency = 'EUR' } = price ?? {};
      const line = { code, name, category: path, quantity, amountMinor: Number(amountMinor), currency };
      putReserved(detailOf(event), line);
    };
    const onCancelled = (event: Event): void =>
      removeFromBasket(detailOf<{ location: { code: string } }>(event).location.code, article.code);
    const listeners = { reserving: onReserving, reserved: onReserved, cancelled: onCancelled };
    for (const [name, listener] of Object.entries(listeners))
      element.addEventListener(`comptoir-${name}`, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        element.removeEventListener(`comptoir-${name}`, listener);
    };
  }, [article, quantity]);
  const attributes = { token: PAGE_TOKEN, sku: article.code, quantity, near: FIRST_CENTRE, radius: 700 };
  return h(
    'comptoir-availability' as 'div',
    {
      ...attributes,
      ref,
      holder: basket.value.id,
      lang: language.value,
    } as object,
  );
}

export function ArticlePage({ code }: { code: string }) {
  const t = texts.value;
  const [article, setArticle] = useState<ShopArticle | null | undefined>();
  const [quantity, setQuantity] = useState(1);
  const [failed, setFailed] = useState(false);
  const read = (): void => {
    setFailed(false);
    api.send('article', { code }).then(
      ({ sku }) => setArticle(sku),
      () => setFailed(true),
    );
  };
  useEffect(read, [code]);
  return (
    <>
      <a class="button quiet small back" href="#/">
        <Icon name="back" />
        {t.back}
      </a>
      {failed && <Failed again={read} />}
      {article === null && <p>{t.unknown}</p>}
      {article && (
        <article class="product">
          <Picture code={article.code} category={article.category} />
          <div class="stack">
            <h1>{article.name}</h1>
            <p class="price large">{priceOf(article)}</p>
            <label class="quantity">
              <span>{t.quantity}</span>
              <input
                type="number"
                min={1}
                max={MOST_UNITS}
                value={quantity}
                onInput={({ currentTarget }) =>
                  setQuantity(Math.min(MOST_UNITS, Math.max(1, Math.trunc(Number(currentTarget.value)) || 1)))
                }
              />
            </label>
            <Availability article={article} quantity={quantity} />
            {basketCount.value > 0 && (
              <a class="button primary wide" href="#/basket">
                {t.order}
              </a>
            )}
          </div>
        </article>
      )}
    </>
  );
}
