// Files of exports of customers' data over HTTP: by their signed address, without a token, a piece at a time.

import { once } from 'node:events';
import express, { type Response, type Router } from 'express';
import { recordFetch } from '../customer/actions/exportCustomer';
import {
  type CustomerExportRow,
  type ExportedFile,
  exportPart,
  exportState,
  exportsById,
  filesOfExports,
} from '../customer/queries/exports';
import { isExportSignature } from '../customer/rules/exportLink';
import { inTransaction } from '../db/transaction';
import type { Parts } from '../graphql/context';
import { answerError } from '../graphql/errors';
import { UUID } from '../graphql/ids';
import type { ApiHandler } from './request';

/** A wrong signature and an unknown export have one answer, so that the answer does not reveal which exports there are. */
const UNKNOWN =
  'There is no such file, or its address was cut; copy the whole address that was given for it.';
const OVER = 'The files of this export were deleted; ask for a new export.';

interface RequestedFile {
  export: CustomerExportRow;
  file: ExportedFile;
}

/** The file that a request names; or the status and message of the refusal. */
async function findFile(
  { db, secretKey, clock }: Parts,
  { id, name, signature }: { id: string; name: string; signature: unknown },
): Promise<RequestedFile | [status: number, message: string]> {
  const [found] = UUID.test(id) ? await exportsById(db, [id]) : [];
  if (found?.expiresAt == null || !isExportSignature(secretKey, id, found.expiresAt, signature))
    return [404, UNKNOWN];
  if (exportState(found, clock()) !== 'READY') return [410, OVER];
  const file = (await filesOfExports(db, [id])).find((one) => one.name === name);
  return file === undefined ? [404, UNKNOWN] : { export: found, file };
}

/** Sends the pieces one after the other. The files may be deleted meanwhile: then the connection ends before the promised length. */
async function sendFile({ db }: Parts, res: Response, { exportId, name }: ExportedFile): Promise<void> {
  for (let number = 0; !res.destroyed; number += 1) {
    const part = await exportPart(db, exportId, name, number);
    if (part === null) break;
    if (!res.write(part)) await Promise.race([once(res, 'drain'), once(res, 'close')]);
  }
  res.end();
}

/** The route of the files. Addresses are logged nowhere: `observe` writes the route only. */
export function customerExports(parts: Parts): Router {
  const router = express.Router();
  const answer: ApiHandler = async (req, res) => {
    res.setHeader('cache-control', 'no-store');
    const { id, name } = req.params as { id: string; name: string };
    const found = await findFile(parts, { id, name, signature: req.query.signature });
    if (Array.isArray(found)) return answerError(res, found[0], 'NOT_FOUND', found[1]);
    const { file } = found;
    res.setHeader(
      'content-type',
      `${file.name.endsWith('.json') ? 'application/json' : 'text/csv'}; charset=utf-8`,
    );
    res.setHeader('content-disposition', `attachment; filename="${file.name}"`);
    res.setHeader('content-length', file.bytes);
    if (req.method === 'HEAD') return void res.end();
    await inTransaction(parts.db, (tx) => recordFetch(tx, parts.clock(), found.export));
    await sendFile(parts, res, file);
  };
  router.get('/:id/:name', answer);
  return router;
}
