// What the attributes of the element mean.

import type { Access, Line, Point } from './client';
import type { ElementLanguage } from './texts';

const RADIUS_KM = 100;
const SHOPS = 6;
/** The server from which the script was loaded. */
const OWN_ORIGIN = new URL((document.currentScript as HTMLScriptElement | null)?.src ?? location.href).origin;

/** The language of the element or of what is around it, else of the browser. */
export function languageOf(element: Element): ElementLanguage {
  const text = element.closest('[lang]')?.getAttribute('lang') || navigator.language;
  return text.toLowerCase().startsWith('fr') ? 'fr' : 'en';
}

export const accessOf = (element: Element): Access => ({
  endpoint: (element.getAttribute('endpoint') || OWN_ORIGIN).replace(/\/$/, ''),
  token: element.getAttribute('token') ?? '',
});

/** The point of the attribute `near`, such as "48.85,2.35". */
export function pointOf(element: Element): Point | null {
  const [latitude = Number.NaN, longitude = Number.NaN] = (element.getAttribute('near') ?? '')
    .split(',')
    .map(Number);
  return Number.isFinite(latitude) && Number.isFinite(longitude) ? { latitude, longitude } : null;
}

/** How far to look, and for how many shops. */
export const reachOf = (element: Element): { radiusKm: number; limit: number } => ({
  radiusKm: Number(element.getAttribute('radius')) || RADIUS_KM,
  limit: Number(element.getAttribute('shops')) || SHOPS,
});

/** What the lines are, for comparing baskets. */
export const linesKeyOf = (lines: readonly Line[]): string =>
  lines
    .map(({ sku, quantity }) => `${sku}×${quantity}`)
    .sort()
    .join(' ');

/** A whole number from 1, or 1. */
const quantityOf = (value: unknown): number => Math.max(1, Math.trunc(Number(value)) || 1);

/** The lines of a basket: of the attribute `lines`, else of `sku` and `quantity`. Nothing that is none is sent. */
export function linesOf(element: Element): Line[] {
  const sku = element.getAttribute('sku');
  const json = element.getAttribute('lines');
  if (json === null) return sku ? [{ sku, quantity: quantityOf(element.getAttribute('quantity')) }] : [];
  try {
    const lines = JSON.parse(json) as Partial<Line>[];
    return lines.flatMap((line) =>
      line.sku ? [{ sku: line.sku, quantity: quantityOf(line.quantity) }] : [],
    );
  } catch {
    return [];
  }
}
