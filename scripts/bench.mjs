/** `npm run bench`: builds what is stale, then measures; arguments go to the bench (bench/README.md). */
import { prepare } from './prepare.mjs';

await prepare();
await import('../bench/dist/src/main.js');
