// The person who is signed in, and the shops that this person works at.

import { batch } from '@preact/signals';
import {
  endSession,
  isSignedIn,
  readSession,
  type SessionActor,
  signOutOfServer,
  tablet,
} from '../foundation/session';
import { readSnapshot, removeSnapshots, storeSnapshot } from '../foundation/storage';
import { texts } from './messages';
import {
  api,
  confirmed,
  notice,
  openOrder,
  orders,
  outbox,
  type Person,
  person,
  type Shop,
  shop,
} from './state';

const SHOP_STORED_AS = 'comptoir-shop';
const PERSON = 'person';
export const ROLES = ['STAFF', 'ADMIN'];

export function chooseShop(chosen: Shop | null): void {
  batch(() => {
    orders.value = null;
    shop.value = chosen;
  });
  if (chosen === null) localStorage.removeItem(SHOP_STORED_AS);
  else localStorage.setItem(SHOP_STORED_AS, chosen.code);
}

function begin(known: Person): void {
  const { shops } = known;
  const wanted = shop.value?.code ?? localStorage.getItem(SHOP_STORED_AS);
  const chosen = shops.find(({ code }) => code === wanted) ?? (shops.length === 1 ? shops[0]! : null);
  batch(() => {
    person.value = known;
    isSignedIn.value = true;
    if (chosen?.code !== shop.value?.code) chooseShop(chosen);
  });
}

/** Begins the work of a person. @throws ApiProblem, or an Error for a role that does not work at a counter */
export async function beginAs({ name, role, locations }: SessionActor): Promise<void> {
  if (!ROLES.includes(role)) throw new Error(texts.value.notStaff(role));
  const shops = locations.length > 0 ? locations : ((await api.send('shops', {})).locations?.nodes ?? []);
  begin({ name, shops });
  await storeSnapshot(PERSON, person.value);
}

/** Goes on with the session of this browser. Without a network the person of last time can go on working. */
export async function restorePerson(): Promise<void> {
  try {
    const actor = await readSession();
    if (actor === null) return endSession();
    await beginAs(actor);
  } catch {
    const known = await readSnapshot<Person>(PERSON);
    if (known === null) endSession();
    else begin(known);
  }
}

/**
 * Signs out. What waits to be sent would be lost with all that this browser has stored, and is sent first. A shared tablet keeps
 * what its other people have not sent yet.
 */
export async function signOut(): Promise<void> {
  const isOwn = (actor: string): boolean => tablet.value === null || actor === person.value?.name;
  if (outbox.value.some(({ state, actor }) => state === 'WAITING' && isOwn(actor))) {
    notice.value = texts.value.signOutWaits;
    return;
  }
  try {
    await removeSnapshots();
    await signOutOfServer();
  } catch {
    notice.value = texts.value.signOutOffline;
    return;
  }
  batch(() => {
    person.value = null;
    shop.value = null;
    orders.value = null;
    confirmed.value = [];
  });
  openOrder(null);
}
