// Ownership of an embedded database folder: a short lock for starting its server, and a lasting owner that may stop it.

import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lives, type ProcessIdentity, thisProcess } from './processes';

const LOCK_POLL_MS = 50;
/** Longer than a slow first start or a recovery after a crash, which happen under this lock. */
const LOCK_WAIT_MS = 180_000;

interface FolderClaim extends ProcessIdentity {
  /** One handle of one process: the same process may hold several handles on a folder. */
  handle: string;
}

function read(file: string): FolderClaim | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as FolderClaim;
  } catch {
    return null;
  }
}

/** Writes the claim under a unique name first, so that it appears whole or not at all. */
function writeAside(folder: string, claim: FolderClaim): string {
  const aside = join(folder, `claim-${claim.handle}`);
  writeFileSync(aside, JSON.stringify(claim), { mode: 0o600 });
  return aside;
}

/** A new claim by this process. */
export function newClaim(): FolderClaim {
  return { ...thisProcess(), handle: randomUUID() };
}

/**
 * Runs `work` while no other process starts or stops the server of this folder. A lock of a dead process is
 * put aside; refused with one sentence when a live process keeps it for three minutes.
 */
export async function exclusively<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'start.lock');
  const claim = newClaim();
  const deadline = Date.now() + LOCK_WAIT_MS;
  while (!takeLock(folder, lock, claim)) {
    if (Date.now() > deadline) {
      const holder = read(lock)?.pid ?? 'unknown';
      throw new Error(
        `Process ${holder} has been starting or stopping the embedded PostgreSQL in ${folder} for minutes: ` +
          'end that process, then start again.',
      );
    }
    await sleep(LOCK_POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(folder: string, lock: string, claim: FolderClaim): boolean {
  const aside = writeAside(folder, claim);
  try {
    linkSync(aside, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    removeDeadLock(lock, claim);
    return false;
  } finally {
    rmSync(aside, { force: true });
  }
}

/**
 * Two processes may find the same dead lock, and the slower must not remove the lock that the faster has made
 * meanwhile: so the lock is renamed, read, and put back if its process turns out to be alive.
 */
function removeDeadLock(lock: string, claim: FolderClaim): void {
  const seen = read(lock);
  if (seen === null || lives(seen)) return;
  const taken = `${lock}-${claim.handle}`;
  try {
    renameSync(lock, taken);
    const holder = read(taken);
    if (holder && lives(holder)) linkSync(taken, lock);
  } catch {
    // Another process was faster; the next round of the caller's loop sees the result.
  }
  rmSync(taken, { force: true });
}

/** The living owner of the server in this folder, or null. */
export function livingOwner(folder: string): FolderClaim | null {
  const owner = read(join(folder, 'owner.json'));
  return owner && lives(owner) ? owner : null;
}

/** Writes the owner down; call it only inside `exclusively`. */
export function setOwner(folder: string, claim: FolderClaim): void {
  renameSync(writeAside(folder, claim), join(folder, 'owner.json'));
}

/** Leaves the folder without an owner; call it only inside `exclusively`. */
export function clearOwner(folder: string): void {
  rmSync(join(folder, 'owner.json'), { force: true });
}
