// The element comptoir-availability: where an article or a basket can be collected, when and why then, and its reservation.

import { accessOf, languageOf, linesKeyOf, linesOf, pointOf, reachOf } from './attributes';
import {
  ElementProblem,
  type Line,
  newKey,
  type Point,
  RESERVATION_MS,
  type ShopOption,
  send,
} from './client';
import { type RememberedReservation, type RememberedShop, remember, remembered, visitor } from './memory';
import { node } from './nodes';
import { rounded, visitorPosition } from './position';
import { applyStyle } from './style';
import { ELEMENT_TEXTS } from './texts';
import { type Centre, townOf } from './towns';
import { reservationRow, searchForm, searchInput, sentence, shopList, skeleton } from './view';

const SLOW_MS = 4_000;
const MAX_HOLDER = 190;

export class ComptoirAvailability extends HTMLElement {
  static readonly observedAttributes = [
    ...['endpoint', 'token', 'sku', 'quantity', 'lines', 'near', 'radius', 'shops', 'holder', 'lang'],
  ];
  readonly #root = this.attachShadow({ mode: 'open' });
  readonly #results = node('div', { class: 'results', part: 'results' });
  readonly #foot = node('div', { class: 'foot', part: 'foot' });
  readonly #status = node('p', { class: 'status', part: 'status', role: 'status' });
  #input = node('input', {});
  #centre: Centre | null = null;
  #shops: ShopOption[] = [];
  #chosen: string | null = null;
  #isBusy = false;
  /** Of the last request for shops: the answer of an earlier one is not shown. */
  #generation = 0;
  #isScheduled = false;
  #expiry: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    this.#schedule();
  }

  attributeChangedCallback(): void {
    this.#schedule();
  }

  disconnectedCallback(): void {
    this.#generation += 1;
    clearTimeout(this.#expiry);
  }

  /** Several attributes that change together cause one request. */
  #schedule(): void {
    if (this.#isScheduled || !this.isConnected) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (this.isConnected) this.#begin();
    });
  }

  get #texts() {
    return ELEMENT_TEXTS[languageOf(this)];
  }

  /** The holder of reservations: the shop's own id of the basket, else this browser and what is wanted. */
  #holder(lines: readonly Line[]): string {
    const skus = lines.map(({ sku }) => sku).sort();
    return this.getAttribute('holder') || `${visitor()} ${skus.join(' ')}`.slice(0, MAX_HOLDER);
  }

  /** What a reservation is known again by. */
  #keyOf = (lines: readonly Line[]): string => `${this.#holder(lines)} ${linesKeyOf(lines)}`;

  #begin(): void {
    this.#frame();
    const { shop } = remembered();
    this.#chosen = shop?.code ?? null;
    const near = pointOf(this);
    if (this.#centre === null && shop !== undefined) this.#centre = { ...shop, label: shop.name };
    else if (this.#centre === null && near !== null) this.#centre = { ...near, label: '' };
    void this.#refresh();
  }

  /** The frame that all states share. */
  #frame(): void {
    const texts = this.#texts;
    const typed = this.#input.value;
    this.#input = searchInput(texts.search, typed);
    const form = searchForm(this.#input, texts, {
      onSearch: () => void this.#search(),
      onNearMe: () => void this.#locate(),
    });
    const head = node('div', { part: 'head' }, node('h2', { part: 'title', id: 'title' }, texts.title), form);
    const panel = node(
      'section',
      { class: 'panel', part: 'panel', 'aria-labelledby': 'title', lang: languageOf(this) },
      ...[head, this.#results, node('div', {}, this.#status, this.#foot)],
    );
    this.#root.replaceChildren(panel);
    applyStyle(this.#root);
  }

  #show(content: HTMLElement, status = ''): void {
    this.#results.setAttribute('aria-busy', String(this.#isBusy));
    this.#results.replaceChildren(content);
    this.#status.textContent = status;
  }

  #problem(error: unknown, again: () => void): void {
    const isNetwork = error instanceof ElementProblem && error.kind === 'NETWORK';
    const message = error instanceof Error ? error.message : String(error);
    this.#emit('comptoir-error', { message });
    const { offline, failed } = this.#texts;
    this.#show(sentence(isNetwork ? offline : failed, { label: this.#texts.again, onTap: again }));
    this.#foot.replaceChildren();
  }

  /** Reads the shops around the centre, and shows them. */
  async #refresh(): Promise<void> {
    const generation = ++this.#generation;
    const lines = linesOf(this);
    if (this.#centre === null || lines.length === 0) {
      this.#foot.replaceChildren();
      return void this.#show(sentence(this.#texts.start));
    }
    const { latitude, longitude } = this.#centre;
    const near = { latitude, longitude, ...reachOf(this) };
    this.#isBusy = true;
    this.#show(skeleton(), this.#texts.loading);
    const slow = setTimeout(() => {
      if (generation === this.#generation) this.#status.textContent = this.#texts.slow;
    }, SLOW_MS);
    try {
      const answer = await send(accessOf(this), 'options', { lines, near, holder: this.#holder(lines) });
      if (generation !== this.#generation) return;
      this.#isBusy = false;
      this.#shops = answer.pickupOptions ?? [];
      this.#showShops();
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#isBusy = false;
      this.#problem(error, () => void this.#refresh());
    } finally {
      clearTimeout(slow);
    }
  }

  #showShops(): void {
    const shops = this.#shops;
    const { shop } = remembered();
    const isAround = shop !== undefined && shop.name === this.#centre?.label;
    const isMissing = isAround && !shops.some(({ location }) => location.code === shop.code);
    const note = isMissing ? this.#texts.notYours(shop.name) : '';
    if (shops.length === 0) {
      this.#foot.replaceChildren();
      return void this.#show(sentence(this.#texts.none), note);
    }
    if (!shops.some(({ location }) => location.code === this.#chosen)) this.#chosen = shops[0]!.location.code;
    const list = shopList({
      ...{ shops, chosen: this.#chosen, centre: this.#centre!.label, language: languageOf(this) },
      onChoose: (chosen) => this.#choose(chosen),
    });
    this.#show(list, note);
    this.#showFoot();
  }

  #choose(shop: ShopOption): void {
    const { code, name, point } = shop.location;
    this.#chosen = code;
    remember({ shop: { code, name, latitude: point.latitude, longitude: point.longitude } });
    this.#showFoot();
    this.#emit('comptoir-choose', { location: { code, name }, kind: shop.kind, readyAt: shop.readyAt });
  }

  #emit(name: string, detail: object, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable, bubbles: true, composed: true }));
  }

  /** The button, or the reservation that there is. */
  #showFoot(): void {
    clearTimeout(this.#expiry);
    const texts = this.#texts;
    const { reservation } = remembered();
    const isOurs = reservation != null && reservation.key === this.#keyOf(linesOf(this));
    const leftMs = isOurs ? reservation.endsAtMs - Date.now() : 0;
    if (isOurs && leftMs > 0) {
      this.#expiry = setTimeout(() => this.#expire(), leftMs);
      const onCancel = () => void this.#cancel(reservation);
      return void this.#foot.replaceChildren(reservationRow(reservation, onCancel, languageOf(this)));
    }
    const shop = this.#shops.find(({ location }) => location.code === this.#chosen);
    if (shop === undefined) return void this.#foot.replaceChildren();
    if (shop.kind === 'AFTER_TRANSFER')
      return void this.#foot.replaceChildren(node('p', { part: 'note' }, texts.onOrder(shop.location.name)));
    const button = node(
      'button',
      { type: 'button', class: 'main', part: 'reserve', onclick: () => void this.#reserve(shop) },
      this.#isBusy ? texts.reserving : texts.reserve(shop.location.name),
    );
    button.disabled = shop.kind === 'PARTIAL';
    if (this.#isBusy) button.setAttribute('aria-disabled', 'true');
    this.#foot.replaceChildren(button);
  }

  #expire(): void {
    remember({ reservation: null });
    void this.#refresh().then(() => {
      this.#status.textContent = this.#texts.expired;
    });
  }

  async #reserve(shop: ShopOption): Promise<void> {
    if (this.#isBusy) return;
    const { code, name, point } = shop.location;
    const own = linesOf(this);
    const detail = { location: { code, name }, lines: own.map((line) => ({ ...line })) };
    // The page may add what its basket has at this shop already, or reserve by itself.
    if (!this.#emit('comptoir-reserving', detail, true)) return;
    const { lines } = detail;
    const kept: RememberedShop = { code, name, latitude: point.latitude, longitude: point.longitude };
    const before = remembered().reservation;
    this.#isBusy = true;
    this.#status.textContent = '';
    this.#showFoot();
    try {
      const variables = { key: newKey(), holder: this.#holder(own), location: code, lines };
      const { reserveStock: answer } = await send(accessOf(this), 'reserve', variables);
      this.#isBusy = false;
      if (answer?.__typename !== 'ReserveStockSuccess') return void this.#refused(answer?.__typename);
      const { id, expiresAt } = answer.reservation;
      const endsAtMs = Date.now() + RESERVATION_MS;
      const made = { id, expiresAt, endsAtMs, shop: kept, key: this.#keyOf(own) };
      remember({ shop: kept, reservation: made });
      this.#showFoot();
      this.#root.querySelector<HTMLElement>('[part=reserved]')?.focus();
      this.#emit('comptoir-reserved', { reservation: id, expiresAt, ...detail });
      const isMoved = before != null && before.shop.code !== code && before.key === this.#keyOf(own);
      if (isMoved) void this.#release(before.id).catch(() => {});
    } catch (error) {
      this.#isBusy = false;
      this.#problem(error, () => void this.#refresh());
    }
  }

  #refused(kind = ''): void {
    const { tooMany, notEnough, failed } = this.#texts;
    const text = kind === 'QuotaExceeded' ? tooMany : kind === 'NotEnoughStock' ? notEnough : failed;
    void this.#refresh().then(() => {
      this.#status.textContent = text;
    });
  }

  #release(reservation: string): Promise<object> {
    return send(accessOf(this), 'release', { key: newKey(), reservation });
  }

  async #cancel({ id, shop }: RememberedReservation): Promise<void> {
    try {
      await this.#release(id);
      remember({ reservation: null });
      this.#emit('comptoir-cancelled', { reservation: id, location: { code: shop.code, name: shop.name } });
      await this.#refresh();
      this.#status.textContent = this.#texts.cancelled;
      this.#root.querySelector<HTMLElement>('[part=reserve]')?.focus();
    } catch (error) {
      this.#problem(error, () => void this.#refresh());
    }
  }

  /** The visitor typed a town or a postal code: a shop there, else the town itself. */
  async #search(): Promise<void> {
    const search = this.#input.value.trim();
    if (search === '') return void this.#input.focus();
    try {
      const { locations } = await send(accessOf(this), 'find', { search });
      const [found] = locations?.nodes ?? [];
      const centre = found ? { ...found.point, label: found.address.city } : townOf(search);
      if (centre === null) this.#status.textContent = this.#texts.unknownTown(search);
      else this.#moveTo(centre);
    } catch (error) {
      this.#problem(error, () => void this.#refresh());
    }
  }

  #moveTo({ latitude, longitude, label }: Point & { label: string }): void {
    this.#centre = { latitude: rounded(latitude), longitude: rounded(longitude), label };
    void this.#refresh();
  }

  async #locate(): Promise<void> {
    this.#status.textContent = this.#texts.locating;
    const point = await visitorPosition();
    if (point === null) this.#status.textContent = this.#texts.noPosition;
    else this.#moveTo({ ...point, label: this.#texts.me });
  }
}
