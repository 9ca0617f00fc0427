// The demonstration shop: its head, and the page that the address names.

import { useSignalEffect } from '@preact/signals';
import { Icon } from '../foundation/icon';
import { language } from '../foundation/language';
import { LanguageChoice } from '../foundation/languageChoice';
import { ArticlePage, Catalog } from './catalog';
import { Checkout } from './checkout';
import { texts } from './messages';
import { basketCount, route } from './state';

const ARTICLE = /^\/p\/(.+)$/;

function Shown() {
  const code = ARTICLE.exec(route.value)?.[1];
  if (code !== undefined) return <ArticlePage key={code} code={decodeURIComponent(code)} />;
  return route.value === '/basket' ? <Checkout /> : <Catalog />;
}

export function App() {
  const t = texts.value;
  useSignalEffect(() => {
    document.documentElement.lang = language.value;
    document.title = `Comptoir · ${texts.value.title}`;
  });
  return (
    <>
      <header class="shop-head">
        <a class="shop-name" href="#/">
          {t.title}
        </a>
        <LanguageChoice />
        <a class="icon-button" href="#/basket" aria-label={t.basketOf(basketCount.value)}>
          <Icon name="bag" />
          {basketCount.value > 0 && <span class="badge">{basketCount.value}</span>}
        </a>
      </header>
      <main class="shop-main">
        <Shown />
      </main>
    </>
  );
}
