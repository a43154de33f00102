/** What the data file says about itself, and the steps that bring an older file to the current format. */
import type { EmbeddedStore, Table } from './embedded-store.ts';

export interface StoreHeader {
  readonly storeId: string;
  /** Changes in one transaction with the data it describes. */
  readonly format: number;
}

/** Brings a store from the format before `to` to `to`. Its numbers are never reused. */
export interface Migration {
  readonly to: number;
  /** Opens the tables it needs and returns the change, which runs in one write together with the new format number. */
  prepare(store: EmbeddedStore): () => void;
}

const headerKey = Buffer.from('header');

export function headerTable(store: EmbeddedStore): Table<StoreHeader> {
  return store.table('store');
}

export function readHeader(store: EmbeddedStore): StoreHeader | undefined {
  return headerTable(store).get(headerKey);
}

export async function writeHeader(store: EmbeddedStore, header: StoreHeader): Promise<void> {
  const table = headerTable(store);
  await store.write(() => table.put(headerKey, header));
}

/** Runs the migrations that the file has not had, in order. */
export async function migrate(
  store: EmbeddedStore,
  header: StoreHeader,
  target: { readonly format: number; readonly migrations: readonly Migration[] },
): Promise<void> {
  const table = headerTable(store);
  for (let to = header.format + 1; to <= target.format; to++) {
    const migration = target.migrations.find((candidate) => candidate.to === to);
    if (!migration) throw new Error(`there is no migration to format ${to}`);
    const change = migration.prepare(store);
    // In a full store too: it may be what makes room.
    const frees = { frees: true };
    await store.write(() => {
      change();
      table.put(headerKey, { ...header, format: to });
    }, frees);
  }
}
