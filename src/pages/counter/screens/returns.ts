// A return at the counter: the order that it was bought with, and the units that come back. Nothing waits in the outbox:
// only the server knows what has already come back.

import { batch, computed, signal } from '@preact/signals';
import { playTone } from '../../foundation/sound';
import type { CounterOperations } from '../../operations.generated';
import { gtinOfScan, itemsOfScan, unitsOfCode } from '../articleCodes';
import { pickupScan } from '../orders';
import { api, shop } from '../state';
import { directCommand, problemText } from './directCommand';
import { texts } from './messages';

export type Purchase = NonNullable<CounterOperations['purchase']['answer']['order']>;
export type CollectedLine = Purchase['lines'][number];
export const FATES = ['RESTOCK', 'QUARANTINE', 'RETURN_TO_VENDOR', 'SCRAP'] as const;
export type Fate = (typeof FATES)[number];

/** Units of an article that come back, with the same disposition. */
export interface TakenUnits {
  sku: string;
  disposition: Fate;
  quantity: number;
}

export interface ReturnMessage {
  isRight: boolean;
  text: string;
}

export const purchase = signal<Purchase | null>(null);
export const taken = signal<TakenUnits[]>([]);
/** The disposition of what is scanned next. */
export const fate = signal<Fate>('RESTOCK');
export const message = signal<ReturnMessage | null>(null);
export const isBusy = signal(false);
export const unitsTaken = computed(() => taken.value.reduce((total, { quantity }) => total + quantity, 0));

function show(isRight: boolean, text: string): void {
  message.value = { isRight, text };
  playTone(isRight ? 'right' : 'wrong');
}

/** Units of a line that can still come back, without those taken on this screen. */
export function unitsLeft({ collected, returned, sku }: CollectedLine): number {
  const own = taken.value.filter((units) => units.sku === sku.code);
  return own.reduce((left, { quantity }) => left - quantity, collected - returned);
}

/** Begins with another order, or with none. */
export function beginReturn(order: Purchase | null): void {
  batch(() => {
    purchase.value = order;
    taken.value = [];
    fate.value = 'RESTOCK';
    message.value = null;
  });
}

/** Opens the order of a number that was typed or scanned. */
export async function openPurchase(text: string): Promise<void> {
  const t = texts.value;
  const number = pickupScan(text)?.number ?? text.trim().toUpperCase();
  if (number === '' || isBusy.value) return;
  isBusy.value = true;
  try {
    const { order } = await api.send('purchase', { number });
    if (order === null) show(false, t.returnUnknown(number));
    else if (!order.lines.some(({ collected }) => collected > 0)) show(false, t.returnNotCollected(number));
    else beginReturn(order);
  } catch (error) {
    show(false, problemText(error, t.returnOffline));
  } finally {
    isBusy.value = false;
  }
}

/** Adds units of a line with the chosen disposition: one, or those of a scanned case. */
export function takeUnits(line: CollectedLine, quantity = 1): void {
  const t = texts.value;
  const { code, name } = line.sku;
  if (isBusy.value) return;
  const left = unitsLeft(line);
  if (left < quantity) {
    show(false, left <= 0 ? t.returnNoMore(name) : t.returnCaseTooLarge(name, quantity, left));
    return;
  }
  const disposition = fate.value;
  const isSame = (units: TakenUnits): boolean => units.sku === code && units.disposition === disposition;
  taken.value = taken.value.some(isSame)
    ? taken.value.map((units) => (isSame(units) ? { ...units, quantity: units.quantity + quantity } : units))
    : [...taken.value, { sku: code, disposition, quantity }];
  show(true, t.returnTaken(name, t.returnFates[disposition]));
}

/** Removes one unit that was added by mistake. */
export function removeUnit(from: TakenUnits): void {
  if (isBusy.value) return;
  taken.value = taken.value
    .map((units) => (units === from ? { ...units, quantity: units.quantity - 1 } : units))
    .filter(({ quantity }) => quantity > 0);
}

/** Takes a scan: an order's code opens it, an article's code takes one unit back. */
export async function takeReturnScan(scanned: string): Promise<void> {
  const code = scanned.trim();
  const order = purchase.value;
  if (order === null || pickupScan(code) !== null) return openPurchase(code);
  const digits = gtinOfScan(code) ?? code;
  const own = order.lines.filter(({ sku, collected }) => collected > 0 && unitsOfCode(sku, digits) !== null);
  const line = own.find((one) => unitsLeft(one) > 0) ?? own[0];
  if (line === undefined) show(false, texts.value.returnOtherArticle(code));
  else takeUnits(line, itemsOfScan(code) * unitsOfCode(line.sku, digits)!);
}

type ReceiveAnswer = NonNullable<CounterOperations['receiveReturn']['answer']['receiveReturn']>;

function refusalText(answer: Exclude<ReceiveAnswer, { __typename: 'ReceiveReturnSuccess' }>): string {
  const t = texts.value;
  switch (answer.__typename) {
    case 'TooManyReturned':
      return t.returnTooMany(answer.returnable);
    case 'ReturnWindowClosed':
      return t.returnClosed(answer.lastDay);
    case 'NotReturnable':
      return t.returnNever;
    default:
      return answer.message;
  }
}

const command = directCommand();

/** Sends what was taken back. */
export async function receiveTaken(): Promise<void> {
  const order = purchase.value;
  if (order === null || unitsTaken.value === 0 || isBusy.value) return;
  const units = unitsTaken.value;
  const input = { order: order.id, location: shop.value!.code, lines: taken.value };
  isBusy.value = true;
  try {
    const { receiveReturn: answer } = await api.send('receiveReturn', {
      input: { ...input, idempotencyKey: command.keyOf(input) },
    });
    if (answer === null || answer.__typename === 'Busy') return show(false, texts.value.noAnswer);
    command.end();
    if (answer.__typename !== 'ReceiveReturnSuccess') return show(false, refusalText(answer));
    beginReturn(null);
    show(true, texts.value.returnDone(answer.return.number, units));
  } catch (error) {
    show(false, problemText(error, texts.value.returnOffline));
  } finally {
    isBusy.value = false;
  }
}
