/** Looks at a data folder as a start would, and changes nothing in it. */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DataFolderState } from '@connections/runtime';
import { DataFolderError } from './data-folder-error.ts';
import { findOwner } from './folder-claim.ts';
import { readFormat } from './format-file.ts';
import {
  checkFolder,
  dataPath,
  type EmbeddedStoreOptions,
  isSystemError,
  notWritable,
} from './open-embedded-store.ts';

/** Whether the store can be migrated is left to the start: that takes opening it. */
export function inspectFolder(
  options: Pick<EmbeddedStoreOptions, 'folder' | 'product' | 'format'>,
): DataFolderState {
  const folder = resolve(options.folder);
  const holdsData = existsSync(dataPath(folder));
  const owner = attempt(folder, () => (existsSync(folder) ? findOwner(folder) : undefined));
  const problem = owner ?? attempt(folder, () => checkStart(folder, options));
  return { folder, holdsData, inUse: owner?.code === 'LOCKED', problem: problem?.message };
}

/** A store that is written to meanwhile would look damaged: only where no process has it open. */
function checkStart(folder: string, options: Pick<EmbeddedStoreOptions, 'product' | 'format'>): undefined {
  let nearest = folder;
  while (!existsSync(nearest)) nearest = dirname(nearest);
  accessSync(nearest, constants.W_OK | constants.X_OK);
  const data = dataPath(folder);
  for (const file of [data, `${data}-lock`]) if (existsSync(file)) accessSync(file, constants.W_OK);
  checkFolder(folder, readFormat(folder), options);
}

function attempt(folder: string, look: () => DataFolderError | undefined): DataFolderError | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof DataFolderError) return error;
    if (isSystemError(error)) return notWritable(folder, error);
    throw error;
  }
}
