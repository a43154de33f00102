/** `npm run nightly:dual-store`: builds what is stale, then runs the model of the dual store a million times. */
import { prepare } from './prepare.mjs';

await prepare();
const { nightly } = await import('../apps/connections/database/dist/test/dual-store/nightly-dual-store.js');
process.exitCode = await nightly(process.argv.slice(2));
