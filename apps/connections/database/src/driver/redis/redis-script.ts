/** A Lua script of ours: sent by its hash, in full to a server that does not have it. */
import { createHash } from 'node:crypto';
import type { Argument, Reply } from './redis-connection.ts';
import { type CommandKind, replyCode } from './redis-errors.ts';
import type { RedisServers } from './redis-servers.ts';

/** Only keys of one slot may be among its keys, or be touched by it. */
export class RedisScript implements CommandKind {
  readonly changes: boolean;
  readonly #source: string;
  readonly #sha: string;

  constructor(source: string, { changes }: CommandKind) {
    this.changes = changes;
    this.#source = source;
    this.#sha = createHash('sha1').update(source).digest('hex');
  }

  run(
    servers: Pick<RedisServers, 'send'>,
    keys: readonly [string, ...string[]],
    args: readonly Argument[],
  ): Promise<Reply> {
    const rest = [String(keys.length), ...keys, ...args];
    return servers.send(keys[0], ['EVALSHA', this.#sha, ...rest]).catch((error) => {
      if (replyCode(error) !== 'NOSCRIPT') throw error;
      // A refusal: nothing was executed.
      return servers.send(keys[0], ['EVAL', this.#source, ...rest]);
    });
  }
}
