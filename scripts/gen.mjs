/**
 * Makes every generated file, or with --check proves that the committed ones are fresh.
 * TypeScript from the protos; .env.example and the docs of settings, errors and limits from their tables.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { prepare } from './prepare.mjs';

const generatedCode = 'packages/proto-utils/src/gen';

if (process.argv.includes('--check')) {
  const stale = await staleFiles();
  for (const file of stale) console.error(`${file} is not what its source generates: run npm run gen`);
  if (stale.length > 0) process.exitCode = 1;
  else console.log('generated files are fresh');
} else {
  generateCode('.');
  await prepare();
  for (const [file, text] of await documents()) writeFileSync(file, text);
  console.log('generated');
}

function generateCode(output) {
  execFileSync('npx', ['--no-install', 'buf', 'generate', '-o', output], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function documents() {
  const runtime = await import('@connections/runtime');
  const { reasons } = await import('@connections/runtime/errors');
  const { databaseSettings } = await import('@connections/database');
  const { messagingSettings } = await import('@connections/messaging');
  const tables = [
    { title: 'Both services', table: runtime.processSettings },
    { title: 'Database service', table: databaseSettings },
    { title: 'Messaging service', table: messagingSettings },
  ];
  return new Map([
    ['.env.example', runtime.renderEnvExample(tables)],
    ['docs/settings.md', runtime.renderSettingsDoc(tables)],
    ['docs/errors.md', runtime.renderErrorsDoc(reasons)],
    ['docs/limits.md', runtime.renderLimitsDoc(runtime.limits)],
  ]);
}

async function staleFiles() {
  const folder = mkdtempSync(path.join(tmpdir(), 'connections-gen-'));
  try {
    generateCode(folder);
    const stale = differences(generatedCode, path.join(folder, generatedCode));
    for (const [file, text] of await documents()) {
      if (!existsSync(file) || readFileSync(file, 'utf8') !== text) stale.push(file);
    }
    return stale;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function differences(committed, fresh) {
  const list = (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  const names = new Set([...list(committed), ...list(fresh)]);
  return [...names]
    .filter((name) => {
      const [ours, theirs] = [path.join(committed, name), path.join(fresh, name)];
      return !existsSync(ours) || !existsSync(theirs) || !readFileSync(ours).equals(readFileSync(theirs));
    })
    .map((name) => path.join(committed, name));
}
