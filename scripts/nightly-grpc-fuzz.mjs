/** `npm run nightly:grpc-fuzz`: builds what is stale, then fuzzes the transport a million times, on every core. */
import { prepare } from './prepare.mjs';

await prepare();
const { nightlyFuzz } = await import('../packages/grpc/dist/test/fuzz/fuzz-command.js');
process.exitCode = await nightlyFuzz(process.argv.slice(2));
