// Whether a part of an answer is selected, so that costly parts are read only when needed.

import type { GraphQLResolveInfo, SelectionSetNode } from 'graphql';

/** Whether a field of this name is requested at any depth below the present one; @skip and @include are not weighed. */
export function isSelected({ fieldNodes, fragments }: GraphQLResolveInfo, name: string): boolean {
  const seen = new Set<string>();
  const within = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.some((node) => {
      if (node.kind === 'Field') return node.name.value === name || within(node.selectionSet);
      if (node.kind === 'InlineFragment') return within(node.selectionSet);
      const fragment = node.name.value;
      if (seen.has(fragment)) return false;
      seen.add(fragment);
      return within(fragments[fragment]?.selectionSet);
    }) ?? false;
  return fieldNodes.some((node) => within(node.selectionSet));
}
