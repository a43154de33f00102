/** Opens a data folder: claims it, checks what is in it, creates or migrates it. Never starts over on its own. */
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { checkDataFile } from './data-file-check.ts';
import { DataFolderError } from './data-folder-error.ts';
import type { EmbeddedStore } from './embedded-store.ts';
import { claimFolder } from './folder-claim.ts';
import { type FolderFormat, readFormat, writeFormat } from './format-file.ts';
import { LmdbStore, type SyncMode } from './lmdb-store.ts';
import { makeFolder } from './make-folder.ts';
import { type Migration, migrate, readHeader, type StoreHeader, writeHeader } from './store-header.ts';

export interface EmbeddedStoreOptions {
  readonly folder: string;
  /** Whose data this is, as `connections-database`; another product's folder is refused. */
  readonly product: string;
  /** The format that this release reads and writes, from 1. */
  readonly format: number;
  /** One for each format after the first. */
  readonly migrations: readonly Migration[];
  /** @default 'second' */
  readonly sync?: SyncMode;
  /** From here on writes that free no space fail. @default 2 GiB */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 2 ** 31;
const maxTables = 64;
const restore = 'restore the folder from a backup, or move it away to start with an empty one';

/** Rejects with a DataFolderError when the folder cannot be used as it is. */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const folder = resolve(options.folder);
  let claim: Disposable | undefined;
  try {
    makeFolder(folder);
    claim = await claimFolder(folder);
    return await openClaimed(folder, claim, options);
  } catch (error) {
    claim?.[Symbol.dispose]();
    throw isSystemError(error) ? notWritable(folder, error) : error;
  }
}

async function openClaimed(
  folder: string,
  claim: Disposable,
  options: EmbeddedStoreOptions,
): Promise<EmbeddedStore> {
  const found = readFormat(folder);
  checkFolder(folder, found, options);
  const format = found?.complete ? found : beginFolder(folder, options);
  const store = new LmdbStore({
    folder,
    root: openData(folder),
    sync: options.sync ?? 'second',
    maxBytes: options.maxBytes ?? defaultMaxBytes,
    release: () => claim[Symbol.dispose](),
  });
  try {
    await settleFormat(store, format, options);
    return store;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

/** Notes that a folder is being made. What a start that was killed here left behind holds nothing acknowledged. */
function beginFolder(folder: string, { product, format }: EmbeddedStoreOptions): FolderFormat {
  const data = dataPath(folder);
  const begun = {
    product,
    storeId: randomUUID(),
    format,
    created: new Date().toISOString(),
    complete: false,
  };
  writeFormat(folder, begun);
  rmSync(data, { force: true });
  rmSync(`${data}-lock`, { force: true });
  return begun;
}

/** Throws for a folder that must not be opened. Nothing is lost in one that was not finished. */
export function checkFolder(
  folder: string,
  found: FolderFormat | undefined,
  { product, format }: Pick<EmbeddedStoreOptions, 'product' | 'format'>,
): void {
  const data = dataPath(folder);
  if (!found && existsSync(data)) {
    throw new DataFolderError('CORRUPT', `the data folder ${folder} has data but no format.json: ${restore}`);
  }
  if (!found?.complete) return;
  if (found.product !== product) {
    throw new DataFolderError(
      'FORMAT_UNREADABLE',
      `the data folder ${folder} belongs to ${found.product}, not to ${product}: choose another folder`,
    );
  }
  if (found.format > format) throw newerFormat(folder, found.format, format);
  if (!existsSync(data)) {
    throw new DataFolderError('CORRUPT', `the data folder ${folder} lacks its store.mdb: ${restore}`);
  }
  const damage = checkDataFile(data);
  if (damage) throw new DataFolderError('CORRUPT', `${data} is damaged (${damage}): ${restore}`);
}

/** Finishes a new folder, or checks that the data file is the one of format.json and migrates it. */
async function settleFormat(
  store: LmdbStore,
  found: FolderFormat,
  options: EmbeddedStoreOptions,
): Promise<void> {
  const { folder } = store;
  if (found.complete) {
    const header: StoreHeader | undefined = readHeader(store);
    if (header?.storeId !== found.storeId) {
      throw new DataFolderError(
        'CORRUPT',
        `store.mdb and format.json in ${folder} are not of one store: ${restore}`,
      );
    }
    if (header.format > options.format) throw newerFormat(folder, header.format, options.format);
    await migrate(store, header, options);
  } else {
    await writeHeader(store, { storeId: found.storeId, format: options.format });
  }
  if (found.complete && found.format === options.format) return;
  await store.flush();
  writeFormat(folder, { ...found, format: options.format, complete: true });
}

function newerFormat(folder: string, found: number, known: number): DataFolderError {
  return new DataFolderError(
    'NEWER_FORMAT',
    `the data folder ${folder} has format ${found}, newer than ${known}, the newest that this release knows: ` +
      'run the release that wrote it or a later one',
  );
}

function openData(folder: string): RootDatabase {
  const path = dataPath(folder);
  // LMDB may crash the process when it cannot open one of its files.
  for (const file of [path, `${path}-lock`]) if (existsSync(file)) closeSync(openSync(file, 'r+'));
  try {
    return open({
      path,
      noSubdir: true,
      maxDbs: maxTables,
      keyEncoding: 'binary',
      // With it a failed commit rejects a promise that nobody holds, which ends the process.
      eventTurnBatching: false,
    });
  } catch (error) {
    // LMDB's own codes are negative, those of the system positive.
    if (error instanceof Error && 'code' in error && Number(error.code) > 0) throw notWritable(folder, error);
    throw new DataFolderError('CORRUPT', `${path} cannot be opened: ${restore}`, {
      cause: error,
    });
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

export function notWritable(folder: string, cause: Error): DataFolderError {
  return new DataFolderError(
    'NOT_WRITABLE',
    `the data folder ${folder} cannot be written (${cause.message}): ` +
      'change its owner or permissions, make room on its disk, or choose another folder',
    { cause },
  );
}

export function dataPath(folder: string): string {
  return join(folder, 'store.mdb');
}
