// PINs in GraphQL: their states, for managers, who reset and unlock them. A PIN itself is set over `/session/pin` only.

import { encodeGlobalID } from '@pothos/plugin-relay';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { commandPrice } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { managedLocation } from '../actions/devices';
import { type PinReset, type PinRules, resetPin, unlockPin } from '../actions/pins';
import { clearCallerCache } from '../queries/callers';
import { type TabletPersonRow, tabletPeople } from '../queries/devices';
import { startPin } from '../rules/pin';
import { MANAGERS } from './devices';
import { Actor } from './types';

const PIN_STATES = {
  NONE: { description: 'There is no PIN yet; give a start PIN with resetPin.' },
  START: { description: 'A start PIN that its person has not replaced yet.' },
  OPEN: { description: 'The person signs in with it.' },
  LOCKED: { description: 'Too many wrong PINs in a row; unlock it with unlockPin.' },
} as const;
type PinState = keyof typeof PIN_STATES;
const PinStateEnum = builder.enumType('PinState', {
  description: 'Whether a person can sign in with a PIN.',
  values: PIN_STATES,
});

const rulesOf = ({ config, secretKey }: Context): PinRules => {
  const { pinLength, pinAttempts } = config.sessions;
  return { secretKey, pinLength, pinAttempts };
};

function stateOf({ hasPin, attempts, startExpiresAt }: TabletPersonRow, { config }: Context): PinState {
  if (!hasPin) return 'NONE';
  if (attempts >= config.sessions.pinAttempts) return 'LOCKED';
  return startExpiresAt === null ? 'OPEN' : 'START';
}

const TabletPerson = builder.objectRef<TabletPersonRow>('TabletPerson').implement({
  description: 'A person of a shop, as a sign-in on its shared tablets sees it.',
  authScopes: MANAGERS,
  fields: (t) => ({
    actor: t.id({
      description: 'Global ID of the actor, for `resetPin` and `unlockPin`.',
      resolve: ({ actorId }) => encodeGlobalID('Actor', actorId),
    }),
    name: t.exposeString('name', { description: 'Unique name of the actor.' }),
    manager: t.exposeBoolean('manager', {
      description: 'Whether it is a manager, whose PIN only an administrator resets.',
    }),
    pin: t.field({
      type: PinStateEnum,
      description: 'Whether the person can sign in with a PIN.',
      resolve: (person, _args, context) => stateOf(person, context),
    }),
    pinSetAt: t.expose('setAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the PIN was set; null without a PIN.',
    }),
  }),
});

builder.queryField('tabletPeople', (t) =>
  t.field({
    type: [TabletPerson],
    description:
      'The staff of a location and the states of their PINs, by name. For its managers and administrators.',
    authScopes: MANAGERS,
    args: { location: t.arg.string({ required: true, description: 'Code of the location.' }) },
    resolve: async (_root, { location }, context) => {
      const { id } = await managedLocation(context.db, context.caller, location);
      return tabletPeople(context.db, id);
    },
  }),
);

const resetPinSuccess: Success<PinReset> = {
  authScopes: MANAGERS,
  fields: (t) => ({
    startPin: t.string({
      description:
        'The start PIN, which the person replaces at the next sign-in on a tablet. It is only in this answer and in the answers to retries of this request.',
      resolve: ({ nonce, length }, _args, { secretKey }) => startPin(secretKey, nonce, length),
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When the start PIN stops working.',
      resolve: ({ expiresAt }) => new Date(expiresAt),
    }),
  }),
};

mutation('resetPin', {
  description:
    'Replaces the PIN of a person by a start PIN, and ends the sessions that were opened with it. For STAFF who are managers, about the staff of their shops who are no managers, and administrators.',
  authScopes: MANAGERS,
  price: commandPrice(),
  input: (t) => ({
    actor: t.globalID({ required: true, for: [Actor], description: 'Global ID of the person’s actor.' }),
  }),
  success: resetPinSuccess,
  refusals: [WrongState],
  execute: async (input, context, request) => {
    const { id } = input.actor;
    const done = await resetPin(rulesOf(context))(context.db, request({ actorId: Number(id), key: id }));
    await clearCallerCache(context.db);
    return done;
  },
});

const unlockPinSuccess: Success<{ actorId: number }> = {
  authScopes: MANAGERS,
  fields: (t) => ({
    actor: t.id({
      description: 'Global ID of the actor, who may try again.',
      resolve: ({ actorId }) => encodeGlobalID('Actor', actorId),
    }),
  }),
};

mutation('unlockPin', {
  description:
    'Lets a person whose PIN is locked try again; the PIN stays the same. For STAFF who are managers, about the staff of their shops who are no managers, and administrators.',
  authScopes: MANAGERS,
  price: commandPrice(),
  input: (t) => ({
    actor: t.globalID({ required: true, for: [Actor], description: 'Global ID of the person’s actor.' }),
  }),
  success: unlockPinSuccess,
  refusals: [WrongState],
  execute: (input, context, request) => {
    const { id } = input.actor;
    return unlockPin(rulesOf(context))(context.db, request({ actorId: Number(id), key: id }));
  },
});
