/** Run as a process, which alone is told whom to trust: opens the cache at a URL and says what a set and a get come to. */
import { systemClock } from '@connections/runtime';
import { openRedisDatabase } from '../src/driver/redis/redis-database.ts';

const [, , url = ''] = process.argv;
const signal = AbortSignal.timeout(10_000);
await using database = await openRedisDatabase({ url, clock: systemClock });
const entry = { key: 'k', value: Buffer.from('over TLS'), expiresAt: Date.now() + 60_000 };
try {
  await database.cache.set('n', [entry], signal);
  const [found] = await database.cache.get('n', ['k'], signal);
  console.log(`found ${Buffer.from(found?.value ?? [])}`);
} catch (error) {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) console.log(cause.message);
}
