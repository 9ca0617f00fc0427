// Scans: a customer's QR code opens the order anywhere; an article is picked where a pick list is open.

import { signal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { ApiProblem } from '../foundation/api';
import { listenForScans } from '../foundation/scanner';
import { playTone } from '../foundation/sound';
import { gtinOfScan, itemsOfScan } from './articleCodes';
import { give } from './commands';
import { texts } from './messages';
import { meaningOfScan, type OrderView, pickupScan } from './orders';
import { api, notice, openOrder, openView, orders, takesScan } from './state';

/** What the last scan was: right or wrong, with its text. */
export interface ScanResult {
  isRight: boolean;
  text: string;
  /** The line that was picked. */
  lineId: string | null;
}

export const scanResult = signal<ScanResult | null>(null);
/** The code of a scanned QR, for the handover of the order that it opened. */
export const scannedPickup = signal<{ number: string; code: string } | null>(null);

function show(isRight: boolean, text: string, lineId: string | null = null): void {
  scanResult.value = { isRight, text, lineId };
  playTone(isRight ? 'right' : 'wrong');
}

/** The name of an article that no known order has. */
async function showOther(code: string): Promise<void> {
  const t = texts.value;
  const gtin = gtinOfScan(code);
  if (gtin === null) return show(false, t.scanUnknown(code));
  try {
    const { sku } = await api.send('article', { gtin });
    show(false, sku === null ? t.scanUnknown(code) : t.scanOther(sku.name));
  } catch (error) {
    const isOffline = error instanceof ApiProblem && error.kind === 'UNREACHABLE';
    show(false, isOffline ? t.scanUnknownOffline(code) : t.scanUnknown(code));
  }
}

/** Takes a scan or a typed code on the pick list of an order. */
export async function pickScan(view: OrderView, code: string): Promise<void> {
  const t = texts.value;
  const others = (orders.value ?? []).filter(({ id }) => id !== view.order.id);
  const digits = gtinOfScan(code);
  const quantity = itemsOfScan(code);
  const meaning = meaningOfScan(digits ?? code.trim(), quantity, view, others);
  switch (meaning.kind) {
    case 'PICK': {
      const { line, toPick } = meaning.line;
      const { sku } = line;
      const gtin = digits === null ? {} : { gtin: digits };
      const input = { order: view.order.id, sku: sku.code, quantity, ...gtin };
      // It is right only once it is on the disk.
      if (await give('pickLine', view.order, input, sku.name))
        show(true, t.scanRight(sku.name, toPick - meaning.units), line.id);
      else show(false, t.notStored);
      return;
    }
    case 'TOO_MANY':
      return show(false, t.scanTooMany(meaning.line.line.sku.name, meaning.units, meaning.line.toPick));
    case 'COMPLETE':
      return show(false, t.scanComplete(meaning.line.line.sku.name));
    case 'OTHER_ORDER':
      return show(false, t.scanOtherOrder(meaning.name, meaning.number));
    default:
      return showOther(code.trim());
  }
}

/** Opens the order of a customer's QR code. */
function openScanned(pickup: { number: string; code: string }): void {
  if (!(orders.value ?? []).some(({ number }) => number === pickup.number)) {
    notice.value = texts.value.noSuchOrder(pickup.number);
    return;
  }
  openOrder(pickup.number);
  scannedPickup.value = pickup;
}

/** Takes scans wherever the focus is not in a field. */
export function useQueueScans(): void {
  useLayoutEffect(
    () =>
      listenForScans((code) => {
        if (takesScan.value !== null) return takesScan.value(code);
        const pickup = pickupScan(code);
        const view = openView.value;
        if (pickup !== null) openScanned(pickup);
        else if (view !== null && view.status === 'PICKING') void pickScan(view, code);
        else if (orders.value?.some(({ number }) => number === code.toUpperCase()))
          openOrder(code.toUpperCase());
        else
          void showOther(code).then(() => {
            notice.value = scanResult.value?.text ?? null;
          });
      }),
    [],
  );
}
