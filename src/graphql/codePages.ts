// Pages of records that have a code: ordered by code, which is also the cursor, so that a page never shifts.

import { type PageInfoShape, resolveCursorConnection } from '@pothos/plugin-relay';
import { badCursor } from './errors';
import { MAX_PAGE, USUAL_PAGE } from './limits';

const MAX_CURSOR = 200;
const PREFIX = 'code:';

/** What a page asks of the database: up to `limit` keys, in falling order when it walks backwards. */
export interface CodePage {
  /** The code to begin behind, in the direction of walking; null: at the end. */
  beyond: string | null;
  backwards: boolean;
  limit: number;
}

interface CodePageArgs {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

const toCursor = (code: string): string => Buffer.from(PREFIX + code).toString('base64url');

function codeOf(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const code = Buffer.from(cursor, 'base64url').toString('utf8').slice(PREFIX.length);
  if (cursor.length > MAX_CURSOR || toCursor(code) !== cursor || code.includes('\u0000')) {
    throw badCursor();
  }
  return code;
}

interface CodePageKey {
  id: number;
  code: string;
}

/** Relay's connection over `find`'s keys; `load` gives their nodes in the same order. */
export async function codePages<N>(
  args: CodePageArgs,
  find: (page: CodePage) => Promise<CodePageKey[]>,
  load: (ids: readonly number[]) => Promise<readonly (N | Error)[]>,
) {
  const { edges, pageInfo } = (await resolveCursorConnection<Promise<CodePageKey[]>>(
    { args, defaultSize: USUAL_PAGE, maxSize: MAX_PAGE, toCursor: (key) => toCursor(key.code) },
    ({ after, before, limit, inverted }) =>
      find({ beyond: codeOf(inverted ? before : after), backwards: inverted, limit }),
  )) as { edges: { cursor: string; node: CodePageKey }[]; pageInfo: PageInfoShape };
  const nodes = await load(edges.map(({ node }) => node.id));
  return {
    pageInfo,
    edges: edges.map(({ cursor }, i) => {
      const node = nodes[i]!;
      if (node instanceof Error) throw node;
      return { cursor, node };
    }),
  };
}
