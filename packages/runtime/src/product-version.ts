/** The version of this release: all packages carry the same one. */
import { readFileSync } from 'node:fs';

export function productVersion(): string {
  // From dist/src to the package.
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return JSON.parse(manifest).version;
}
