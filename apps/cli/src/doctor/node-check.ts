/** Whether this Node.js is one that the services run on. */
import { readFileSync } from 'node:fs';
import { type Check, fail, ok } from './check.ts';

/** What the package asks for, as `>=20.19`. */
export function wantedNode(): string {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return JSON.parse(manifest).engines.node;
}

/** `wanted` is a lower bound of major and minor version. */
export function checkNode(running: string, wanted: string): Check {
  const [major = 0, minor = 0] = numbersOf(running);
  const [wantedMajor = 0, wantedMinor = 0] = numbersOf(wanted);
  const isEnough = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  if (isEnough) return ok('Node.js', `${running}, of ${wanted}`);
  return fail('Node.js', `${running} is older than ${wanted}: install a newer release from nodejs.org`);
}

function numbersOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
