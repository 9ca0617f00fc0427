// What is stored of a PIN: a hash that takes memory and time, mixed with the server's secret.

import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** What scrypt takes: 32 MiB of memory and a twentieth to a tenth of a second for each PIN. */
const SCRYPT = { cost: 32_768, blockSize: 8, parallelization: 1 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Twice what these parameters need. */
const MAX_MEMORY = 2 * 128 * SCRYPT.cost * SCRYPT.blockSize;

interface ScryptParameters {
  cost: number;
  blockSize: number;
  parallelization: number;
}

/**
 * A million PINs are tried in a day however slow the hash is. So the PIN is first mixed with the server's secret: a copy of
 * the database alone is not enough to try one.
 */
function derive(
  secret: { secretKey: Buffer; actorId: number; pin: string },
  salt: Buffer,
  parameters: ScryptParameters,
): Promise<Buffer> {
  const mixed = createHmac('sha256', secret.secretKey)
    .update(JSON.stringify(['pin', secret.actorId, secret.pin]))
    .digest();
  return new Promise((resolve, reject) => {
    scrypt(mixed, salt, KEY_BYTES, { ...parameters, maxmem: MAX_MEMORY }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/** The hash of a person's PIN with its parameters, as it is stored. */
export async function hashPin(secretKey: Buffer, actorId: number, pin: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive({ secretKey, actorId, pin }, salt, SCRYPT);
  const { cost, blockSize, parallelization } = SCRYPT;
  return [
    ...['scrypt', cost, blockSize, parallelization],
    ...[salt.toString('base64url'), key.toString('base64url')],
  ].join('$');
}

/** Whether the PIN is the one that was stored. */
export async function isPin(
  secretKey: Buffer,
  actorId: number,
  pin: string,
  stored: string,
): Promise<boolean> {
  const [, cost, blockSize, parallelization, salt, key] = stored.split('$');
  const parameters = {
    ...{ cost: Number(cost), blockSize: Number(blockSize) },
    parallelization: Number(parallelization),
  };
  const found = await derive({ secretKey, actorId, pin }, Buffer.from(salt!, 'base64url'), parameters);
  return timingSafeEqual(found, Buffer.from(key!, 'base64url'));
}
