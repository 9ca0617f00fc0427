// Acts that belong together: an order's whole way from the shelf to its customer, and corrections of what was just done.

import { choose } from './ops';
import type { SimulatedState } from './state';
import type { DrawnCall, SimulationStep } from './steps';

type Fulfil = Extract<SimulationStep, { do: 'fulfil' }>;
type Correct = Extract<SimulationStep, { do: 'correct' }>;

function waysOfOrder(state: SimulatedState, { which, part }: Fulfil): DrawnCall[] {
  const doc = choose(state.orders, which, ['PLACED', 'PICKING', 'READY']);
  if (doc === null) return [];
  const of = { ...which, doc };
  return [
    { act: 'start', which: of },
    { act: 'pickAll', which: of },
    { act: 'ready', which: of },
    { act: 'collect', which: of, right: true, paid: true, part },
  ];
}

/** A purchase order is delivered, and a part or all of it taken back. */
function waysOfPurchase(state: SimulatedState, { which, whole }: Correct): DrawnCall[] {
  const doc = choose(state.purchases, which, ['ORDERED', 'PARTIALLY_RECEIVED']);
  if (doc === null) return [];
  const of = { ...which, doc };
  const { sku, units } = state.purchases[doc]!.lines[0]!;
  return [
    { act: 'deliver', which: of, sku, units, close: !whole },
    { act: 'reverseDelivery', which: of, whole, sku, units: 1 },
  ];
}

/** A transfer is dispatched by mistake, received without a unit that comes later, or received by mistake. */
function waysOfTransfer(state: SimulatedState, { which, how, whole }: Correct): DrawnCall[] {
  const doc = choose(state.transfers, which, ['DRAFT', 'DISPATCHED']);
  if (doc === null) return [];
  const of = { ...which, doc };
  const dispatched: DrawnCall = { act: 'dispatch', which: of };
  if (how === 'RECALL') return [dispatched, { act: 'recall', which: of }];
  const arrived: DrawnCall = { act: 'arrive', which: of, differs: how === 'LATE' || !whole ? -1 : 0 };
  if (how === 'LATE') return [dispatched, arrived, { act: 'receiveLate', which: of, units: 1 }];
  return [dispatched, arrived, { act: 'reverseArrival', which: of }, { ...arrived, differs: 0 }];
}

/** Units of an order are cancelled while they are on their way to it. */
function waysOfAwaited(state: SimulatedState, { which, whole }: Correct): DrawnCall[] {
  const awaited = state.transfers.map((t) => (t.order === null ? { ...t, status: 'FOR_STOCK' } : t));
  const doc = choose(awaited, { ...which, blind: false }, ['DRAFT', 'DISPATCHED']);
  if (doc === null) return [];
  const of = { ...which, doc };
  const order = state.orders.findIndex(({ id }) => id === awaited[doc]!.order);
  const { sku } = awaited[doc]!.lines[0]!;
  return [
    { act: 'dispatch', which: of },
    { act: 'cancelLine', which: { ...which, doc: order }, sku, units: 1, byCustomer: false },
    { act: 'arrive', which: of, differs: whole ? 0 : -1 },
  ];
}

/** The acts of such a step, each to be resolved when those before it were taken. */
export function waysOf(state: SimulatedState, step: Fulfil | Correct): DrawnCall[] {
  if (step.do === 'fulfil') return waysOfOrder(state, step);
  if (step.how === 'DELIVERY') return waysOfPurchase(state, step);
  return step.how === 'UNWANTED' ? waysOfAwaited(state, step) : waysOfTransfer(state, step);
}
