// Sales channels: how they are named, and through which of them a caller may sell.

import { Forbidden, refuse } from '../../refusals';
import type { Caller } from './roles';

/** The web shop's channel: the default where no channel is named, and the only one of a storefront without other channels. */
export const DEFAULT_CHANNEL = 'ONLINE';

const CHANNEL = /^[A-Z][A-Z0-9_]{0,31}$/;

/** Checks the name of a sales channel. @throws Refused InvalidInput */
export function checkChannel(channel: string, path: string): void {
  if (!CHANNEL.test(channel)) {
    refuse(
      'InvalidInput',
      `${path} must be 1 to 32 capital letters, digits and underscores, starting with a letter, like ONLINE.`,
      { path },
    );
  }
}

/** The channels that a storefront sells through. */
export function channelsOf({ channels = [] }: Pick<Caller, 'channels'>): readonly string[] {
  return channels.length > 0 ? channels : [DEFAULT_CHANNEL];
}

/**
 * The channel of a request: the one it names, or the caller's usual one. Channels have safety stocks of their own, so a
 * storefront that could name another's would be promised, and would see, units that are kept back from it.
 * @throws Refused InvalidInput @throws Forbidden when a storefront names a channel that is not its own
 */
export function resolveChannel(caller: Caller, channel: string | null | undefined, path: string): string {
  if (channel != null) checkChannel(channel, path);
  if (caller.role !== 'STOREFRONT') return channel ?? DEFAULT_CHANNEL;
  const own = channelsOf(caller);
  if (channel == null) return own.includes(DEFAULT_CHANNEL) ? DEFAULT_CHANNEL : own[0]!;
  if (own.includes(channel)) return channel;
  throw new Forbidden(
    `This token sells through ${own.join(', ')}; ${path} ${channel} is not its own. An administrator can add it with updateActor.`,
  );
}
