/** One server that holds all keys; with Sentinels, whichever of its replicas is the master now. */
import type { Argument, Reply } from './redis-connection.ts';
import { type LinkOptions, RedisLink } from './redis-link.ts';
import type { CommandTarget, RedisServers } from './redis-servers.ts';
import type { ServerFacts } from './server-facts.ts';

export class SingleServer implements RedisServers {
  readonly #link: RedisLink;
  readonly #replicated: boolean;

  /** `replicated`: another server may take its place, without the writes that had not reached it. */
  constructor(link: LinkOptions, { replicated }: { readonly replicated: boolean }) {
    this.#link = new RedisLink(link);
    this.#replicated = replicated;
  }

  get tried(): Promise<void> {
    return this.#link.tried;
  }

  get durable(): boolean {
    return !this.#replicated && this.#link.facts?.appends === true;
  }

  get ready(): boolean {
    return this.#link.ready;
  }

  get facts(): readonly ServerFacts[] {
    return this.#link.facts ? [this.#link.facts] : [];
  }

  send(_key: string, args: readonly Argument[]): Promise<Reply> {
    return this.#link.send(args);
  }

  slotOf(): number {
    return 0;
  }

  factsOf(): ServerFacts | undefined {
    return this.#link.facts;
  }

  clockOffsetMs(): number {
    return this.#link.facts?.clockOffsetMs ?? 0;
  }

  async masters(): Promise<readonly CommandTarget[]> {
    return [this.#link];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link[Symbol.asyncDispose]();
  }
}
