/** Stores in folders of their own, removed after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type EmbeddedStore, type EmbeddedStoreOptions, openEmbeddedStore } from '../src/index.ts';

export const product = 'test-product';

export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-store-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function openStore(
  folder: string,
  options: Partial<EmbeddedStoreOptions> = {},
): Promise<EmbeddedStore> {
  return openEmbeddedStore({ folder, product, format: 1, migrations: [], ...options });
}

/** A store that is closed after the test. */
export async function temporaryStore(
  context: TestContext,
  options: Partial<EmbeddedStoreOptions> = {},
): Promise<EmbeddedStore> {
  const store = await openStore(temporaryFolder(context), options);
  context.after(() => store[Symbol.asyncDispose]());
  return store;
}
