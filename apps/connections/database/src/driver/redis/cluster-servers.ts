/** The masters of a Cluster: a link to each, and which of them holds which slots. */
import { setTimeout as sleep } from 'node:timers/promises';
import { redirection, slotRanges } from './cluster-slots.ts';
import { hashSlot, slotCount } from './hash-slot.ts';
import { type Argument, RedisConnection, type Reply } from './redis-connection.ts';
import { NotSentError, replyCode } from './redis-errors.ts';
import { type LinkOptions, RedisLink } from './redis-link.ts';
import type { CommandTarget, RedisServers } from './redis-servers.ts';
import type { Endpoint } from './redis-url.ts';
import type { ServerFacts } from './server-facts.ts';

interface Node {
  readonly endpoint: Endpoint;
  readonly link: RedisLink;
}

/** A command is sent on at most this often by nodes that do not hold its slot. */
const maxRedirections = 4;
const patienceMs = 1_000;

export class ClusterServers implements RedisServers {
  /** Masters acknowledge before their replicas have a write, and a replica may take over without it. */
  readonly durable = false;
  readonly tried: Promise<void>;
  readonly #seeds: readonly Endpoint[];
  readonly #options: Omit<LinkOptions, 'locate' | 'cluster'>;
  readonly #nodes = new Map<string, Node>();
  /** Nodes without slots in the last table; those that have none in the next one either are left. */
  readonly #retiring = new Set<Node>();
  readonly #closing = new AbortController();
  readonly #lookout: Promise<void>;
  #masters: readonly (Node | undefined)[] = [];
  #learning: Promise<void> | undefined;
  #lastError: unknown;

  constructor(seeds: readonly Endpoint[], options: Omit<LinkOptions, 'locate' | 'cluster'>) {
    this.#seeds = seeds;
    this.#options = options;
    this.tried = this.#firstTry();
    this.#lookout = this.#lookOut();
  }

  get ready(): boolean {
    for (const { link } of this.#nodes.values()) if (link.ready) return true;
    return false;
  }

  get facts(): readonly ServerFacts[] {
    return [...this.#nodes.values()].flatMap(({ link }) => link.facts ?? []);
  }

  slotOf(key: string): number {
    return hashSlot(key);
  }

  factsOf(key: string): ServerFacts | undefined {
    return this.#masters[hashSlot(key)]?.link.facts;
  }

  clockOffsetMs(key: string): number {
    return this.factsOf(key)?.clockOffsetMs ?? 0;
  }

  send(key: string, args: readonly Argument[]): Promise<Reply> {
    const node = this.#masters[hashSlot(key)];
    if (!node) return Promise.reject(new NotSentError(this.#lastError));
    return node.link.send(args).catch((error) => this.#follow(error, node, args, maxRedirections));
  }

  /** Keys that have moved are listed by their new master only, and no reply tells so: the table is read first. */
  async masters(): Promise<readonly CommandTarget[]> {
    await this.#learn();
    const masters = new Set<RedisLink>();
    for (let slot = 0; slot < slotCount; slot++) {
      const node = this.#masters[slot];
      if (!node) throw new NotSentError(new Error(`slot ${slot} has no master`));
      masters.add(node.link);
    }
    return [...masters];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#lookout, this.#learning?.catch(() => {})]);
    await Promise.all([...this.#nodes.values()].map(({ link }) => link[Symbol.asyncDispose]()));
  }

  /** MOVED and ASK are refusals: what was not executed may go to the node they name. */
  async #follow(error: unknown, from: Node, args: readonly Argument[], left: number): Promise<Reply> {
    const code = replyCode(error);
    const goesOn = (code === 'MOVED' || code === 'ASK') && left > 0 && !this.#closing.signal.aborted;
    if (!goesOn) throw error;
    if (code === 'MOVED') this.#learn().catch(() => {});
    const node = this.#nodeAt(redirection((error as Error).message, from.endpoint));
    await node.link.tried;
    try {
      // In one tick, so that no other command of ours takes what ASKING allows.
      const asking = code === 'ASK' ? node.link.send(['ASKING']) : undefined;
      const [reply] = await Promise.all([node.link.send(args), asking]);
      return reply;
    } catch (next) {
      return this.#follow(next, node, args, left - 1);
    }
  }

  async #firstTry(): Promise<void> {
    await this.#learn().catch(() => {});
    await Promise.all([...this.#nodes.values()].map(({ link }) => link.tried));
  }

  /** Looks for a change of masters while one is away: another may have taken its slots. */
  async #lookOut(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const links = [...this.#nodes.values()].map(({ link }) => link);
      const noneLeft = links.length > 0 && !links.some(({ ready }) => ready);
      // With none left the links already try each node once a second, and each look asks the seeds.
      const pauseMs = (noneLeft ? 2_000 : 500) + Math.random() * 1_000;
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => {});
      const someAway = links.length === 0 || !links.every(({ ready }) => ready);
      if (someAway && !signal.aborted) await this.#learn().catch(() => {});
    }
  }

  /** Reads the table, once for all who want it at the same time. */
  #learn(): Promise<void> {
    this.#learning ??= this.#readTable().finally(() => {
      this.#learning = undefined;
    });
    return this.#learning;
  }

  async #readTable(): Promise<void> {
    const linked = [...this.#nodes.values()].filter(({ link }) => link.ready);
    try {
      const asks =
        linked.length > 0
          ? linked.map(({ endpoint, link }) => askSlots(link, endpoint))
          : this.#seeds.map((seed) => this.#askSeed(seed));
      this.#take(await Promise.any(asks));
    } catch (error) {
      this.#lastError = error;
      throw new NotSentError(error);
    }
  }

  async #askSeed(seed: Endpoint) {
    const connection = await RedisConnection.open(seed, this.#options.access, patienceMs);
    try {
      return await askSlots(connection, seed);
    } finally {
      connection.close(undefined);
    }
  }

  #take(ranges: ReturnType<typeof slotRanges>): void {
    if (this.#closing.signal.aborted) return;
    const masters: (Node | undefined)[] = Array.from({ length: slotCount });
    for (const { first, last, master } of ranges) masters.fill(this.#nodeAt(master), first, last + 1);
    this.#masters = masters;
    const used = new Set(masters);
    for (const [name, node] of this.#nodes) {
      if (used.has(node)) this.#retiring.delete(node);
      else if (!this.#retiring.delete(node)) this.#retiring.add(node);
      else {
        this.#nodes.delete(name);
        void node.link[Symbol.asyncDispose]();
      }
    }
  }

  #nodeAt(endpoint: Endpoint): Node {
    const name = `${endpoint.host}:${endpoint.port}`;
    const known = this.#nodes.get(name);
    if (known) return known;
    const locate = async () => endpoint;
    const node = { endpoint, link: new RedisLink({ ...this.#options, cluster: true, locate }) };
    this.#nodes.set(name, node);
    return node;
  }
}

async function askSlots(target: CommandTarget, asked: Endpoint) {
  const ranges = slotRanges(await target.send(['CLUSTER', 'SLOTS']), asked);
  if (ranges.length === 0) throw new Error('the Cluster has no slots yet');
  return ranges;
}
