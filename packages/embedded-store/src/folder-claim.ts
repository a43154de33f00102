/** Makes one process the owner of a data folder. */
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DataFolderError } from './data-folder-error.ts';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';

const claimName = /^owner-\d{15}-[0-9a-f-]{36}\.json$/;
const beatMs = 5_000;
/** A claim of another host counts as alive until its file has not been touched for this long. */
const foreignAliveMs = 30_000;
/** How long the earliest of several starters waits for the later ones to withdraw. */
const withdrawMs = 1_000;

/** The claims that this process holds: on a system without /proc its own id says nothing. */
const held = new Set<string>();

/**
 * Claims the folder, or rejects with LOCKED and the owner's pid. Disposing of the claim gives the folder back.
 *
 * A starter first adds a claim file of its own, whole from its first moment on, then looks at the others: it removes
 * those of dead processes, and is the owner once a look that began after its own claim was there shows no other alive.
 * Two can never both become owner: of two claims one was added last, and the look of the process that added it finds
 * the other, which goes away only with its process or by withdrawing. No stale file is ever replaced, so nobody can
 * take a new owner's file for the old one. Of several starters at once the one whose claim sorts first waits and
 * the others withdraw, so one wins.
 */
export async function claimFolder(folder: string): Promise<Disposable> {
  const name = `owner-${String(Date.now()).padStart(15, '0')}-${randomUUID()}.json`;
  const path = join(folder, name);
  addClaim(folder, path);
  const giveUpAt = performance.now() + withdrawMs;
  for (;;) {
    const rivals = livingRivals(folder, name);
    if (rivals.length === 0) break;
    const first = rivals.find((rival) => rival.name < name);
    if (first || performance.now() > giveUpAt) {
      drop(path);
      throw lockedError(folder, first ?? rivals[0]);
    }
    await delay(10);
  }
  const beat = setInterval(() => touch(folder, path), beatMs).unref();
  return {
    [Symbol.dispose]() {
      clearInterval(beat);
      drop(path);
    },
  };
}

/** LOCKED when a living process has the folder, undefined when none has. Changes nothing, unlike a claim. */
export function findOwner(folder: string): DataFolderError | undefined {
  for (const claim of claimsIn(folder))
    if (isAlive(claim.path, claim.owner)) return lockedError(folder, claim);
  return undefined;
}

interface Rival {
  readonly name: string;
  readonly path: string;
  readonly owner: ProcessIdentity;
}

function addClaim(folder: string, path: string): void {
  const draft = join(folder, `claim-${randomUUID()}.tmp`);
  writeFileSync(draft, JSON.stringify(ownIdentity()));
  renameSync(draft, path);
  held.add(path);
}

function drop(path: string): void {
  rmSync(path, { force: true });
  held.delete(path);
}

/** Ends the process (the throw is nobody's to catch) when another host took its long silence for its death. */
function touch(folder: string, path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT' || !existsSync(folder)) return;
    throw new DataFolderError('LOCKED', `the data folder ${folder} was taken over by another process`, {
      cause,
    });
  }
}

function livingRivals(folder: string, own: string): Rival[] {
  const rivals: Rival[] = [];
  for (const claim of claimsIn(folder)) {
    if (claim.name === own) continue;
    if (isAlive(claim.path, claim.owner)) rivals.push(claim);
    else rmSync(claim.path, { force: true });
  }
  return rivals;
}

/** The earliest first. Read one by one: what takes long is seen as it is then. */
function* claimsIn(folder: string): Generator<Rival, void, undefined> {
  for (const name of readdirSync(folder).sort()) {
    if (!claimName.test(name)) continue;
    const path = join(folder, name);
    const owner = readOwner(path);
    if (owner) yield { name, path, owner };
  }
}

function isAlive(path: string, owner: ProcessIdentity): boolean {
  if (held.has(path)) return true;
  if (owner.host === ownIdentity().host) return isRunning(owner);
  const touched = statSync(path, { throwIfNoEntry: false });
  return touched !== undefined && Date.now() - touched.mtimeMs < foreignAliveMs;
}

/** Undefined when the claim was withdrawn meanwhile. */
function readOwner(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Emptied by a loss of power: whoever wrote it is gone.
    return { pid: 0, started: 'gone', host: ownIdentity().host };
  }
}

function lockedError(folder: string, rival: Rival | undefined): DataFolderError {
  const owner = rival?.owner;
  const where = owner && owner.host !== ownIdentity().host ? ` on host ${owner.host}` : '';
  return new DataFolderError(
    'LOCKED',
    `the data folder ${folder} is in use by process ${owner?.pid}${where}: stop that process, or choose another folder`,
  );
}
