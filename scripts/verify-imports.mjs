/** Holds every TypeScript file against the import law and looks for cycles. Prints one line for each breach. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { closed, environmentReaders, law, testOnly, unbound, vendorHomes } from './import-law.mjs';

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file && existsSync(file));
/** By name of the package: its folder and what it exports. */
const workspaces = new Map(
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*/package.json'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => file && existsSync(file))
    .map((file) => {
      const { name, exports } = JSON.parse(readFileSync(file, 'utf8'));
      return [name, { folder: path.dirname(file), exports }];
    }),
);
const breaches = [];
const graph = new Map();

for (const file of files) {
  const text = readFileSync(file, 'utf8');
  graph.set(file, []);
  const row = law.find(({ from }) => from.test(file));
  const isTest = /\/(test|conformance)\/|^(tests|bench|packages\/testing)\//.test(file);
  for (const { specifier, typeOnly } of importsOf(text)) {
    const target = resolve(file, specifier);
    if (target.file && !typeOnly) graph.get(file).push(target.file);
    const name = target.file ?? target.vendor ?? target.node;
    if (name === undefined) continue;
    if (!isTest && testOnly.some((part) => within(name, part))) {
      breaches.push(`${file}: imports ${specifier} (test-only): only tests, conformance and benches may`);
    }
    if (row && !allowed(row, file, target)) {
      breaches.push(`${file}: imports ${specifier} (${row.id}): ${row.why}`);
    }
    const homes = vendorHomes.get(target.vendor);
    if (homes && !homes.some((home) => within(file, home))) {
      breaches.push(`${file}: imports ${specifier} (vendor-home): only ${homes.join(' and ')} may`);
    }
    if (specifier.startsWith('.') && packageOf(file) !== packageOf(target.file)) {
      breaches.push(`${file}: imports ${specifier} (deep): another package is imported by its name`);
    }
  }
  if (!row && !unbound.test(file)) breaches.push(`${file}: no row of the import law binds it (unbound)`);
  if (
    !environmentReaders.test(file) &&
    /^(?!\s*(?:\/?\*|\/\/)).*(\bprocess\.(env|argv)\b|\} = process\b|'node:process')/m.test(text)
  ) {
    breaches.push(
      `${file}: reads process.env or process.argv (environment): only main.ts does, the rest is given settings`,
    );
  }
  if (
    /^export default\b/m.test(text) ||
    (/\/index\.ts$/.test(file) && /^(?!export|import|\s|\}|\/\*\*| \*)./m.test(text))
  ) {
    breaches.push(`${file}: a default export, or more than re-exports in index.ts (surface)`);
  }
}
for (const cycle of cycles(graph)) breaches.push(`${cycle.join(' -> ')}: a cycle of imports (cycle)`);

for (const line of breaches) console.error(line);
if (breaches.length > 0) process.exitCode = 1;
else console.log(`${files.length} files keep the import law (${law.length} rows)`);

function importsOf(text) {
  const pattern =
    /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm;
  return [...text.matchAll(pattern)].map((match) => ({
    specifier: match[2] ?? match[3],
    typeOnly: Boolean(match[1] ?? match[3]),
  }));
}

/** Ours as the path of a source, of a package as far as its `exports` tell. */
function resolve(file, specifier) {
  if (specifier.startsWith('.')) return { file: path.join(path.dirname(file), specifier) };
  if (specifier.startsWith('node:')) return { node: specifier };
  const parts = specifier.split('/');
  const name = parts.splice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const ours = workspaces.get(name);
  if (!ours) return { vendor: name };
  const built = ours.exports?.[['.', ...parts].join('/')]?.default ?? '';
  return { file: path.join(ours.folder, built.replace('/dist/', '/').replace(/\.js$/, '.ts')) };
}

function packageOf(file) {
  return [...workspaces.values()].map(({ folder }) => folder).find((folder) => within(file, folder));
}

function allowed(row, file, target) {
  if (target.node) return row.node?.includes(target.node) ?? true;
  if (target.vendor)
    return testOnly.includes(target.vendor) || (row.vendors?.includes(target.vendor) ?? true);
  const app = file.match(/^(apps\/connections\/\w+)\//)?.[1] ?? '';
  const parts = row.ours.map((part) => {
    if (part === '@/conformance') return `${app}/conformance`;
    return part.startsWith('@') ? `${app}/src${part.slice(1)}` : part;
  });
  if (!row.alone) parts.push(path.dirname(`${file.match(row.from)[0]}x`));
  const gate = closed.find((folder) => within(target.file, folder) && !within(file, folder));
  return parts.some((part) => within(target.file, part) && (!gate || within(part, gate)));
}

function within(name, part) {
  return name === part || name.startsWith(part.endsWith('/') ? part : `${part}/`);
}

function cycles(edges) {
  const found = [];
  const state = new Map();
  const visit = (file, trail) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...trail.slice(trail.indexOf(file)), file]);
      return;
    }
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) if (edges.has(next)) visit(next, [...trail, file]);
    state.set(file, 'done');
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}
