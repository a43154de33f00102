/** Starts the redis-server of the path, or takes a database of the one that the environment names. */
import { givenRedis } from './given-redis.ts';
import { redisCommands } from './redis-wire.ts';
import { type ServerKind, startServer } from './server-process.ts';
import { onPath, reasonToSkip, type TestServer } from './test-server.ts';

export interface RedisOptions {
  /** The test freezes or kills it, so that the server of REDIS_TEST_URL will not do. Any other option implies it. */
  readonly own?: boolean;
  /** Beside ours; the last of two that say the same counts. @default [] */
  readonly args?: readonly string[];
  /** Keeps acknowledged writes over kill and restart. @default false */
  readonly appendOnly?: boolean;
  /** Of the default user. @default none */
  readonly password?: string;
  /** @default a free one */
  readonly port?: number;
}

/** Why suites that need Redis with these options are skipped. */
export function redisMissing(options: RedisOptions = {}): string | undefined {
  return reasonToSkip('redis', givenUrl(options) ? undefined : missing());
}

/** An empty database; on a server of its own, `DEBUG` commands are allowed. */
export async function startRedis(options: RedisOptions = {}): Promise<TestServer> {
  const url = givenUrl(options);
  if (url) return givenRedis(url);
  const reason = missing();
  if (reason) throw new Error(reason);
  return startServer(redisKind(options), options.port);
}

/** How a server is started whose answer to INFO tells that it has the port, and not another server. */
export function redisKind({ args = [], appendOnly = false, password = '' }: RedisOptions): ServerKind {
  return {
    name: 'redis',
    command: 'redis-server',
    args: ({ port, folder }) => [
      ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      ...['--enable-debug-command', 'local'],
      ...(appendOnly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : []),
      ...(password === '' ? [] : ['--requirepass', password]),
      ...args,
    ],
    url: ({ port }) => {
      const url = new URL(`redis://127.0.0.1:${port}/0`);
      url.password = encodeURIComponent(password);
      return url.href;
    },
    async answers({ pid }, url) {
      // A server that still loads its data answers INFO, but no PING.
      const info = await redisCommands(url, ['PING'], ['INFO', 'server']);
      if (!info.includes(`process_id:${pid}\r\n`)) throw new Error(`another server answers at ${url}`);
    },
  };
}

function givenUrl({ own = false, ...options }: RedisOptions): string | undefined {
  return own || Object.keys(options).length > 0 ? undefined : process.env.REDIS_TEST_URL;
}

function missing(): string | undefined {
  return onPath('redis-server') ? undefined : 'redis-server is not on the path (Debian: redis-server)';
}
