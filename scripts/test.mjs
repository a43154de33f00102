/**
 * Builds what is stale and runs every test; arguments narrow the run to files whose path contains one of them.
 * What the machine lacks is skipped with its reason at the end of the report, and is a failure where CI is set.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { prepare } from './prepare.mjs';

await prepare();

const wanted = process.argv.slice(2);
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.test.ts'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter(
    (file) => file && existsSync(file) && (wanted.length === 0 || wanted.some((part) => file.includes(part))),
  )
  .map(compiled);
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`);
  process.exit(2);
}

const runner = spawn(
  process.execPath,
  [
    '--enable-source-maps',
    '--test',
    `--test-concurrency=${Math.max(1, availableParallelism())}`,
    '--test-reporter=./scripts/test-reporter.mjs',
    '--test-reporter-destination=stdout',
    ...files,
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
runner.on('exit', (code) => {
  process.exitCode = code ?? 1;
});

/** Where the compiler puts a test: `dist` of the project that the source stands in. */
function compiled(source) {
  return source
    .replace(/^(tests|bench|(?:packages|apps\/connections)\/[^/]+|apps\/[^/]+)\//, '$1/dist/')
    .replace(/\.ts$/, '.js');
}
