/** `npm run fuzz:grpc -- --seed N --runs M`: builds what is stale, then fuzzes the transport; a seed alone is one run of it. */
import { prepare } from './prepare.mjs';

await prepare();
const { fuzzCommand } = await import('../packages/grpc/dist/test/fuzz/fuzz-command.js');
process.exitCode = await fuzzCommand(process.argv.slice(2));
