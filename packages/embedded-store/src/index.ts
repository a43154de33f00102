export { DataFolderError, type DataFolderProblem } from './data-folder-error.ts';
export type { EmbeddedStore, KeyRange, Table } from './embedded-store.ts';
export { inspectFolder } from './inspect-folder.ts';
export type { SyncMode } from './lmdb-store.ts';
export { type EmbeddedStoreOptions, openEmbeddedStore } from './open-embedded-store.ts';
export type { Migration } from './store-header.ts';
export { successor, tupleKey, tupleRange } from './tuple-key.ts';
