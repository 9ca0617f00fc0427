// The screen for the stock of an article: here, in the nearest shops, and reserved for the customer who stands here.

import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { now } from '../../foundation/clock';
import { Icon } from '../../foundation/icon';
import { moneyText, timeText } from '../../foundation/language';
import { connection, shop } from '../state';
import { CodeField } from './codeField';
import { texts } from './messages';
import { OrderDialog } from './orderDialog';
import { PanelTitle } from './panelTitle';
import {
  article,
  elsewhere,
  isBusy,
  matches,
  openArticle,
  showArticle,
  stockProblem,
  unitsHere,
  unitsInAll,
} from './stock';
import { useScans } from './useScans';

/** Articles that the typed name can mean. */
function Matches() {
  const { first, hasMore } = matches.value;
  if (first.length < 2) return null;
  const t = texts.value;
  return (
    <section class="group" aria-label={t.stockMatches}>
      <h3>{t.stockMatches}</h3>
      <ul class="cards">
        {first.map(({ code, name, gtin }) => (
          <li key={code}>
            <a class="order-card" href={`#/stock/${encodeURIComponent(code)}`}>
              <span class="strong">{name}</span>
              <span class="number muted">{gtin === null ? code : `${code} · ${gtin}`}</span>
            </a>
          </li>
        ))}
      </ul>
      {hasMore && <p class="muted">{t.stockMore}</p>}
    </section>
  );
}

/** What is here besides what can be promised. */
function OtherUnits() {
  const t = texts.value;
  const { stock, here, pickPosition } = article.value!;
  const level = stock?.[0];
  const facts: [label: string, text: string | number][] = [
    ...(pickPosition ? [[t.stockPosition, pickPosition] as [string, string]] : []),
    ...(['reserved', 'staged', 'quarantine'] as const).flatMap((bucket): [string, number][] =>
      level != null && level[bucket] > 0 ? [[t.stockBuckets[bucket], level[bucket]]] : [],
    ),
    ...(here?.[0]?.arrivals ?? []).map(({ quantity, expectedAt }): [string, string] => [
      t.stockArrival(quantity ?? 0),
      expectedAt === null ? t.stockUndated : timeText(expectedAt, now.value),
    ]),
    ...(level?.countedAt != null
      ? [[t.stockCounted, timeText(level.countedAt, now.value)] as [string, string]]
      : []),
  ];
  return (
    <dl class="order-facts">
      {facts.map(([label, text], i) => (
        <div key={`${label}${i}`}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Elsewhere() {
  const t = texts.value;
  return (
    <section class="group" aria-label={t.stockElsewhere}>
      <h3>{t.stockElsewhere}</h3>
      {elsewhere.value.length === 0 && <p class="muted">{t.stockNowhere}</p>}
      <ul class="lines">
        {elsewhere.value.map(({ location, quantity, distanceKm }) => (
          <li key={location.code} class="line shop-line">
            <span class="article">
              <span class="strong">{location.name}</span>
              <span class="muted">
                {distanceKm !== null && t.distance(distanceKm)}
                {location.kind === 'WAREHOUSE' && ` · ${t.warehouse}`}
              </span>
            </span>
            <span class="quantity">{quantity}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ArticlePanel() {
  const t = texts.value;
  const isOrdering = useSignal(false);
  const { name, code, gtin, price } = article.value!;
  const hasNone = unitsHere.value <= 0;
  return (
    <>
      <div>
        <p class="article-name">{name}</p>
        <p class="muted">{[code, gtin, price && moneyText(price)].filter(Boolean).join(' · ')}</p>
      </div>
      <p class={hasNone ? 'units-here none' : 'units-here'}>
        <span class="big-number">{unitsHere.value}</span>
        <span>{t.stockHere(unitsHere.value, shop.value!.name)}</span>
      </p>
      <OtherUnits />
      <Elsewhere />
      <div class="action-bar">
        <button
          type="button"
          class="button primary wide"
          disabled={unitsInAll.value <= 0 || connection.value === 'OFFLINE'}
          onClick={() => {
            isOrdering.value = true;
          }}
        >
          <Icon name="bag" />
          {hasNone ? t.stockOrderElsewhere : t.stockOrder}
        </button>
      </div>
      {isOrdering.value && (
        <OrderDialog
          onClose={() => {
            isOrdering.value = false;
          }}
        />
      )}
    </>
  );
}

export function StockPanel({ code }: { code: string | null }) {
  const t = texts.value;
  useScans(openArticle);
  // In the moment in which the screen is drawn, like useScans: a scan that follows is the later request.
  useLayoutEffect(() => void showArticle(code), [code]);
  const problem = connection.value === 'OFFLINE' ? t.stockOffline : stockProblem.value;
  return (
    <section class="order-panel" aria-label={t.stockTitle}>
      <PanelTitle title={t.stockTitle} back="" backLabel={t.back} />
      <CodeField label={t.stockField} button={t.returnOpen} onCode={(text) => void openArticle(text)} />
      <p class="scan-answer wrong" role="status">
        {problem}
      </p>
      {isBusy.value && article.value === null && <p class="muted">{t.checking}</p>}
      {article.value === null ? <Matches /> : <ArticlePanel key={article.value.code} />}
      {article.value === null && matches.value.first.length < 2 && <p class="muted">{t.stockHint}</p>}
    </section>
  );
}
