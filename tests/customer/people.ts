// People of the tests of customers: interactions recorded with identifiers, verified by an actor or only claimed.

import { appendLinks, lockCustomers, rederiveCustomers } from '../../src/customer/actions/links';
import { recordInteractions } from '../../src/customer/actions/recordInteractions';
import { accountScope, IdentifierHashes, type IdentifierKind } from '../../src/customer/rules/identifiers';
import type { NewInteraction, SeenIdentifier } from '../../src/customer/rules/interactions';
import type { LinkKind } from '../../src/customer/rules/links';
import { inTransaction } from '../../src/db/transaction';
import type { TestApp } from '../support/app';

const ACTOR = 'SELECT id FROM actor WHERE name = $1';
const ORDER = 'SELECT id FROM customer_order WHERE number = $1';
const CUSTOMERS =
  'SELECT customer_id AS "customerId" FROM identifier WHERE id = ANY($1::bigint[]) ORDER BY id';

let keys = 0;

export type Told = Partial<NewInteraction> & { identifiers: SeenIdentifier[] };

/** How the tests of an app record what was seen of people. */
export function peopleOf(app: TestApp) {
  const hashes = new IdentifierHashes(app.parts.secretKey);
  return {
    /** An identifier that an actor verified (0: the program itself); null: only claimed. */
    seen(kind: IdentifierKind, typed: string, verifiedBy: number | null = null, scope = ''): SeenIdentifier {
      if (kind === 'WEB_ACCOUNT' && verifiedBy !== null) scope ||= accountScope(verifiedBy);
      return { ...hashes.typed(kind, typed, { scope })!, verifiedBy };
    },
    async actorId(name: string): Promise<number> {
      const [row] = await app.db.rows<{ id: number }>(ACTOR, [name]);
      return row!.id;
    },
    async orderId(number: string): Promise<string> {
      const [row] = await app.db.rows<{ id: string }>(ORDER, [number]);
      return row!.id;
    },
    /** Lets the model join two identifiers, or part them again; answers their customers. */
    async modelLinks(kind: LinkKind, lowId: number, highId: number): Promise<string[]> {
      await inTransaction(app.db, async (tx) => {
        await lockCustomers(tx);
        const evidence = [{ bits: kind === 'JOIN' ? 20 : 0, parts: [] }];
        const pairs = [[lowId, highId]] as [number, number][];
        await appendLinks(tx, app.parts.clock(), { kind, origin: 'MODEL', actorId: 0, pairs, evidence });
        await rederiveCustomers(tx, [lowId, highId], app.parts.config.identity.limits);
      });
      const rows = await app.db.rows<{ customerId: string }>(CUSTOMERS, [[lowId, highId]]);
      return rows.map(({ customerId }) => customerId);
    },
    /** Records interactions; answers the customer of each. */
    async record(...interactions: Told[]): Promise<string[]> {
      const { identity } = app.parts.config;
      const now = app.parts.clock();
      const rows = await inTransaction(app.db, (tx) =>
        recordInteractions(
          tx,
          { identity, now },
          interactions.map((one) => ({
            kind: 'CONTACT' as const,
            source: 'test',
            sourceKey: `${++keys}`,
            at: now,
            channel: 'PHONE',
            ...one,
          })),
        ),
      );
      return rows.map((row) => row!.customerId);
    },
  };
}
export type People = ReturnType<typeof peopleOf>;
