/** `npm run attacks`: builds what is stale, then prints what each attack on the transport costs; arguments narrow by name. */
import { prepare } from './prepare.mjs';

await prepare();
const { printAttacks } = await import('../packages/grpc/dist/test/attacks/attack-table.js');
process.exitCode = await printAttacks(process.argv.slice(2));
