// Inputs of consents: purposes and channels, addresses of persons, and decisions.

import type { Role } from '../../access/rules/roles';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { checkCount, checkDistinct, checkInstant, checkText, refuse } from '../../refusals';
import { optionalLine } from '../../values/typedText';
import type { NewConsent } from '../actions/consent';
import { storefronts } from '../queries/storefronts';
import { CONSENT_LIMITS, neededAddress } from '../rules/consent';
import {
  IdentifierHashes,
  type IdentifierKind,
  identifierText,
  MAX_IDENTIFIER_LENGTH,
  type StoredIdentifier,
} from '../rules/identifiers';
import { accountAt, ownAccount, StorefrontAccountKey } from './account';

/** Who records consents and asks what is allowed: everyone who talks to customers, and the systems that write to them. */
export const RECORDERS: Role[] = ['STOREFRONT', 'STAFF', 'FEED', 'AGENT', 'DATA_STEWARD'];

const PURPOSES = {
  MARKETING: { description: 'News and offers. Needs a consent.' },
  PERSONALISATION: { description: 'Offers chosen by what the person bought. Needs a consent.' },
  SURVEY: { description: 'Questions about how the customer was served. Allowed until the customer objects.' },
} as const;
export const ConsentPurposeEnum = builder.enumType('ConsentPurpose', {
  description: 'What a person consents to.',
  values: PURPOSES,
});
export const ContactPurposeEnum = builder.enumType('ContactPurpose', {
  description: 'What a message or query is for.',
  values: {
    ...PURPOSES,
    TRANSACTIONAL: {
      description:
        'About what the customer ordered or requested, such as an order that is ready. Always allowed.',
    },
  } as const,
});
export const ConsentChannelEnum = builder.enumType('ConsentChannel', {
  description: 'How a person is reached.',
  values: {
    EMAIL: { description: 'E-mail.' },
    SMS: { description: 'Text message.' },
    PHONE: { description: 'Call.' },
    POST: { description: 'Letter.' },
    MESSAGING: { description: 'Message of a messenger or social network.' },
    ACCOUNT: { description: 'Pages and notices of the customer’s account.' },
  } as const,
});
export const ConsentDecisionEnum = builder.enumType('ConsentDecision', {
  description: 'What a person decided.',
  values: {
    GIVEN: { description: 'Consented.' },
    WITHDRAWN: { description: 'Withdrew a consent, or objected.' },
  } as const,
});

const SocialAddressInput = builder.inputType('SocialAddressInput', {
  description: 'A name at a social network.',
  fields: (t) => ({
    network: t.string({ required: true, description: 'The network, such as INSTAGRAM.' }),
    handle: t.string({ required: true, description: 'The name there, with or without @.' }),
  }),
});
export const ConsentAddressInput = builder.inputType('ConsentAddressInput', {
  isOneOf: true,
  description: 'Exactly one address of a person.',
  fields: (t) => ({
    email: t.string({ description: 'E-mail address.' }),
    phone: t.string({ description: 'Telephone number with its country code, such as +33612345678.' }),
    account: t.string({
      description:
        'ID of an account; storefronts only, for their own accounts. Other callers give `storefrontAccount`.',
    }),
    storefrontAccount: t.field({ type: StorefrontAccountKey, description: 'Account at a storefront.' }),
    loyaltyCard: t.string({ description: 'Number of a loyalty card.' }),
    socialHandle: t.field({ type: SocialAddressInput, description: 'Name at a social network.' }),
  }),
});

const MAX_NETWORK = 64;
const ADDRESSES = {
  email: ['EMAIL', 'an e-mail address; write name@example.com'],
  phone: ['PHONE', 'a telephone number with its country code; write all its digits as in +33612345678'],
  loyaltyCard: ['LOYALTY_CARD', 'the number of a loyalty card'],
} as const satisfies Record<string, readonly [IdentifierKind, string]>;

