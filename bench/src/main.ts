/** What `npm run bench` runs: the command line in, tables, results and exit code out. */
import { fileURLToPath } from 'node:url';
import { BenchUsageError, readBenchOptions } from './bench-options.ts';
import { benchParts } from './bench-parts.ts';
import { PartMissingError } from './parts/bench-part.ts';
import { runBench } from './run-bench.ts';

try {
  const options = readBenchOptions(process.argv.slice(2), process.env, benchParts);
  await runBench(options, {
    print: (text) => console.log(text),
    note: (text) => console.error(text),
    // From bench/dist/src.
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    nodeVersion: process.versions.node,
  });
} catch (error) {
  const isUsage = error instanceof BenchUsageError;
  console.error(isUsage || error instanceof PartMissingError ? error.message : error);
  process.exitCode = isUsage ? 2 : 1;
}
