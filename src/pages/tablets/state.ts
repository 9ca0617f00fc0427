// What the page of tablets knows: the person, the shop, its tablets and its people.

import { signal } from '@preact/signals';
import { createApi } from '../foundation/api';
import { attempt, person } from '../foundation/person';
import { isSignedIn, type SessionActor } from '../foundation/session';
import type { TabletsOperations } from '../operations.generated';
import { texts } from './messages';
import { TABLETS_OPERATIONS } from './operations';

export const api = createApi<TabletsOperations>(TABLETS_OPERATIONS);

type Overview = TabletsOperations['overview']['answer'];
export type TabletEntry = NonNullable<
  NonNullable<NonNullable<NonNullable<Overview['devices']>['nodes']>[number]>
>;
export type PersonEntry = NonNullable<Overview['tabletPeople']>[number];

export interface ManagedShop {
  code: string;
  name: string;
}

export const shops = signal<ManagedShop[]>([]);
export const shop = signal<ManagedShop | null>(null);
export const devices = signal<TabletEntry[]>([]);
export const people = signal<PersonEntry[]>([]);
/** Reads the tablets and people of the shop. @throws ApiProblem */
export async function refresh(isBackground = false): Promise<void> {
  const code = shop.value?.code;
  if (code === undefined) return;
  const answer = await api.send('overview', { location: code }, { isBackground });
  if (shop.value?.code !== code) return;
  const nodes = answer.devices?.nodes ?? [];
  devices.value = nodes.flatMap((one) => (one === null || one.revokedAt !== null ? [] : [one]));
  people.value = answer.tabletPeople ?? [];
}

/** Shows another shop. */
export function chooseShop(chosen: ManagedShop): void {
  devices.value = [];
  people.value = [];
  shop.value = chosen;
  void attempt(refresh);
}

/** Begins the work of a manager. @throws ApiProblem, or an Error for others */
export async function begin(actor: SessionActor): Promise<void> {
  if (actor.role !== 'ADMIN' && !actor.manager) throw new Error(texts.value.notManager);
  const { locations } = actor;
  shops.value =
    locations.length > 0
      ? locations
      : ((await api.send('shops', {})).locations?.nodes ?? []).flatMap((one) => one ?? []);
  person.value = actor;
  isSignedIn.value = true;
  if (shops.value[0] !== undefined) chooseShop(shops.value[0]);
}
