// Addresses of the files of an export: signed for one export and the time at which it expires.

import { createHmac, timingSafeEqual } from 'node:crypto';

const SIGNATURE = /^[\w-]{43}$/;

function sign(secretKey: Buffer, exportId: string, expiresAt: Date): Buffer {
  const text = JSON.stringify(['customer-export', exportId, expiresAt.getTime()]);
  return createHmac('sha256', secretKey).update(text).digest();
}

/** The address of a file from the root of the API on. Whoever has it can fetch the file until it expires or is revoked. */
export function exportPath(secretKey: Buffer, exportId: string, expiresAt: Date, file: string): string {
  const signature = sign(secretKey, exportId, expiresAt).toString('base64url');
  return `/customer-exports/${exportId}/${encodeURIComponent(file)}?signature=${signature}`;
}

/** Whether a signature is that of an export. */
export function isExportSignature(
  secretKey: Buffer,
  exportId: string,
  expiresAt: Date,
  signature: unknown,
): boolean {
  if (typeof signature !== 'string' || !SIGNATURE.test(signature)) return false;
  return timingSafeEqual(sign(secretKey, exportId, expiresAt), Buffer.from(signature, 'base64url'));
}
