/** What the cache port does on Redis, sent by the vendor's client alone. */
import { readPlain, writeIndexed } from '@connections/database/drivers/cache-scripts';
import { RESP_TYPES, RedisClient } from 'redis';
import { cacheKey, ringSize, valueBytes } from './storage-ops.ts';
import type { CacheOp } from './store-ops.ts';

type Run = typeof readPlain.run;
type Argument = Parameters<Run>[2][number];
type Reply = Awaited<ReturnType<Run>>;

/** One command, one reply. */
export type SendCommand = (args: readonly Argument[]) => Promise<Reply>;

const value = Buffer.alloc(valueBytes, 'x');
const expiresAt = Date.now() + 3_600_000;
const expiry = String(expiresAt);
const keys = Array.from({ length: ringSize }, (_, index) => cacheKey(index));

export async function openBareRedis(url: string) {
  const send = await connectRedis(url);
  const servers: Parameters<Run>[0] = { send: (_, args) => send(args) };
  const plainSet = (key: string) => send(['SET', key, value, 'PXAT', expiry]);

  const plain = (op: CacheOp, index: number): Promise<unknown> => {
    switch (op) {
      case 'cache get':
        return readPlain.run(servers, [cacheKey(index)], []);
      case 'cache set':
        return plainSet(cacheKey(index));
      case 'cache get of 100':
        return readPlain.run(servers, keys as [string, ...string[]], []);
      case 'cache set of 100':
        return Promise.all(keys.map(plainSet));
    }
  };
  const indexed = (op: CacheOp, namespace: string, index: number): Promise<unknown> => {
    const list = `cs:c:{${namespace}}`;
    const nameOf = (key: string) => `${list}:${key}`;
    const write = (written: readonly string[]) =>
      writeIndexed.run(
        servers,
        [list, ...written.map(nameOf)],
        written.flatMap((key) => [key, stamped(), expiry]),
      );
    switch (op) {
      case 'cache get':
        return send(['GET', nameOf(cacheKey(index))]);
      case 'cache set':
        return write([cacheKey(index)]);
      case 'cache get of 100':
        return send(['MGET', ...keys.map(nameOf)]);
      case 'cache set of 100':
        return write(keys);
    }
  };
  return (op: CacheOp, namespace: string, index: number) =>
    namespace === 'default' ? plain(op, index) : indexed(op, namespace, index);
}

/** With the options that our driver gives it. */
export async function connectRedis(url: string): Promise<SendCommand> {
  const protocol = { RESP: 2 } as const;
  const client = RedisClient.factory(protocol)({
    ...protocol,
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 25_000,
    maintNotifications: 'disabled',
    disableClientInfo: true,
    commandOptions: { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    socket: { reconnectStrategy: false },
  });
  client.on('error', (error) => {
    throw error;
  });
  await client.connect();
  return (args) => client.sendCommand<Reply>(args as Argument[]);
}

/** An entry of a namespace with an index has its expiry before the value. */
function stamped(): Buffer {
  const bytes = Buffer.allocUnsafe(6 + value.length);
  bytes.writeUIntBE(expiresAt, 0, 6);
  value.copy(bytes, 6);
  return bytes;
}
