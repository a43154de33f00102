/** LMDB's errors as errors of the catalogue. */
import { statfsSync } from 'node:fs';
import { failure } from '@connections/runtime/errors';

/** A commit that fails with less room than this on its disk failed for want of it: LMDB says only `EIO`. */
const scarceBytes = 64 * 2 ** 20;

/** What a write rejects with: what the change threw, or the reason why the commit that it was part of failed. */
export async function commitFailure(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error)) return error;
  const cause = await Promise.resolve(error.commitError).catch((reason: unknown) => reason);
  return freeBytes(folder) < scarceBytes
    ? failure('STORE_FULL', { limit: 'free disk space' }, { cause })
    : failure('STORE_UNREACHABLE', { store: 'embedded' }, { cause });
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
