/** Two clients of Redis, each on a connection of its own, in a process of their own. */
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { answerParent } from '../child/answer-parent.ts';
import { connectRedis } from './bare-redis.ts';
import { closedLoop, type LoopResult } from './closed-loop.ts';

export const redisClients = ['redis', 'ioredis', 'ioredis, pipelined'] as const;
export type RedisClientName = (typeof redisClients)[number];

export type RedisClientsQuestion =
  | { readonly ask: 'open'; readonly url: string }
  | {
      readonly ask: 'run';
      readonly client: RedisClientName;
      readonly op: 'get' | 'set';
      readonly bytes: number;
      readonly inFlight: number;
      readonly runMs: number;
    };

interface Commands {
  get(key: string): Promise<unknown>;
  set(key: string, value: Buffer): Promise<unknown>;
}

let clients: Readonly<Record<RedisClientName, Commands>> | undefined;

answerParent<RedisClientsQuestion, LoopResult | undefined>(async (question) => {
  if (question.ask === 'open') {
    clients = await connect(question.url);
    return undefined;
  }
  const { client, op, bytes, inFlight, runMs } = question;
  const commands = clients?.[client];
  if (!commands) throw new Error('no client is connected');
  const key = `bench:${bytes}`;
  const value = Buffer.alloc(bytes, 'x');
  await commands.set(key, value);
  const perform = op === 'get' ? () => commands.get(key) : () => commands.set(key, value);
  return closedLoop({ inFlight, runMs }, perform);
});

async function connect(url: string): Promise<Readonly<Record<RedisClientName, Commands>>> {
  const send = await connectRedis(url);
  return {
    redis: {
      get: (key) => send(['GET', key]),
      set: (key, value) => send(['SET', key, value]),
    },
    ioredis: await connectIoredis(url, false),
    'ioredis, pipelined': await connectIoredis(url, true),
  };
}

/** Without what sends a command twice or keeps it for later. */
async function connectIoredis(url: string, enableAutoPipelining: boolean): Promise<Commands> {
  const client = new Redis(url, {
    enableAutoPipelining,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  });
  await once(client, 'ready');
  return {
    get: (key) => client.getBuffer(key),
    set: (key, value) => client.set(key, value),
  };
}
