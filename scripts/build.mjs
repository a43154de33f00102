/** Installs and builds what is missing or stale, and nothing else. */
import { prepare } from './prepare.mjs';

await prepare();
