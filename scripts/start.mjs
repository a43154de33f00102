/** `npm start`: installs and builds what is missing or stale, then runs both services in this process. */
import { prepare } from './prepare.mjs';

await prepare();
await import('../apps/connections/standalone/dist/src/main.js');
