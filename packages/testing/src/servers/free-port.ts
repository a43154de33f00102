/** Ports for servers that cannot be told to choose one. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below what kernels hand out by themselves (Linux from 32 768, others from 49 152): no connection and no test that binds
 * port 0 takes the port of a server that is down for a moment.
 */
const [lowest, beyond] = [12_000, 32_000] as const;

/** A port that was free a moment ago: who loses it to another process asks again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, beyond);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
