/** `npm run faults`: builds what is stale, then breaks servers and processes of its own; docs/operations.md says what it prints. */
import { prepare } from './prepare.mjs';

await prepare();
await import('../tests/dist/faults/main.js');
