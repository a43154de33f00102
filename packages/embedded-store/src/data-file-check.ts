/** Looks for damage in a data file before LMDB maps it: LMDB trusts its pages, and one that is cut off kills the process. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import {
  isOverflowPage,
  overflowPages,
  type Pointer,
  readPointers,
  readSnapshot,
  type Snapshot,
} from './lmdb-pages.ts';

/** Pages visited in a file of full length: all of a store of 16 MiB, a part of a larger one, to start quickly. */
const visitedPages = 4_096;
/** A snapshot record lies well within this many bytes. */
const recordBytes = 512;

/**
 * What is wrong with the file, or undefined. Visits the trees of the newest commit from their roots. When those are
 * damaged but the machine has been restarted since, the newest commit that was synced is visited instead: LMDB goes
 * back to it then.
 */
export function checkDataFile(path: string): string | undefined {
  const file = openSync(path, 'r');
  try {
    const bytes = fstatSync(file).size;
    if (bytes === 0) return 'it is empty';
    const first = readSnapshot(readAt(file, 0, recordBytes), false);
    const second = first && readSnapshot(readAt(file, first.pageSize, recordBytes), false);
    if (!first || !second) return 'it does not begin as a store does';
    const newest = first.commit > second.commit ? first : second;
    const damage = checkTrees(file, bytes, newest);
    if (!damage || (newest.boot !== 0n && newest.boot === currentBoot())) return damage;
    const flushed = readSnapshot(readAt(file, first.pageSize / 2, recordBytes), true);
    return flushed ? checkTrees(file, bytes, flushed) : damage;
  } finally {
    closeSync(file);
  }
}

function checkTrees(file: number, fileBytes: number, snapshot: Snapshot): string | undefined {
  const { pageSize } = snapshot;
  // LMDB need not have written the last pages if they are free: a short file is whole when no tree lacks a page.
  const full = fileBytes >= snapshot.pages * pageSize;
  const most = full ? Math.min(visitedPages, snapshot.pages) : snapshot.pages;
  const page = Buffer.alloc(pageSize);
  const open: Pointer[] = snapshot.roots.map((root) => ({ page: root }));
  for (let visited = 0; visited < most; visited++) {
    const next = open.pop();
    if (!next) return undefined;
    const length = next.valueBytes === undefined ? 1 : overflowPages(next.valueBytes, pageSize);
    if ((next.page + length) * pageSize > fileBytes) return 'its end is missing';
    readSync(file, page, 0, pageSize, next.page * pageSize);
    const pointers = next.valueBytes === undefined ? readPointers(page, next.page) : [];
    if (!pointers || (next.valueBytes !== undefined && !isOverflowPage(page, next.page))) {
      return `page ${next.page} is not what it should be`;
    }
    open.push(...pointers);
  }
  return undefined;
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
}

/** As LMDB takes it from the system; 0 where there is none to read. */
function currentBoot(): bigint {
  try {
    const [id] = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').split('-');
    return BigInt(`0x${id}`);
  } catch {
    return 0n;
  }
}
