/** A database of its own on a Redis server that the environment names. */
import { redisCommands } from './redis-wire.ts';
import { notOurs, type TestServer } from './test-server.ts';

/** Kept in the server's database 0, out of sight of those that tests see; a claim of a crashed test ends by itself. */
const claimSeconds = 3_600;

/**
 * An empty database between 1 and 15 that no other test has; emptied again in the end. Databases with data of others are
 * passed by.
 */
export async function givenRedis(address: string): Promise<TestServer> {
  for (let database = 1; database < 16; database += 1) {
    const claim = `connections-test:${database}`;
    const release = () => redisCommands(address, ['SELECT', '0'], ['DEL', claim]);
    const held = ['SET', claim, `${process.pid}`, 'NX', 'EX', `${claimSeconds}`];
    if ((await redisCommands(address, ['SELECT', '0'], held)) !== 'OK') continue;
    const select = ['SELECT', `${database}`];
    if ((await redisCommands(address, select, ['DBSIZE'])) !== '0') {
      await release();
      continue;
    }
    const url = new URL(address);
    url.pathname = `/${database}`;
    return notOurs('REDIS_TEST_URL', url.href, Number(url.port || 6379), async () => {
      await redisCommands(address, select, ['FLUSHDB']);
      await release();
    });
  }
  throw new Error('the server of REDIS_TEST_URL has no empty database between 1 and 15');
}
