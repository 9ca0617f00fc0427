// Addresses of the files of an export: signed for one export and the time at which it expires.

import { isSignatureOf, signatureOf } from '../../values/signedAddress';

const signedFacts = (exportId: string, expiresAt: Date): unknown[] => [
  'customer-export',
  exportId,
  expiresAt.getTime(),
];

/** The address of a file from the root of the API on. Whoever has it can fetch the file until it expires or is revoked. */
export function exportPath(secretKey: Buffer, exportId: string, expiresAt: Date, file: string): string {
  const signature = signatureOf(secretKey, signedFacts(exportId, expiresAt));
  return `/customer-exports/${exportId}/${encodeURIComponent(file)}?signature=${signature}`;
}

/** Whether a signature is that of an export. */
export const isExportSignature = (
  secretKey: Buffer,
  exportId: string,
  expiresAt: Date,
  signature: unknown,
): boolean => isSignatureOf(secretKey, signedFacts(exportId, expiresAt), signature);
