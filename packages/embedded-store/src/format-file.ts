/** `format.json`: what the folder holds and in which format, readable without opening the data file. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderError } from './data-folder-error.ts';

export interface FolderFormat {
  /** Which of our products keeps its data here. */
  readonly product: string;
  /** The data file has it too: a file from another folder is noticed. */
  readonly storeId: string;
  readonly format: number;
  /** ISO 8601. */
  readonly created: string;
  /** False from the first moment until the data file is whole: until then nothing was acknowledged. */
  readonly complete: boolean;
}

const fileName = 'format.json';

/** Undefined when there is none; FORMAT_UNREADABLE when it is not ours. */
export function readFormat(folder: string): FolderFormat | undefined {
  const path = join(folder, fileName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DataFolderError('FORMAT_UNREADABLE', `${path} cannot be read: check its permissions`, {
      cause: error,
    });
  }
  const format = parseFormat(text);
  if (format) return format;
  throw new DataFolderError(
    'FORMAT_UNREADABLE',
    `${path} is not a format file of ours: restore it from a backup, or choose another folder`,
  );
}

/** All or nothing, also when the power fails in the middle. */
export function writeFormat(folder: string, format: FolderFormat): void {
  const draft = join(folder, `${fileName}.tmp`);
  const file = openSync(draft, 'w');
  try {
    writeSync(file, `${JSON.stringify(format, undefined, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, join(folder, fileName));
  syncFolder(folder);
}

/** Makes the names in a folder survive a loss of power. */
function syncFolder(folder: string): void {
  // Windows cannot open a folder; its file systems log names by themselves.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function parseFormat(text: string): FolderFormat | undefined {
  let value: Partial<FolderFormat> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { product, storeId, format, created, complete } = value ?? {};
  if (typeof product !== 'string' || typeof storeId !== 'string' || typeof created !== 'string')
    return undefined;
  if (!Number.isSafeInteger(format) || format === undefined || format < 1) return undefined;
  return { product, storeId, format, created, complete: complete !== false };
}
