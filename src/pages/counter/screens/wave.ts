// A wave: several orders picked in one walk, scan by scan, each into a box of its own. It works on what this device knows,
// so it goes on without a network.

import { computed, signal } from '@preact/signals';
import { readSnapshot, storeSnapshot } from '../../foundation/storage';
import { gtinOfScan, itemsOfScan } from '../articleCodes';
import { give } from '../commands';
import { type LineView, meaningOfScan, type OrderView, orderView } from '../orders';
import { pickScan } from '../scans';
import { groups, orders, outbox, shop } from '../state';

/** Orders that are proposed for a wave; more boxes do not fit on a trolley. */
const USUAL_ORDERS = 6;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const MAX_ORDERS = LETTERS.length;

interface Wave {
  shop: string;
  /** Global IDs of its orders, the earliest promise first. */
  ids: string[];
}

const wave = signal<Wave | null>(null);
const storedAs = (): string => `wave:${shop.value!.code}`;

/** An order of the wave, with the letter of its box. */
interface BoxedOrder {
  box: string;
  view: OrderView;
}

/** The orders of the wave that are still being picked. A box keeps its letter. */
export const boxes = computed((): BoxedOrder[] => {
  const { shop: of, ids } = wave.value ?? { shop: '', ids: [] };
  if (of !== shop.value?.code) return [];
  return ids.flatMap((id, i) => {
    const order = (orders.value ?? []).find((one) => one.id === id);
    if (order === undefined) return [];
    const view = orderView(order, outbox.value);
    return view.status === 'PICKING' ? [{ box: LETTERS[i]!, view }] : [];
  });
});

/** One article of the wave, and the lines that need it. */
export interface WaveStop {
  sku: LineView['line']['sku'];
  lines: { box: string; view: OrderView; line: LineView }[];
  toPick: number;
}

/** All articles of the wave in walking order. */
export const stops = computed((): WaveStop[] => {
  const bySku = new Map<string, WaveStop>();
  for (const { box, view } of boxes.value) {
    for (const line of view.lines) {
      const { sku } = line.line;
      const stop = bySku.get(sku.code) ?? { sku, lines: [], toPick: 0 };
      stop.lines.push({ box, view, line });
      stop.toPick += line.toPick;
      bySku.set(sku.code, stop);
    }
  }
  return [...bySku.values()].sort(
    (a, b) =>
      (a.sku.pickPosition ?? '~').localeCompare(b.sku.pickPosition ?? '~') ||
      a.sku.code.localeCompare(b.sku.code),
  );
});

/** Orders that a wave can begin with. */
export const candidates = computed(() =>
  groups.value.toPrepare.filter(({ status }) => status === 'PLACED').slice(0, MAX_ORDERS),
);
export const isUsual = (index: number): boolean => index < USUAL_ORDERS;

/** Goes on with the wave that this device has begun. */
export async function restoreWave(): Promise<void> {
  const code = shop.value!.code;
  if (wave.value?.shop === code) return;
  const ids = await readSnapshot<string[]>(storedAs());
  if (ids !== null && shop.value?.code === code) wave.value ??= { shop: code, ids };
}

/** Begins to pick these orders together. */
export async function beginWave(views: readonly OrderView[]): Promise<void> {
  const begun: string[] = [];
  for (const { order } of views) {
    if (!(await give('startPicking', order, { orders: [order.id] }))) break;
    begun.push(order.id);
  }
  wave.value = { shop: shop.value!.code, ids: begun };
  await storeSnapshot(storedAs(), begun);
}

/** Takes a scan: the unit goes to the order of the wave that was promised first and still needs one. */
export async function takeWaveScan(code: string): Promise<void> {
  const digits = gtinOfScan(code) ?? code.trim();
  const items = itemsOfScan(code);
  const meanings = boxes.value.map(({ view }) => ({
    view,
    kind: meaningOfScan(digits, items, view, []).kind,
  }));
  const taking = ['PICK', 'TOO_MANY', 'COMPLETE'].flatMap((wanted) =>
    meanings.filter(({ kind }) => kind === wanted),
  )[0];
  const view = (taking ?? meanings[0])?.view;
  if (view !== undefined) await pickScan(view, code);
}
