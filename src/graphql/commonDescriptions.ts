// Descriptions of what repeats all over the schema: pages, ids, inputs of mutations. Fields with a description of their own keep it.

import SchemaBuilder, {
  BasePlugin,
  type PothosInputFieldConfig,
  type PothosOutputFieldConfig,
  type PothosTypeConfig,
  type SchemaTypes,
} from '@pothos/core';
import { MAX_PAGE, USUAL_PAGE } from './limits';

const PLUGIN = 'commonDescriptions';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      commonDescriptions: CommonDescriptionsPlugin<Types>;
    }
  }
}

/** By "Type.field", or "Type" alone. */
const EXACT: Record<string, string> = {
  Node: 'An object with a global ID, which `node` and `nodes` read again.',
  'Node.id': 'Global ID: unique among all types, opaque to clients, and constant.',
  PageInfo: 'Where a page of a list begins and ends, and whether there is more.',
  'PageInfo.startCursor': 'Cursor of the first entry of the page; null for an empty page.',
  'PageInfo.endCursor': 'Cursor of the last entry of the page; null for an empty page.',
  'PageInfo.hasNextPage': 'Whether more entries follow this page.',
  'PageInfo.hasPreviousPage': 'Whether there are entries before this page.',
  'Query.node': 'The object with this global ID; null if there is none or the token may not read it.',
  'Query.nodes':
    'The objects with these global IDs, in the order of the argument; null where there is none or the token may not read it.',
};

/** Fields of connections and of their edges. */
const OF_PAGES: Record<string, string> = {
  edges: 'The entries of this page, each with its cursor.',
  nodes: 'The entries of this page.',
  pageInfo: 'Where this page begins and ends, and whether there is more.',
  totalCount: 'Number of entries of the whole list.',
  cursor: 'Position of this entry in the list. Pass it as `after` or `before` to read on from here.',
  node: 'The entry.',
};

const PAGE_ARGUMENTS: Record<string, string> = {
  first: `Number of entries to read from the start of the list, or behind \`after\`. At most ${MAX_PAGE}; ${USUAL_PAGE} if omitted.`,
  last: `Number of entries to read from the end of the list, or in front of \`before\`. At most ${MAX_PAGE}.`,
  after: 'Cursor: read what follows this entry. Usually `pageInfo.endCursor` of the page before.',
  before: 'Cursor: read what precedes this entry.',
};

/** Fields of any object. */
const OF_OBJECTS: Record<string, string> = {
  id: EXACT['Node.id']!,
  sku: 'The SKU.',
  location: 'The location.',
  createdAt: 'When it was created.',
  updatedAt: 'When it was last changed.',
  startedAt: 'When it started.',
  finishedAt: 'When it finished; null while it runs.',
};

/** Arguments of any field. */
const ARGUMENTS: Record<string, string> = {
  id: 'Global ID of the object.',
  ids: 'Global IDs of the objects.',
  input: 'What to change.',
  filter: 'Only entries that meet every condition given; all entries if omitted.',
};

/** "purchaseOrder" as "purchase order". */
const asWords = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const isPage = (type: string): boolean => /(Connection|Edge)$/.test(type);

function ofField(type: string, name: string): string | undefined {
  if (isPage(type) && OF_PAGES[name] !== undefined) return OF_PAGES[name];
  if (type.endsWith('Success') && OF_OBJECTS[name] === undefined) {
    return `The ${asWords(name)}, as changed by the command.`;
  }
  return EXACT[`${type}.${name}`] ?? OF_OBJECTS[name];
}

function ofType(name: string): string | undefined {
  if (name.endsWith('Connection')) return 'A page of a list.';
  if (name.endsWith('Edge')) return 'An entry of a page, with its cursor.';
  return EXACT[name];
}

class CommonDescriptionsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onTypeConfig(type: PothosTypeConfig): PothosTypeConfig {
    return { ...type, description: type.description ?? ofType(type.name) };
  }

  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const pages = field.args.after === undefined ? {} : PAGE_ARGUMENTS;
    const args = Object.fromEntries(
      Object.entries(field.args).map(([name, arg]) => [
        name,
        { ...arg, description: arg.description ?? pages[name] ?? ARGUMENTS[name] },
      ]),
    );
    return { ...field, args, description: field.description ?? ofField(field.parentType, field.name) };
  }

  override onInputFieldConfig(field: PothosInputFieldConfig<Types>): PothosInputFieldConfig<Types> {
    const { isRelayGlobalID } = (field.extensions ?? {}) as { isRelayGlobalID?: boolean };
    const ofId = isRelayGlobalID ? `Global ID of the ${asWords(field.name)}.` : undefined;
    return { ...field, description: field.description ?? ofId };
  }
}

SchemaBuilder.registerPlugin(PLUGIN, CommonDescriptionsPlugin);

export default PLUGIN;
