/** The view of tasks in pieces, for what measures it beside the bare commands that it sends. */
export { openRedisDatabase } from './redis-database.ts';
export { appendOperation, dropBuffer, readDirty } from './view-buffer-scripts.ts';
export { appendArguments } from './view-buffers.ts';
export { filledLines } from './view-entry.ts';
export { fillEntry, leaseEntry, readWholeEntry, tellEntry } from './view-entry-scripts.ts';
export { namesOf, partitionCount, partitionKeys, taskKeys } from './view-keys.ts';
export { listEntries } from './view-list-script.ts';
export { advancePartition } from './view-tail-scripts.ts';
