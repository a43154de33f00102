/** The gate: every ground rule as a check, each reported with its time. Exit 1 when one fails. */
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

await prepare();

const hasHistory = spawnSync('git', ['rev-parse', '--verify', '--quiet', 'HEAD~1']).status === 0;
const checks = [
  ['types', ['npx', '--no-install', 'tsc', '-b']],
  ['format and lint', ['npx', '--no-install', 'biome', 'check', '--error-on-warnings', '.']],
  ['import law', ['node', 'scripts/verify-imports.mjs']],
  ['generated files', ['node', 'scripts/gen.mjs', '--check']],
  ['clauses and docs', ['node', 'scripts/verify-clauses.mjs']],
  ['buf lint', ['npx', '--no-install', 'buf', 'lint', 'packages/proto']],
  hasHistory && [
    'buf breaking',
    ['npx', '--no-install', 'buf', 'breaking', 'packages/proto', '--against', breakingBase()],
  ],
  ['lockfile', ['npm', 'ci', '--dry-run', '--ignore-scripts']],
].filter(Boolean);

let failed = 0;
for (const [name, [command, ...args]] of checks) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (status !== 0) {
    failed += 1;
    console.log(`${stdout}${stderr}`.trimEnd().replace(/^/gm, '     '));
  }
}
if (!hasHistory) console.log('skip buf breaking: the commit before is not here');
console.log(`${checks.length - failed} of ${checks.length} checks passed`);
process.exitCode = failed > 0 ? 1 : 0;

/** On main the commit before, on a branch the main that it left. */
function breakingBase() {
  const git = (...args) => spawnSync('git', args, { encoding: 'utf8' }).stdout.trim();
  const base = git('merge-base', 'HEAD', 'main') || git('merge-base', 'HEAD', 'origin/main');
  const ref = base && base !== git('rev-parse', 'HEAD') ? base : git('rev-parse', 'HEAD~1');
  return `.git#ref=${ref},subdir=packages/proto`;
}
