// The operations of the pages: collected from their sources, and named by the hash of their texts.

import { createHash } from 'node:crypto';
import { COUNTER_OPERATIONS } from '../../pages/counter/operations';
import { DESK_OPERATIONS } from '../../pages/desk/operations';
import { ELEMENT_OPERATIONS } from '../../pages/element/operations';
import { PLANNER_OPERATIONS } from '../../pages/planner/operations';
import { SHOP_OPERATIONS } from '../../pages/shop/operations';
import { TABLETS_OPERATIONS } from '../../pages/tablets/operations';

/** The operations of each page, by the name of its folder in src/pages. */
export const PAGE_OPERATIONS: Record<string, Readonly<Record<string, string>>> = {
  counter: COUNTER_OPERATIONS,
  desk: DESK_OPERATIONS,
  element: ELEMENT_OPERATIONS,
  planner: PLANNER_OPERATIONS,
  shop: SHOP_OPERATIONS,
  tablets: TABLETS_OPERATIONS,
};

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The ids that a page sends instead of its texts, by the names of its operations. */
export function operationIds(page: string): Record<string, string> {
  const texts = Object.entries(PAGE_OPERATIONS[page] ?? {});
  return Object.fromEntries(texts.map(([name, text]) => [name, hashOf(text)]));
}

/** The texts of all pages by their ids. */
export const pageTexts: ReadonlyMap<string, string> = new Map(
  Object.values(PAGE_OPERATIONS).flatMap((texts) =>
    Object.values(texts).map((text): [string, string] => [hashOf(text), text]),
  ),
);
