// What the element shows: the list of shops, its other states, and the foot with the button. All of it made from facts.

import type { ShopOption } from './client';
import type { RememberedReservation } from './memory';
import { node } from './nodes';
import { clockTime, promiseText } from './promise';
import { ELEMENT_TEXTS, type ElementLanguage, type ElementTexts } from './texts';

const SKELETON_ROWS = 3;
const KM_WITH_DECIMALS = 10;

export interface ShopListView {
  shops: readonly ShopOption[];
  chosen: string | null;
  centre: string;
  language: ElementLanguage;
  onChoose(shop: ShopOption): void;
}

function bandOf({ kind, lines }: ShopOption, language: ElementLanguage): [text: string, style: string] {
  const texts = ELEMENT_TEXTS[language];
  if (kind === 'AFTER_TRANSFER') return [texts.afterTransfer, 'later'];
  if (kind === 'PARTIAL') {
    const missing = lines.filter(({ state }) => state === 'MISSING' || state === 'PARTIAL');
    const names = missing.map(({ sku }) => sku.name).join(', ');
    return [lines.length > 1 && names !== '' ? texts.missing(names) : texts.partial, 'part'];
  }
  return lines.some(({ band }) => band === 'LOW') ? [texts.low, 'low'] : [texts.inStock, ''];
}

const kmText = (km: number, language: ElementLanguage): string =>
  `${km.toLocaleString(language, { maximumFractionDigits: km < KM_WITH_DECIMALS ? 1 : 0 })} km`;

function shopRow(shop: ShopOption, view: ShopListView): HTMLElement {
  const { language, chosen } = view;
  const texts = ELEMENT_TEXTS[language];
  const { location, distanceKm } = shop;
  const [band, style] = bandOf(shop, language);
  const [ready, because] = promiseText(shop, language);
  const hours =
    location.isOpen && location.closesAt !== null
      ? texts.openUntil(clockTime(location.closesAt, location.timeZone, language))
      : texts.closed;
  const input = node('input', {
    ...{ type: 'radio', name: 'shop', value: location.code, part: 'radio' },
    onchange: () => view.onChoose(shop),
  });
  input.checked = location.code === chosen;
  const { street, postalCode, city } = location.address;
  const address = [street, `${postalCode} ${city}`.trim()].filter(Boolean).join(', ');
  return node(
    'label',
    { class: 'shop', part: 'shop' },
    input,
    node('span', { class: 'name', part: 'name' }, location.name),
    node('span', { class: 'km', part: 'distance' }, kmText(distanceKm, language)),
    node(
      'span',
      { class: 'more' },
      node('span', { class: `band ${style}`, part: 'band' }, band),
      node('br', {}),
      node('span', { part: 'ready' }, because === '' ? ready : `${ready}, ${because}`),
      node('br', {}),
      node('span', { part: 'address' }, `${address} · ${hours}`),
    ),
  );
}

/** The shops as one group of choices. */
export function shopList(view: ShopListView): HTMLElement {
  const { shops, centre, language } = view;
  const legend = ELEMENT_TEXTS[language].shops(shops.length, centre);
  return node(
    'fieldset',
    { part: 'shops' },
    node('legend', {}, legend),
    ...shops.map((shop) => shopRow(shop, view)),
  );
}

/** A sentence instead of the list, with a button where there is something to do. */
export function sentence(text: string, action?: { label: string; onTap(): void }): HTMLElement {
  const button =
    action && node('button', { type: 'button', part: 'button', onclick: action.onTap }, action.label);
  return node(
    'div',
    { class: 'centre' },
    node('p', { part: 'message', role: action && 'alert' }, text),
    button ?? null,
  );
}

/** Grey rows while the list is on its way. */
export const skeleton = (): HTMLElement =>
  node(
    'fieldset',
    { 'aria-hidden': 'true' },
    ...Array.from({ length: SKELETON_ROWS }, () => node('div', { class: 'bone', part: 'skeleton' })),
  );

/** The reservation that there is, and its button. */
export function reservationRow(
  { shop, expiresAt }: RememberedReservation,
  onCancel: () => void,
  language: ElementLanguage,
): HTMLElement {
  const { reserved, cancel } = ELEMENT_TEXTS[language];
  const text = reserved(shop.name, clockTime(expiresAt, undefined, language));
  return node(
    'div',
    { class: 'row' },
    node('p', { part: 'reserved', tabindex: '-1' }, text),
    node('button', { type: 'button', part: 'button', onclick: onCancel }, cancel),
  );
}

/** The field for a town or postal code. */
export const searchInput = (label: string, typed: string): HTMLInputElement => {
  const input = node('input', {
    ...{ type: 'text', part: 'input', placeholder: label, 'aria-label': label },
    ...{ autocomplete: 'postal-code', enterkeyhint: 'search', maxlength: 60 },
  });
  input.value = typed;
  return input;
};

/** The field with its two buttons. */
export function searchForm(
  input: HTMLInputElement,
  { find, nearMe }: ElementTexts,
  { onSearch, onNearMe }: { onSearch(): void; onNearMe(): void },
): HTMLFormElement {
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    onSearch();
  };
  return node(
    'form',
    { onsubmit: onSubmit },
    input,
    node('button', { type: 'submit', part: 'button' }, find),
    node('button', { type: 'button', part: 'button', onclick: onNearMe }, nearMe),
  );
}
