// importCustomers: another system sends what it knows of customers, under the rules of its files.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { openFeed } from '../../sales/actions/imports/feeds';
import { isRejection } from '../../sales/actions/imports/listRecords';
import {
  advance,
  applied,
  beginRun,
  finishRun,
  type Reject,
  setAside,
} from '../../sales/actions/imports/runs';
import { NOTHING } from '../../sales/actions/imports/step';
import type { LineCounts } from '../../sales/rules/outcome';
import type { RejectCode } from '../../sales/rules/rejection';
import { IdentifierHashes, type IdentityRules } from '../rules/identifiers';
import {
  PERSONAL_COLUMNS,
  type ProfileColumn,
  type ProfileLine,
  type ProfileReading,
  readProfile,
} from '../rules/profileLine';
import { countProfiles, namesOfProfiles } from './importProfiles';
import { storeProfiles } from './storeProfiles';

/** The texts of a line by the columns of a file. */
export type ProfileTexts = Partial<Record<ProfileColumn, string>>;

export interface ImportCustomersInput {
  feed: string;
  /** Where telephone numbers are dialled whose line names neither country nor shop. */
  country: string | null;
  lines: ProfileTexts[];
}

/** Counts of the lines; rejected lines are numbered by their position in the request, from 1. */
export interface ImportCustomersDone extends LineCounts {
  runId: number;
  /** Lines about customers who were erased; they were left out. */
  erased: number;
  rejects: { line: number; code: RejectCode; reason: string }[];
}

/** Text stored of a rejected line: all columns but those that name people. */
function keptOf(texts: ProfileTexts): string {
  const kept = Object.entries(texts).filter(([column]) => !PERSONAL_COLUMNS.has(column));
  return JSON.stringify(Object.fromEntries(kept));
}

function readLines(lines: readonly ProfileTexts[], reading: ProfileReading) {
  const good: ProfileLine[] = [];
  const rejects: Reject[] = [];
  for (const [i, texts] of lines.entries()) {
    const read = readProfile((column) => texts[column as ProfileColumn] || undefined, reading);
    if (isRejection(read)) rejects.push({ line: i + 1, raw: keptOf(texts), units: null, ...read });
    else good.push(read);
  }
  return { good, rejects };
}

/** What the command needs beside its input. */
export interface ImportCustomersParts {
  secretKey: Buffer;
  config: { identity: IdentityRules };
}

/**
 * Takes what a feed states about customers. A statement that is known changes nothing. `input` is checked by the schema layer.
 * @throws Forbidden for the feed of another
 */
export const importCustomers = ({ secretKey, config: { identity } }: ImportCustomersParts) =>
  defineCommand(
    'importCustomers',
    async (tx: Tx, command: Command<ImportCustomersInput>): Promise<ImportCustomersDone> => {
      const { input, now, idempotencyKey, actor } = command;
      const { feed, country, lines } = input;
      const feedId = await openFeed(tx, feed, null, actor);
      const { good, rejects } = readLines(lines, {
        ...{ feed, now, hashes: new IdentifierHashes(secretKey), dateOrder: 'ymd', verifier: actor.actorId },
        ...{ defaults: { storefront: null, country, verified: [] }, ...(await namesOfProfiles(tx)) },
      });
      const fileName = `importCustomers by ${actor.name}`;
      const what = { feedId, kind: 'customers', fileName, fileHash: idempotencyKey, options: {} };
      const run = await beginRun(tx, what, now);
      await setAside(tx, run.id, rejects);
      const scope = { identity, feed, now, statedAt: now, actorId: actor.actorId };
      const outcomes = await storeProfiles(tx, scope, good);
      const erased = outcomes.filter((outcome) => outcome === 'ERASED').length;
      const counts = countProfiles(outcomes);
      const read = { lines: lines.length, records: lines.length, rejected: rejects.length };
      await advance(tx, run.id, { ...read, figures: { erased } });
      await applied(tx, run.id, 0, { ...NOTHING, ...counts }, { erased });
      await finishRun(tx, run.id, now);
      return {
        ...{ ...counts, runId: run.id, erased },
        rejects: rejects.map(({ line, code, reason }) => ({ line, code, reason })),
      };
    },
  );
