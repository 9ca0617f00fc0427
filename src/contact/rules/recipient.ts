// Chooses the channel and the address of a notice: as the customer prefers, among addresses that are known to be the customer's.

import type { IdentifierKey } from '../../customer/rules/identifiers';
import type { ContactChannel } from '../../order/rules/status';

/** An address of a customer. */
export interface CustomerAddress extends IdentifierKey {
  value: string | null;
  sharedReason: string | null;
}

/** Where a notice goes. */
export interface NoticeAddress {
  channel: ContactChannel;
  address: string;
}

/** What an order states about how to reach its customer. */
export interface StatedAddresses {
  channel: ContactChannel;
  email: string | null;
  phone: string | null;
}

const KIND_OF: Readonly<Record<ContactChannel, 'EMAIL' | 'PHONE'>> = {
  EMAIL: 'EMAIL',
  SMS: 'PHONE',
  PHONE: 'PHONE',
};

/** Text messages do not reach extensions. */
const isReached = (channel: ContactChannel, address: string): boolean =>
  channel !== 'SMS' || /^\+\d+$/.test(address);

/** The newest address for a channel; those that several people use are left out. */
function addressFor<A extends CustomerAddress>(channel: ContactChannel, addresses: readonly A[]): A | null {
  const kind = KIND_OF[channel];
  const fitting = (one: A): boolean =>
    one.kind === kind && one.value !== null && one.sharedReason === null && isReached(channel, one.value);
  return addresses.findLast(fitting) ?? null;
}

/**
 * The channel and address of a notice about an order, which its customer needs: the preferred channel, at the address of the order or
 * another verified one of the customer. Where no address is known for that channel the order's own is used. Null: the order's own.
 */
export function preferredAddress(
  own: StatedAddresses,
  preferred: ContactChannel | null,
  addresses: readonly CustomerAddress[],
): NoticeAddress | null {
  if (preferred === null || preferred === own.channel) return null;
  const stated = preferred === 'EMAIL' ? own.email : own.phone;
  if (stated !== null && isReached(preferred, stated)) return { channel: preferred, address: stated };
  const other = addressFor(preferred, addresses);
  return other === null ? null : { channel: preferred, address: other.value! };
}

/**
 * The address of a survey, of those that stood in what it is about or else of the customer's. A survey is not needed for anything: without an address
 * for the preferred channel none is sent, and a link cannot be sent by telephone.
 */
export function surveyAddress<A extends CustomerAddress>(
  preferred: ContactChannel | null,
  stood: readonly A[],
  addresses: readonly A[],
): { channel: 'EMAIL' | 'SMS'; address: A } | null {
  const channels = preferred === null ? (['EMAIL', 'SMS'] as const) : [preferred];
  for (const channel of channels) {
    if (channel === 'PHONE') continue;
    const address = addressFor(channel, stood) ?? addressFor(channel, addresses);
    if (address !== null) return { channel, address };
  }
  return null;
}
