/**
 * Puts together what an image runs: `node scripts/bundle-image.mjs <app> <folder>`. The app of apps/connections, the packages
 * it needs and their production dependencies, in the layout of the repository; built code without its types and maps.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [app, target] = process.argv.slice(2);
if (!app || !target) {
  console.error('usage: node scripts/bundle-image.mjs <app> <folder>');
  process.exit(2);
}
const out = path.resolve(target);
const done = new Set();

addWorkspace(path.join(root, 'apps/connections', app));
for (const file of ['LICENSE', 'deploy/image/health.mjs'])
  cpSync(path.join(root, file), path.join(out, path.basename(file)));
console.log(`${done.size} packages in ${out}`);

/** One of ours: what `files` of its package.json names. */
function addWorkspace(folder) {
  if (!isNew(folder)) return;
  const { files, ...manifest } = readManifest(folder);
  copy(folder, 'package.json');
  for (const file of files) copy(folder, file);
  addDependencies(folder, manifest);
}

/** One of others, as it was installed but for what its own dependencies are. */
function addVendor(folder) {
  if (!isNew(folder)) return;
  copy(folder, '.');
  addDependencies(folder, readManifest(folder));
}

function addDependencies(folder, { dependencies = {}, optionalDependencies = {} }) {
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const installed = findInstalled(folder, name);
    // The prebuilt binaries of other systems are optional and not here.
    if (!installed && name in optionalDependencies) continue;
    if (!installed) throw new Error(`${name}, which ${folder} needs, is not installed`);
    const real = realpathSync(installed);
    if (real === installed) addVendor(installed);
    else {
      addWorkspace(real);
      link(real, installed);
    }
  }
}

/** As Node.js resolves: in the nearest node_modules upwards. */
function findInstalled(folder, name) {
  for (let from = folder; from.length >= path.resolve(root).length; from = path.dirname(from)) {
    const candidate = path.join(from, 'node_modules', name);
    if (existsSync(path.join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

function isNew(folder) {
  if (done.has(folder)) return false;
  done.add(folder);
  return true;
}

function readManifest(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}

function copy(folder, file) {
  const source = path.join(folder, file);
  const runs = (from) =>
    !/\.(map|ts|cts|mts|tsbuildinfo)$/.test(from) && path.basename(from) !== 'node_modules';
  cpSync(source, placeOf(source), { recursive: true, filter: (from) => from === source || runs(from) });
}

function link(real, installed) {
  const place = placeOf(installed);
  if (existsSync(place)) return;
  mkdirSync(path.dirname(place), { recursive: true });
  symlinkSync(path.relative(path.dirname(place), placeOf(real)), place);
}

function placeOf(file) {
  return path.join(out, path.relative(root, file));
}
