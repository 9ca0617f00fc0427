// Sends the operations of the element by their ids, with the publishable token of the shop.

import type { ElementOperations } from '../operations.generated';
import { ELEMENT_OPERATIONS } from './operations';

export interface Point {
  latitude: number;
  longitude: number;
}
export type Line = ElementOperations['reserve']['variables']['lines'][number];
export type ShopOption = NonNullable<ElementOperations['options']['answer']['pickupOptions']>[number];

/** Where requests go, and the publishable token. */
export interface Access {
  endpoint: string;
  token: string;
}

/** `NETWORK`: it may succeed when it is tried again. `FAILED`: the page or its token is to be corrected. */
export class ElementProblem extends Error {
  constructor(
    readonly kind: 'NETWORK' | 'FAILED',
    message: string,
  ) {
    super(message);
  }
}

/** How long a reservation lasts: the operation `reserve` states it. */
export const RESERVATION_MS = 20 * 60_000;
const TIMEOUT_MS = 12_000;
const RETRY_AFTER_MS = 1_200;
/** Answers after which the same request may succeed a moment later. */
const PASSING = [429, 502, 503, 504];

interface ElementAnswer {
  data?: object | null;
  errors?: { message: string }[];
}

/** @throws ElementProblem */
async function attempt({ endpoint, token }: Access, documentId: string, variables: object): Promise<object> {
  let status = 0;
  let answer: ElementAnswer;
  try {
    const response = await fetch(`${endpoint}/elements/graphql`, {
      method: 'POST',
      credentials: 'omit',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ documentId, variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    status = response.status;
    answer = (await response.json()) as ElementAnswer;
  } catch (error) {
    throw new ElementProblem('NETWORK', String(error));
  }
  const { data, errors } = answer;
  if (data && !errors) return data;
  throw new ElementProblem(
    PASSING.includes(status) ? 'NETWORK' : 'FAILED',
    errors?.[0]?.message ?? `HTTP ${status}`,
  );
}

/** Sends one operation, and once more where the network failed: changes have a key. @throws ElementProblem */
export async function send<Name extends keyof ElementOperations & keyof typeof ELEMENT_OPERATIONS>(
  access: Access,
  name: Name,
  variables: ElementOperations[Name]['variables'],
): Promise<ElementOperations[Name]['answer']> {
  type Answer = ElementOperations[Name]['answer'];
  const once = () => attempt(access, ELEMENT_OPERATIONS[name], variables) as Promise<Answer>;
  try {
    return await once();
  } catch (error) {
    if (!(error instanceof ElementProblem) || error.kind !== 'NETWORK') throw error;
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
    return once();
  }
}

/** A key of 128 random bits; `randomUUID` would need a secure context. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
