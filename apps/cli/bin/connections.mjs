#!/usr/bin/env node
/** The `connections` command; in a checkout it first installs and builds what is missing or stale, as `npm start` does. */
import { existsSync } from 'node:fs';

// A package has no sources: it is built when it is packed.
if (existsSync(new URL('../src', import.meta.url))) {
  const { prepare } = await import('../../../scripts/prepare.mjs');
  await prepare({ quiet: !process.stderr.isTTY });
}
await import('../dist/src/main.js');
