// The interactions that follow from an order or a return, with the identifiers that stand in it.

import type { ContactChannel, OrderStatus } from '../../order/rules/status';
import type { ReturnStatus } from '../../return/rules';
import {
  accountScope,
  type IdentifierHashes,
  type IdentifierKind,
  type StoredIdentifier,
} from './identifiers';
import type { InteractionKind, NewInteraction, SeenIdentifier } from './interactions';

/** What an order states about its customer. After an erasure all of it is null. */
export interface OrderIdentity {
  ownerId: number;
  /** The owner is a storefront, which vouches for the account that is signed in. */
  isStorefront: boolean;
  email: string | null;
  phone: string | null;
  account: string | null;
  loyaltyCard: string | null;
  emailVerified: boolean;
  phoneVerified: boolean;
  loyaltyCardVerified: boolean;
  /** Where a telephone number without a country code is dialled. */
  country: string | null;
  /** Its customer was erased while it was open: it belongs to nobody any more. */
  isBeingErased: boolean;
}

export interface OrderRecord extends OrderIdentity {
  id: string;
  number: string;
  updatedAt: Date;
  locationId: number;
  channel: string;
  status: OrderStatus;
  customerName: string;
  contactChannel: ContactChannel;
  /** The pickup code went to another address than that of `contactChannel`. */
  isCodeRerouted: boolean;
  placedAt: Date;
  readyAt: Date | null;
  closedAt: Date | null;
  promisedAt: Date | null;
  erasedAt: Date | null;
  units: number;
  collectedUnits: number;
  amountMinor: number | null;
  collectedMinor: number | null;
  currency: string | null;
}

export interface ReturnRecord extends OrderIdentity {
  id: string;
  number: string;
  changedAt: Date;
  orderId: string | null;
  receipt: string | null;
  locationId: number;
  channel: string;
  status: ReturnStatus;
  createdAt: Date;
  closedAt: Date | null;
  units: number;
}

/** The program itself verified an address: who has its pickup code had it from there. */
const PROGRAM = 0;

function identifiersOf(
  order: OrderIdentity,
  hashes: IdentifierHashes,
  codeWentTo: ContactChannel | null = null,
): SeenIdentifier[] {
  const { ownerId, country, isBeingErased } = order;
  if (isBeingErased) return [];
  const seen = (
    kind: IdentifierKind,
    value: string | null,
    isVerified: boolean,
    hasCode = false,
    scope = '',
  ): SeenIdentifier[] => {
    const found: StoredIdentifier | null = hashes.typed(kind, value, { scope, country });
    return found === null ? [] : [{ ...found, verifiedBy: isVerified ? ownerId : hasCode ? PROGRAM : null }];
  };
  return [
    // Staff who write down an account do not note its storefront.
    ...seen(
      'WEB_ACCOUNT',
      order.account,
      order.isStorefront,
      false,
      order.isStorefront ? accountScope(ownerId) : '',
    ),
    ...seen('LOYALTY_CARD', order.loyaltyCard, order.loyaltyCardVerified),
    ...seen('EMAIL', order.email, order.emailVerified, codeWentTo === 'EMAIL'),
    ...seen('PHONE', order.phone, order.phoneVerified, codeWentTo === 'SMS'),
  ];
}

const CLOSED: Partial<Record<OrderStatus, [InteractionKind, string]>> = {
  COLLECTED: ['ORDER_COLLECTED', 'collected'],
  CANCELLED: ['ORDER_CANCELLED', 'cancelled'],
  NO_SHOW: ['ORDER_NO_SHOW', 'no_show'],
};

/** What happened to an order so far; nothing once it is erased. */
export function interactionsOfOrder(order: OrderRecord, hashes: IdentifierHashes): NewInteraction[] {
  if (order.erasedAt !== null) return [];
  const { id, number, channel, locationId, status, placedAt, readyAt, closedAt, currency } = order;
  const of = (kind: InteractionKind, name: string, at: Date, facts: object): NewInteraction => ({
    ...{ kind, source: 'order', sourceKey: `${id}:${name}`, at, channel, locationId, orderId: id },
    facts: { number, ...facts },
    identifiers: identifiersOf(order, hashes),
  });
  const { units, amountMinor, promisedAt } = order;
  const interactions: NewInteraction[] = [
    {
      ...of('ORDER_PLACED', 'placed', placedAt, { units, amountMinor, currency, promisedAt }),
      person: { fullName: order.customerName, contactChannel: order.contactChannel },
    },
  ];
  if (readyAt !== null) interactions.push(of('ORDER_READY', 'ready', readyAt, { promisedAt }));
  const closed = CLOSED[status];
  if (closed !== undefined && closedAt !== null) {
    const [kind, name] = closed;
    const { collectedUnits, collectedMinor } = order;
    const isCollected = status === 'COLLECTED';
    const facts = isCollected ? { units: collectedUnits, amountMinor: collectedMinor, currency } : { units };
    const codeWentTo = isCollected && !order.isCodeRerouted ? order.contactChannel : null;
    const identifiers = identifiersOf(order, hashes, codeWentTo);
    interactions.push({ ...of(kind, name, closedAt, facts), identifiers });
  }
  return interactions;
}

/** What happened to a return so far. It belongs to the customer of its order, or to whoever has its receipt. */
export function interactionsOfReturn(one: ReturnRecord, hashes: IdentifierHashes): NewInteraction[] {
  const { id, number, status, createdAt, closedAt, channel, locationId, orderId, units } = one;
  const receipt = hashes.typed('RECEIPT', one.receipt);
  const identifiers = [
    ...identifiersOf(one, hashes),
    ...(receipt === null ? [] : [{ ...receipt, verifiedBy: null }]),
  ];
  const of = (kind: InteractionKind, name: string, at: Date): NewInteraction => ({
    ...{ kind, source: 'return', sourceKey: `${id}:${name}`, at, channel, locationId, orderId, returnId: id },
    ...{ facts: { number, units }, identifiers },
  });
  return [
    // One that nobody announced is received in the moment in which it is made.
    ...(closedAt?.getTime() === createdAt.getTime() ? [] : [of('RETURN_REQUESTED', 'requested', createdAt)]),
    ...(closedAt === null || status === 'REQUESTED'
      ? []
      : [
          status === 'RECEIVED'
            ? of('RETURN_RECEIVED', 'received', closedAt)
            : of('RETURN_REJECTED', 'rejected', closedAt),
        ]),
  ];
}
