// The chain that the fuzzer misbehaves in: stock and a supplier, and locations that stay open whoever closes them.

import type { Role } from '../../src/access/rules/roles';
import type { Db } from '../../src/db/pool';
import { newToken } from '../support/world';
import type { FuzzClient } from './fuzzClient';
import type { Who } from './fuzzPost';

let opened = 0;

/** Who may ask, with tokens that are renewed when a run of its own revoked them. */
export class Shop {
  readonly #tokens = new Map<Role, string>();
  constructor(
    readonly db: Db,
    private readonly client: FuzzClient,
  ) {}

  /** The token to send; null for nobody. */
  async token(who: Who): Promise<string | null> {
    if (who === 'NOBODY') return null;
    if (who === 'STRANGER') return `nonsense-${Math.random()}`;
    return this.#tokens.get(who) ?? this.renew(who);
  }

  async renew(role: Role): Promise<string> {
    const token = await newToken(this.db, role, undefined, role === 'STAFF' ? ['paris'] : []);
    this.#tokens.set(role, token);
    return token;
  }

  async #act(name: string, input: object): Promise<void> {
    opened += 1;
    const type = name[0]!.toUpperCase() + name.slice(1);
    const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on Refusal { message } } }`;
    const variables = { input: { idempotencyKey: `open-${process.pid}-${Date.now()}-${opened}`, ...input } };
    const { text } = await this.client.send(
      {
        name: 'open',
        way: 'plain',
        who: 'ADMIN',
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ query, variables })),
      },
      await this.renew('ADMIN'),
    );
    if (!text.includes(`"${type}Success"`)) throw new Error(`${name} was answered with ${text}`);
  }

  /** Opens every location again, with the same SKUs and fresh stock. */
  async open(): Promise<void> {
    const skus = ['LAMP', 'MUG', 'TENT-2', 'SOCK-M'];
    const places = ['paris', 'lyon', 'depot'];
    await this.#act('upsertSkus', { skus: skus.map((code) => ({ code, active: true })) });
    await this.#act('upsertLocations', {
      locations: places.map((code) => ({ code, active: true, pickup: { enabled: true } })),
    });
    await this.#act('upsertSuppliers', { suppliers: [{ code: 'ACME', name: 'Acme', leadTimeDays: 3 }] });
    for (const location of places) {
      const lines = skus.map((sku) => ({ sku, quantity: 500 }));
      await this.#act('receiveStock', { location, lines });
    }
  }
}
