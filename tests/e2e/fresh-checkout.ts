/** A checkout of its own, as a clone of this working tree. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './standalone-process.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface CheckoutOptions {
  /** As after `npm ci`. */
  readonly installed: boolean;
  /** As after a build, with what stands in `dist` here. @default false */
  readonly built?: boolean;
}

export function freshCheckout({ installed, built = false }: CheckoutOptions): string {
  const folder = temporaryFolder();
  const list = ['ls-files', '-co', '--exclude-standard', '-z'];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0');
  for (const file of files) {
    if (!file || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  if (installed) linkModules(folder);
  if (built) copyBuild(folder, files);
  return folder;
}

/** The packages of others by a link; ours and the commands as links into the new checkout. */
function linkModules(folder: string): void {
  const [ours, theirs] = [join(folder, 'node_modules'), join(root, 'node_modules')];
  mkdirSync(ours);
  for (const name of readdirSync(theirs)) {
    if (name === '.package-lock.json') continue;
    if (name === '@connections' || name === '.bin')
      cpSync(join(theirs, name), join(ours, name), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(join(theirs, name), join(ours, name));
  }
  const now = new Date();
  copyFileSync(join(theirs, '.package-lock.json'), join(ours, '.package-lock.json'));
  utimesSync(join(ours, '.package-lock.json'), now, now);
}

function copyBuild(folder: string, files: readonly string[]): void {
  const projects = files.filter((file) => file.endsWith('tsconfig.json')).map((file) => dirname(file));
  for (const project of projects) {
    const dist = join(root, project, 'dist');
    if (existsSync(dist)) cpSync(dist, join(folder, project, 'dist'), { recursive: true });
  }
  // Newer than every source.
  writeFileSync(join(folder, '.build-stamp'), '');
}
