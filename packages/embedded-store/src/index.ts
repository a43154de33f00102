export type { EmbeddedStore, KeyRange, Table } from './embedded-store.ts';
export { successor, tupleKey, tupleRange } from './tuple-key.ts';
