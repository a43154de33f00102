/**
 * Makes a checkout ready to run: installs when the lockfile has changed, builds when a source has. Plain Node, for it
 * runs before anything is installed. Says in one line what it does, and nothing when there is nothing to do.
 */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = path.join(root, '.build-stamp');
const installed = path.join(root, 'node_modules/.package-lock.json');

/** Ends the process with a clear line where it cannot. `quiet` leaves only what went wrong. */
export async function prepare({ quiet = false } = {}) {
  requireNode();
  const say = (line) => quiet || console.error(line);
  if (changedAt(path.join(root, 'package-lock.json')) > changedAt(installed)) {
    requireWritable([root]);
    say('Installing dependencies (npm ci) ...');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  if (isBuildStale()) {
    requireWritable([root, ...projects().map((project) => existing(path.join(project, 'dist')))]);
    say('Building (tsc -b) ...');
    const start = new Date();
    run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-b']);
    // Dated to the start, so that what is edited while the compiler runs is built next time.
    writeFileSync(stamp, '');
    utimesSync(stamp, start, start);
  }
}

function requireNode() {
  const wanted = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).engines.node.replace(
    '>=',
    '',
  );
  const [major, minor] = wanted.split('.').map(Number);
  const [runningMajor, runningMinor] = process.versions.node.split('.').map(Number);
  if (runningMajor > major || (runningMajor === major && runningMinor >= minor)) return;
  console.error(`Node.js ${wanted} or newer is needed; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Said before the compiler does: it panics where it cannot write. */
function requireWritable(folders) {
  for (const folder of folders) {
    try {
      accessSync(folder, constants.W_OK);
    } catch {
      console.error(
        `Cannot install or build: ${folder} cannot be written. Run npm start once as its owner, or change its permissions.`,
      );
      process.exit(1);
    }
  }
}

/** The folder, or the one that it would be made in. */
function existing(folder) {
  return existsSync(folder) ? folder : path.dirname(folder);
}

function projects() {
  const { references } = JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8'));
  return references.map((reference) => path.join(root, reference.path));
}

function isBuildStale() {
  if (projects().some((project) => changedAt(path.join(project, 'dist/tsconfig.tsbuildinfo')) === 0))
    return true;
  const sources = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json'].map((file) =>
    path.join(root, file),
  );
  return Math.max(...sources.map(changedAt), ...projects().map(newestIn)) > changedAt(stamp);
}

/** A folder counts too: a removed file changes nothing else. A project's own does not, the compiler puts `dist` there. */
function newestIn(project) {
  let newest = 0;
  for (const entry of readdirSync(project, { withFileTypes: true })) {
    if (['dist', 'node_modules', 'results'].includes(entry.name)) continue;
    const file = path.join(project, entry.name);
    newest = Math.max(newest, changedAt(file), entry.isDirectory() ? newestIn(file) : 0);
  }
  return newest;
}

function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    // npm's summary is noise; the compiler writes its errors to standard output.
    stdio: ['ignore', command === 'npm' ? 'ignore' : 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (status === 0) return;
  // Ctrl-C tells every process of the group, and this one may be told last: that is no failure.
  if (signal === 'SIGINT') process.exit(130);
  console.error(
    error ? `${command} cannot be run: ${error.message}` : `${[command, ...args].join(' ')} failed`,
  );
  process.exit(1);
}
