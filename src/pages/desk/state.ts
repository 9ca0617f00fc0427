// What the service desk knows: the search, and the open customer.

import { batch, type Signal, signal } from '@preact/signals';
import { ApiProblem, createApi } from '../foundation/api';
import { person, problem, reasonOf } from '../foundation/person';
import { isSignedIn, type SessionActor } from '../foundation/session';
import type { DeskOperations } from '../operations.generated';
import { texts } from './messages';
import { DESK_OPERATIONS } from './operations';
import { keyOfHash, kindOfKey, readSearch, type Search, type SearchedKey } from './searchKeys';

export const api = createApi<DeskOperations>(DESK_OPERATIONS);

export type CustomerContext = NonNullable<DeskOperations['context']['answer']['customerContext']>;
export type OpenedCustomer = CustomerContext['customer'];
export type Identifier = OpenedCustomer['identifiers'][number];
export type FoundCustomer = NonNullable<DeskOperations['find']['answer']['customer']>;
export type SuggestedAct = CustomerContext['suggestions'][number];

/** What stands below the search box. */
export type Screen = 'HOME' | 'BUSY' | 'RESULTS' | 'CUSTOMER' | 'NOBODY';

export const typed = signal('');
export const screen = signal<Screen>('HOME');
export const found = signal<FoundCustomer[]>([]);
export const opened = signal<CustomerContext | null>(null);
/** The kinds of keys by which nobody was found. */
export const tried = signal<string[]>([]);
/** What was done last; read out. */
export const notice = signal<string | null>(null);
export const locations = signal<{ code: string; name: string }[]>([]);

/** Roles that the page is for. */
export const ROLES = ['AGENT', 'DATA_STEWARD', 'ADMIN'];

/** Whether the person decides about customers' data. */
export const isSteward = (): boolean => ['DATA_STEWARD', 'ADMIN'].includes(person.value?.role ?? '');
/** Whether the person may change orders of customers. */
export const isAgent = (): boolean => ['AGENT', 'ADMIN'].includes(person.value?.role ?? '');

/** What was typed into dialogs and not sent yet, by field: a session that ends midway loses none of it. */
const drafts = new Map<string, Signal<string>>();
export function draft(field: string, initial = ''): Signal<string> {
  const known = drafts.get(field) ?? signal(initial);
  drafts.set(field, known);
  return known;
}
/** Forgets what was typed into a dialog. */
export function discardDrafts(prefix = ''): void {
  for (const field of drafts.keys()) if (field.startsWith(prefix)) drafts.delete(field);
}

/** Which search counts: an older one that answers later does not. */
let current = 0;

/** Runs a search; what it finds is shown unless another one has begun meanwhile. */
async function run(work: (isCurrent: () => boolean) => Promise<void>): Promise<void> {
  const mine = ++current;
  batch(() => {
    problem.value = null;
    notice.value = null;
    screen.value = 'BUSY';
  });
  try {
    await work(() => mine === current);
  } catch (error) {
    if (mine !== current) return;
    batch(() => {
      problem.value = reasonOf(error);
      screen.value = opened.value === null ? 'HOME' : 'CUSTOMER';
    });
  }
}

function show(context: CustomerContext): void {
  batch(() => {
    if (opened.value?.customer.id !== context.customer.id) discardDrafts();
    opened.value = context;
    screen.value = 'CUSTOMER';
  });
}

function showNobody(keys: readonly string[]): void {
  batch(() => {
    opened.value = null;
    tried.value = [...keys];
    screen.value = 'NOBODY';
  });
}

const hashOf = ({ customer }: CustomerContext): string => `#customer=${encodeURIComponent(customer.id)}`;

