// Tasks with goods, as the counter shows them. No clock, no page.

import type { CounterOperations } from '../../operations.generated';
import type { QueuedCommand } from '../orders';

export type GoodsAnswer = CounterOperations['goods']['answer'];
export type GoodsArticle = NonNullable<CounterOperations['articleBy']['answer']['sku']>;
export type GoodsKind = 'SEND' | 'RECEIVE' | 'DELIVERY' | 'COUNT';

export interface GoodsTaskLine {
  sku: GoodsArticle;
  /** Units that are expected; 0 for a count, which is blind. */
  quantity: number;
  /** Units by the ledger when counting began; never shown. Null: not known. */
  ledger: number | null;
}

export interface GoodsTask {
  kind: GoodsKind;
  /** Global ID of the document; COUNT_ID for all counts of the shop. */
  id: string;
  number: string;
  /** The other shop or the supplier. */
  partner: string;
  expectedAt: string | null;
  /** The order that waits for it. */
  orderNumber: string | null;
  awaitsApproval: boolean;
  lines: GoodsTaskLine[];
}

/** The counts of a shop are one walk. */
export const COUNT_ID = 'count';

const byPosition = (a: GoodsTaskLine, b: GoodsTaskLine): number =>
  (a.sku.pickPosition ?? '~').localeCompare(b.sku.pickPosition ?? '~') ||
  a.sku.code.localeCompare(b.sku.code);

const linesOf = (lines: readonly { sku: GoodsArticle; quantity: number }[]): GoodsTaskLine[] =>
  lines.map(({ sku, quantity }) => ({ sku, quantity, ledger: null })).sort(byPosition);

type TransferNode = NonNullable<GoodsAnswer['toSend']>['nodes'][number];

function transferTask(kind: 'SEND' | 'RECEIVE', transfer: TransferNode): GoodsTask {
  const { id, number, expectedAt, orderNumber, awaitsApproval, from, to, lines } = transfer;
  const partner = kind === 'SEND' ? to.name : from.name;
  return { kind, id, number, partner, expectedAt, orderNumber, awaitsApproval, lines: linesOf(lines) };
}

/** All tasks of an answer; counts are the last one, also when nobody has requested any. */
export function tasksOf({ toSend, toReceive, deliveries, counts }: GoodsAnswer): GoodsTask[] {
  const none = { orderNumber: null, awaitsApproval: false };
  const requested = new Map((counts?.nodes ?? []).map(({ sku }) => [sku.code, { sku, quantity: 0 }]));
  return [
    ...(toSend?.nodes ?? []).map((transfer) => transferTask('SEND', transfer)),
    ...(toReceive?.nodes ?? []).map((transfer) => transferTask('RECEIVE', transfer)),
    ...(deliveries?.nodes ?? []).map(({ id, number, expectedAt, supplier, lines }): GoodsTask => {
      const open = lines.map(({ sku, outstanding }) => ({ sku, quantity: outstanding }));
      const own = linesOf(open.filter(({ quantity }) => quantity > 0));
      return { ...none, kind: 'DELIVERY', id, number, partner: supplier.name, expectedAt, lines: own };
    }),
    {
      ...none,
      kind: 'COUNT',
      id: COUNT_ID,
      number: '',
      partner: '',
      expectedAt: null,
      lines: linesOf([...requested.values()]),
    },
  ];
}

/** A line whose scanned units are not the expected ones. */
export interface DifferingLine {
  line: GoodsTaskLine;
  units: number;
}

export const differencesOf = (
  lines: readonly GoodsTaskLine[],
  scanned: Record<string, number>,
): DifferingLine[] =>
  lines
    .map((line) => ({ line, units: scanned[line.sku.code] ?? 0 }))
    .filter(({ line, units }) => units !== line.quantity);

/** The command that ends a task, with its input. */
export function commandOf(
  { kind, id }: GoodsTask,
  lines: readonly GoodsTaskLine[],
  scanned: Record<string, number>,
  { isClosing, location }: { isClosing: boolean; location: string },
): { operation: QueuedCommand; input: object } {
  const units = lines.map(({ sku }) => ({ sku: sku.code, quantity: scanned[sku.code] ?? 0 }));
  switch (kind) {
    case 'SEND':
      return { operation: 'dispatchTransfer', input: { transfer: id } };
    case 'RECEIVE':
      return { operation: 'receiveTransfer', input: { transfer: id, lines: units } };
    case 'DELIVERY': {
      const delivered = units.filter(({ quantity }) => quantity > 0);
      const input = { purchaseOrder: id, lines: delivered, close: isClosing };
      return { operation: 'receivePurchaseOrder', input };
    }
    default: {
      // Only what was looked at: zero units are a result too, entered by hand.
      const counted = lines.filter(({ sku }) => scanned[sku.code] !== undefined);
      const own = counted.map(({ sku, ledger }) => ({
        sku: sku.code,
        quantity: scanned[sku.code]!,
        ...(ledger !== null && { expectedQuantity: ledger }),
      }));
      return { operation: 'countStock', input: { location, lines: own } };
    }
  }
}
