// The keys of a NotFound as the client sent them: commands know ids and codes as they are stored.

import type { GraphQLResolveInfo } from 'graphql';
import { codeLookups } from '../db/codes';
import type { RefusalData } from '../refusals';
import type { Context } from './context';
import { decodeGlobalID, encodeGlobalID } from './ids';
import { sentArguments } from './sentText';

type NotFoundData = Extract<RefusalData, { kind: 'NotFound' }>;

/** Longer texts are notes and files, not keys. */
const MAX_KEY = 200;

/** Every text and number of the arguments, at any depth. */
function textsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value);
    if (text.length <= MAX_KEY) found.add(text);
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) textsIn(inner, found);
  }
  return found;
}

const folded = (text: string): string => text.trim().toLowerCase();

/** What was sent by the key inside a global id, by that id as we write it, and by how it reads in small letters; of two the first. */
function spellings(sent: ReadonlySet<string>): Map<string, string> {
  const byKey = new Map<string, string>();
  for (const text of sent) {
    if (!byKey.has(folded(text))) byKey.set(folded(text), text);
    try {
      const { typename, id } = decodeGlobalID(text);
      byKey.set(id, text).set(encodeGlobalID(typename, id), text);
    } catch {
      // Most texts are no ids.
    }
  }
  return byKey;
}

/** Which of the texts sent stand for the same things as these codes: aliases of them. */
async function aliasesOf(
  codes: readonly string[],
  sent: ReadonlySet<string>,
  { db }: Context,
): Promise<Map<string, string>> {
  const aliases = new Map<string, string>();
  for (const lookup of codeLookups()) {
    const ids = await lookup.known(db, [...codes, ...sent]);
    const textOf = new Map(
      [...sent].flatMap((text) => (ids.has(text) ? [[ids.get(text)!, text] as const] : [])),
    );
    for (const code of codes) {
      const text = ids.has(code) ? textOf.get(ids.get(code)!) : undefined;
      if (text !== undefined) aliases.set(code, text);
    }
  }
  return aliases;
}

/**
 * The refusal with its keys, and its message, in the client's spelling: the global id for a number or uuid, the alias
 * for the code it stands for, the text as it was typed. So a client can match them with what it requested, whichever
 * command found them missing.
 */
export async function inSentSpelling(
  refusal: NotFoundData,
  info: GraphQLResolveInfo,
  context: Context,
): Promise<NotFoundData> {
  const sent = textsIn(sentArguments(info, context.variables));
  const other = refusal.keys.filter((key) => !sent.has(key));
  if (other.length === 0) return refusal;
  const byKey = spellings(sent);
  const codes = other.filter((key) => !byKey.has(key));
  const aliases = codes.length > 0 ? await aliasesOf(codes, sent, context) : new Map<string, string>();
  const spelt = (key: string): string =>
    sent.has(key) ? key : (byKey.get(key) ?? aliases.get(key) ?? byKey.get(folded(key)) ?? key);
  let { message } = refusal;
  // A number may stand in the message for something else.
  for (const key of other) if (/\D/.test(key)) message = message.replaceAll(key, spelt(key));
  return { ...refusal, keys: refusal.keys.map(spelt), message };
}
