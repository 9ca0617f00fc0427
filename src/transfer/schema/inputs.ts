// What the mutations of transfers share: the checks of lines, the input of one transfer, and the fields of successes.

import { TRANSFER_READERS } from '../../access/rules/roleSets';
import { resolveSkuUnits } from '../../catalog/queries/skuUnits';
import type { Context } from '../../graphql/context';
import type { InputFields, Success, SuccessFields } from '../../graphql/mutation';
import { checkCount, checkQuantity, MAX_LINES } from '../../refusals';
import { Transfer } from './types';

/** Checks the lines of a request and finds their SKUs. @throws Refused InvalidInput, NotFound */
export async function linesOf(
  context: Context,
  lines: readonly { sku: string; quantity: number }[],
  least: number,
) {
  checkCount(lines, 'lines', MAX_LINES);
  for (const [i, line] of lines.entries()) checkQuantity(line.quantity, `lines.${i}.quantity`, least);
  const resolved = await resolveSkuUnits(context.db, lines);
  return resolved.map(({ sku, skuId, quantity }) => ({ sku, skuId, quantity }));
}

/** The field of a success that shows its transfer. */
export const transferField = <S extends { transferId: string }>(t: SuccessFields<S>) =>
  t.prismaField({
    type: Transfer,
    resolve: (query, { transferId }, _args, context) =>
      context.db.prisma.transfer.findUniqueOrThrow({ ...query, where: { id: transferId } }),
  });

/** The success of a command on one transfer. */
export const changedTransfer: Success<{ transferId: string }> = {
  authScopes: TRANSFER_READERS,
  fields: (t) => ({
    transfer: transferField(t),
  }),
};

/** The input of a command that has no other field than the transfer. */
export const oneTransferInput = (t: InputFields) => ({
  transfer: t.globalID({ required: true, for: [Transfer] }),
});
