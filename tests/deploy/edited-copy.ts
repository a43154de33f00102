/** A copy of a file or folder with one thing wrong in it, for checks of the checks. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export interface Edit {
  /** Inside a folder. @default the file itself */
  readonly file?: string;
  readonly replace: string | RegExp;
  readonly by: string;
}

const copies = mkdtempSync(join(tmpdir(), 'connections-edited-'));
process.once('exit', () => rmSync(copies, { recursive: true, force: true }));

/** Gone when the tests of the file have ended. */
export function editedCopy(source: string, { file = '', replace, by }: Edit): string {
  const copy = join(mkdtempSync(join(copies, 'copy-')), basename(source));
  cpSync(source, copy, { recursive: true });
  const edited = join(copy, file);
  const text = readFileSync(edited, 'utf8');
  assert.notEqual(text.replace(replace, by), text, `nothing in ${source} is ${replace}`);
  writeFileSync(edited, text.replace(replace, by));
  return copy;
}
