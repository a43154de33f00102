/** An image of what a Redis server has on its disk, to be put back later: a server that comes back older than it was. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisCommands, type TestServer } from '@connections/testing';

const appended = 'appendonlydir';

export class RedisImage implements Disposable {
  readonly #copy = mkdtempSync(join(tmpdir(), 'connections-redis-image-'));
  readonly #source: string;

  private constructor(folder: string) {
    this.#source = join(folder, appended);
    cpSync(this.#source, this.#copy, { recursive: true });
  }

  /** The server goes on; the end of a file that it is just writing may be cut, which it drops when it reads it. */
  static async take(server: TestServer): Promise<RedisImage> {
    const reply = await redisCommands(server.url, ['CONFIG', 'GET', 'dir']);
    const folder = reply.split('\r\n').at(-2);
    if (!folder) throw new Error('Redis does not tell its folder');
    return new RedisImage(folder);
  }

  /** Kills the server; it is to be started again. */
  async putBack(server: TestServer): Promise<void> {
    await server.kill();
    rmSync(this.#source, { recursive: true });
    cpSync(this.#copy, this.#source, { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.#copy, { recursive: true, force: true });
  }
}
