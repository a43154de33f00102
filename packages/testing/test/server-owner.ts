/** A process that starts servers, tells where, and waits to be killed; `early`: is killed while it starts them. */
import { guardedFolder } from '../src/servers/guarded-folder.ts';
import { startRedis } from '../src/servers/redis-server.ts';

const when = process.argv[2];
const starts = Array.from({ length: 4 }, () => startRedis({ own: true }));
process.stdout.write(`${guardedFolder()}\n`);
if (when === 'early') await new Promise((resolve) => setTimeout(resolve, 5));
else await Promise.all(starts);
if (when === 'frozen') for (const start of starts) (await start).freeze();
if (when !== 'ends') process.kill(process.pid, 'SIGKILL');