/** The identifier of an address. @throws Refused InvalidInput, without repeating what was typed */
export function addressOf(
  context: Context,
  known: Awaited<ReturnType<typeof storefronts>>,
  given: typeof ConsentAddressInput.$inferInput,
  path: string,
): StoredIdentifier {
  const hashes = new IdentifierHashes(context.secretKey);
  if (given.storefrontAccount != null)
    return accountAt(context, given.storefrontAccount, known, `${path}.storefrontAccount`);
  if (given.account != null) {
    if (context.caller.role === 'STOREFRONT') return ownAccount(context, given.account, `${path}.account`);
    const message = `${path}.account needs the name of its storefront; give storefrontAccount.`;
    refuse('InvalidInput', message, { path: `${path}.account` });
  }
  if (given.socialHandle != null) {
    const { network, handle } = given.socialHandle;
    checkText(network, `${path}.socialHandle.network`, MAX_NETWORK);
    checkText(handle, `${path}.socialHandle.handle`, MAX_IDENTIFIER_LENGTH);
    const found = hashes.typed('SOCIAL_HANDLE', handle, { scope: network });
    if (found !== null) return found;
  }
  for (const name of ['email', 'phone', 'loyaltyCard'] as const) {
    const typed = given[name];
    if (typed == null) continue;
    const [kind, what] = ADDRESSES[name];
    checkText(typed, `${path}.${name}`, MAX_IDENTIFIER_LENGTH);
    const found = hashes.typed(kind, typed);
    if (found === null)
      refuse('InvalidInput', `${path}.${name} is not ${what}.`, { path: `${path}.${name}` });
    return found;
  }
  refuse('InvalidInput', `${path} names nobody; give one address.`, { path });
}

/** The storefronts when one of these addresses names one. */
export const knownStorefronts = async (
  { db }: Context,
  addresses: readonly (typeof ConsentAddressInput.$inferInput)[],
) => (addresses.some(({ storefrontAccount }) => storefrontAccount != null) ? storefronts(db) : []);

export const ConsentInput = builder.inputType('ConsentInput', {
  description: 'A decision of a person.',
  fields: (t) => ({
    address: t.field({
      type: ConsentAddressInput,
      required: true,
      description:
        'The address by which the person decided. A consent on a channel needs an address of that channel.',
    }),
    purpose: t.field({ type: ConsentPurposeEnum, required: true, description: 'What it is about.' }),
    channel: t.field({ type: ConsentChannelEnum, description: 'The channel; by default every channel.' }),
    at: t.field({ type: 'DateTime', description: 'When the person decided; by default now.' }),
    textVersion: t.string({ description: 'Version of the text that the person agreed to.' }),
    proof: t.string({ description: 'Where the proof is kept, such as the key of a form. No names.' }),
  }),
});

const EARLIEST = new Date('2000-01-01T00:00:00Z');

/** @throws Refused InvalidInput */
export async function checkedConsents(
  context: Context,
  typed: readonly (typeof ConsentInput.$inferInput)[],
  isGiven: boolean,
): Promise<NewConsent[]> {
  checkCount(typed, 'consents', CONSENT_LIMITS.entries);
  const known = await knownStorefronts(
    context,
    typed.map(({ address }) => address),
  );
  const consents = typed.map((one, i) => {
    const path = `consents.${i}`;
    const identifier = addressOf(context, known, one.address, `${path}.address`);
    const channel = one.channel ?? null;
    const needed = isGiven ? neededAddress(channel, identifier.kind) : null;
    if (needed !== null) {
      const message = `${path}.address is not an address of the channel ${channel}; give one of the kind ${needed}, or leave out the channel.`;
      refuse('InvalidInput', message, { path: `${path}.address` });
    }
    if (one.at != null) checkInstant(one.at, `${path}.at`, EARLIEST, context.now);
    return {
      ...{ identifier, channel, purpose: one.purpose, at: one.at?.toISOString() ?? null },
      textVersion: optionalLine(one.textVersion, `${path}.textVersion`, CONSENT_LIMITS.textVersion),
      proof: optionalLine(one.proof, `${path}.proof`, CONSENT_LIMITS.proof),
    };
  });
  checkDistinct(
    consents.map(({ identifier, purpose, channel }) => [identifierText(identifier), purpose, channel]),
    'consents',
  );
  return consents;
}
