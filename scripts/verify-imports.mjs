/** Holds every TypeScript file against the import law and looks for cycles. Prints one line for each breach. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { environmentReaders, law, testOnly } from './import-law.mjs';

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file && existsSync(file));
const workspaces = new Map(
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*/package.json'], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
    .map((file) => [JSON.parse(readFileSync(file, 'utf8')).name, path.dirname(file)]),
);
const breaches = [];
const graph = new Map();

for (const file of files) {
  const text = readFileSync(file, 'utf8');
  graph.set(file, []);
  const row = law.find(({ from }) => from.test(file));
  const isTest = /\/(test|conformance|bench)\/|^tests\/|^packages\/testing\//.test(file);
  for (const { specifier, typeOnly } of importsOf(text)) {
    const target = resolve(file, specifier);
    if (target.file && !typeOnly) graph.get(file).push(target.file);
    const name = target.file ?? target.vendor;
    if (name === undefined) continue;
    if (!isTest && testOnly.some((part) => within(name, part))) {
      breaches.push(`${file}: imports ${specifier} (test-only): only tests, conformance and benches may`);
    }
    if (row && !allowed(row, file, target)) {
      breaches.push(`${file}: imports ${specifier} (${row.id}): ${row.why}`);
    }
  }
  if (!environmentReaders.test(file) && /^(?!\s*(?:\/?\*|\/\/)).*\bprocess\.(env|argv)\b/m.test(text)) {
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

function resolve(file, specifier) {
  if (specifier.startsWith('.')) return { file: path.join(path.dirname(file), specifier) };
  if (specifier.startsWith('node:')) return {};
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const folder = workspaces.get(name);
  return folder ? { file: `${folder}/`, package: true } : { vendor: name };
}

function allowed(row, file, target) {
  if (target.vendor) return row.vendors.includes(target.vendor) || testOnly.includes(target.vendor);
  const app = file.match(/^(apps\/connections\/\w+)\//)?.[1] ?? '';
  const own = path.dirname(file.match(row.from)[0].endsWith('/') ? `${file.match(row.from)[0]}x` : file);
  const parts = row.ours.map((part) =>
    part === '@/conformance'
      ? `${app}/conformance`
      : part.startsWith('@')
        ? `${app}/src${part.slice(1)}`
        : part,
  );
  return [own, ...parts].some((part) => within(target.file, part));
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