/** Opens the customer with a key; its address names the customer from then on. */
export function openCustomer(by: SearchedKey, isInAddress = false): Promise<void> {
  return run(async (isCurrent) => {
    const { customerContext } = await api.send('context', { by });
    if (!isCurrent()) return;
    if (customerContext === null) return showNobody([kindOfKey(by)]);
    show(customerContext);
    if (!isInAddress && location.hash !== hashOf(customerContext)) {
      history.pushState(null, '', hashOf(customerContext));
    }
  });
}

/** Reads the open customer again, after something was done. */
export async function refresh(): Promise<void> {
  const id = opened.value?.customer.id;
  if (id === undefined) return;
  const mine = current;
  const { customerContext } = await api.send('context', { by: { id } });
  if (mine === current && customerContext !== null) show(customerContext);
}

/** The customers with these keys. A key that cannot be one is nobody's, unless it is the only one. @throws ApiProblem */
async function findByKeys(keys: readonly SearchedKey[]): Promise<FoundCustomer[]> {
  const answers = await Promise.all(
    keys.map(async (by) => {
      try {
        return (await api.send('find', { by })).customer;
      } catch (error) {
        if (error instanceof ApiProblem && error.kind === 'FAILED') return null;
        throw error;
      }
    }),
  );
  const customers = answers.filter((one) => one !== null);
  return customers.filter(({ id }, i) => customers.findIndex((one) => one.id === id) === i);
}

/** The customers that this search finds; more than one for a name, or for a number of several kinds. @throws ApiProblem */
export async function findCustomers(wanted: Search): Promise<FoundCustomer[]> {
  if (wanted.kind === 'KEYS') return findByKeys(wanted.keys);
  return (await api.send('byName', { name: wanted.name })).customersByName ?? [];
}

/** Searches for what was typed. */
export async function search(): Promise<void> {
  const wanted = readSearch(typed.value);
  if (wanted === null) return;
  if (wanted.kind === 'KEYS' && wanted.keys.length === 1) return openCustomer(wanted.keys[0]!);
  let only: FoundCustomer | undefined;
  await run(async (isCurrent) => {
    const customers = await findCustomers(wanted);
    if (!isCurrent()) return;
    if (customers.length === 0) {
      return showNobody(wanted.kind === 'NAME' ? ['name'] : wanted.keys.map(kindOfKey));
    }
    // A name is nobody's alone: the agent chooses. A number is.
    if (wanted.kind === 'KEYS' && customers.length === 1) only = customers[0];
    else
      batch(() => {
        opened.value = null;
        found.value = customers;
        screen.value = 'RESULTS';
      });
  });
  if (only !== undefined) await openCustomer({ id: only.id });
}

/** Shows what the address names. */
export function followAddress(): void {
  const key = keyOfHash(location.hash);
  if (key !== null) return void openCustomer(key, true);
  ++current;
  batch(() => {
    opened.value = null;
    screen.value = 'HOME';
  });
}

/** Begins the work of a person. Who comes back to an ended session finds what was typed; another person finds nothing of it. */
export async function begin(actor: SessionActor): Promise<void> {
  if (!ROLES.includes(actor.role)) throw new Error(texts.value.notForRole);
  const isSame = person.value?.name === actor.name;
  person.value = actor;
  isSignedIn.value = true;
  if (isSame && opened.value !== null) return;
  discardDrafts();
  // The names of locations stand in suggestions; without them their codes do.
  readLocations().catch(() => {});
  followAddress();
}

/** The name of a location; its code while the names are not read. */
export const locationName = (code: string): string =>
  locations.value.find((one) => one.code === code)?.name ?? code;

/** The names of all locations, read once. @throws ApiProblem */
export async function readLocations(): Promise<void> {
  if (locations.value.length > 0) return;
  const { locations: all } = await api.send('locations', {});
  locations.value = (all?.nodes ?? []).flatMap((one) => one ?? []);
}

/** Closes the customer who was erased, and reports it. */
export function showErased(report: string): void {
  discardDrafts();
  history.replaceState(null, '', location.pathname);
  followAddress();
  notice.value = report;
}
