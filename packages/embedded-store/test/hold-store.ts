/** A process that opens the store in the folder it is given, says so on stdout and holds it until it is killed. */
import { openStore } from './temporary-store.ts';

const [folder = ''] = process.argv.slice(2);
try {
  await openStore(folder);
  process.stdout.write('open\n');
  setInterval(() => {}, 60_000);
} catch (error) {
  process.stdout.write(`${error}\n`);
}
