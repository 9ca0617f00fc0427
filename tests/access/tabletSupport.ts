// Shared tablets for tests: a manager enrols them, and people sign in on them with their PINs.

import type { TestApp } from '../support/app';
import { Browser, type BrowserAnswer } from './browser';

const CREATE = `mutation ($key: String!, $location: String!, $name: String!) {
  createDevice(input: { idempotencyKey: $key, location: $location, name: $name }) {
    __typename ... on Refusal { message } ... on CreateDeviceSuccess { code device { id name codeExpiresAt enrolledAt } } } }`;
const RESET = `mutation ($key: String!, $actor: ID!) { resetPin(input: { idempotencyKey: $key, actor: $actor }) {
    __typename ... on Refusal { message } ... on ResetPinSuccess { startPin expiresAt } } }`;
const UNLOCK = `mutation ($key: String!, $actor: ID!) { unlockPin(input: { idempotencyKey: $key, actor: $actor }) {
    __typename ... on Refusal { message } ... on WrongState { state } ... on UnlockPinSuccess { actor } } }`;
const REVOKE = `mutation ($key: String!, $device: ID!) { revokeDevice(input: { idempotencyKey: $key, device: $device }) {
    __typename ... on Refusal { message } ... on RevokeDeviceSuccess { device { id revokedAt } } } }`;
const PEOPLE = `query ($location: String!) { tabletPeople(location: $location) { actor name manager pin pinSetAt } }`;

let keys = 0;
function freshKey(): string {
  keys += 1;
  return `tablet-${keys}`;
}

/** A PIN that may be chosen, another one for each number. */
export const goodPin = (n: number): string => String(739_184 + 1_357 * n);

export class Tablets {
  constructor(readonly app: TestApp) {}

  /** A token of a new manager of these shops. */
  async manager(name: string, locations = ['paris']): Promise<string> {
    const token = await this.app.token('STAFF', name, locations);
    await this.app.db.rows('UPDATE actor SET manager = true WHERE name = $1', [name]);
    return token;
  }

  create(token: string, { location = 'paris', name = 'counter', key = freshKey() } = {}) {
    return this.app.gql(token, CREATE, { key, location, name });
  }
  reset(token: string, actor: string, key = freshKey()) {
    return this.app.gql(token, RESET, { key, actor });
  }
  unlock(token: string, actor: string) {
    return this.app.gql(token, UNLOCK, { key: freshKey(), actor });
  }
  revoke(token: string, device: string) {
    return this.app.gql(token, REVOKE, { key: freshKey(), device });
  }
  people(token: string, location = 'paris') {
    return this.app.gql(token, PEOPLE, { location });
  }
  async person(token: string, name: string) {
    const { data } = await this.people(token);
    return data.tabletPeople.find((one) => one.name === name)!;
  }

  /** A browser that this manager's code has enrolled. */
  async enrolled(token: string, location = 'paris'): Promise<{ browser: Browser; device: string }> {
    const { data } = await this.create(token, { location });
    const browser = new Browser(this.app.url);
    await enrol(browser, data.createDevice.code!);
    return { browser, device: data.createDevice.device.id };
  }

  /** A new member of staff with this PIN, set by its own person in a session of a token. */
  async withPin(name: string, pin: string, locations = ['paris']): Promise<number> {
    const browser = new Browser(this.app.url);
    await browser.signIn(await this.app.token('STAFF', name, locations));
    const { status } = await browser.send('PUT', '/session/pin', { body: { pin } });
    if (status !== 204) throw new Error(`the PIN of ${name} was answered ${status}`);
    const [row] = await this.app.db.rows<{ id: number }>('SELECT id FROM actor WHERE name = $1', [name]);
    return row!.id;
  }
}

export const enrol = (browser: Browser, code: string): Promise<BrowserAnswer> =>
  browser.send('POST', '/session/device', { body: { code } });

/** Signs in with a PIN: the status, and the name or the code of the answer. */
export async function enter(browser: Browser, person: number, pin: string, newPin?: string) {
  const { status, body } = await browser.send('POST', '/session/pin', { body: { person, pin, newPin } });
  return [status, body.actor?.name ?? body.errors[0].extensions.code];
}
