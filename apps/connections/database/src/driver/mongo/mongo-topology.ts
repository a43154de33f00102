/** What the driver's monitor sees of the servers: whether any is there, of what kind, and what time it is for them. */
import type { MongoClient, ServerDescription, ServerHeartbeatSucceededEvent } from 'mongodb';

interface Events {
  /** No server answers the monitor any more. */
  lost(): void;
  /** A server that takes writes answers the monitor. */
  found(): void;
}

export class MongoTopology {
  /** How often a server went out of sight or its pool was emptied: whoever counts sees whether calls were cut meanwhile. */
  losses = 0;
  #standalone = false;
  #replicated = false;
  #preImages = false;
  /** Of the primary's clock, in milliseconds, and when that was by ours, which nobody sets. */
  #told: { readonly time: number; readonly at: number } | undefined;

  constructor(client: MongoClient, { lost, found }: Events) {
    client.on('connectionPoolCleared', () => this.losses++);
    client.on('topologyDescriptionChanged', ({ previousDescription, newDescription }) => {
      const [before, now] = [previousDescription, newDescription].map((description) => [
        ...description.servers.values(),
      ]) as [ServerDescription[], ServerDescription[]];
      for (const server of now) {
        const was = previousDescription.servers.get(server.address);
        if (was && isThere(was) && !isThere(server)) this.losses++;
        if (!isThere(server)) continue;
        this.#standalone = server.type === 'Standalone';
        this.#replicated = server.type.startsWith('RS') || server.type === 'Mongos';
        this.#preImages = server.maxWireVersion >= preImagesSince;
      }
      if (before.some(isThere) && !now.some(isThere)) lost();
      if (now.some(({ isWritable }) => isWritable)) found();
    });
    client.on('serverHeartbeatSucceeded', ({ reply }: ServerHeartbeatSucceededEvent) => {
      if (reply.isWritablePrimary === true && reply.localTime instanceof Date) {
        this.#told = { time: reply.localTime.getTime(), at: performance.now() };
      }
    });
  }

  /**
   * A time on the primary's clock at least `ms` from now, or undefined before it told its own. The news took a while to
   * come here, so that what this says is rather early than late.
   */
  serverTimeIn(ms: number): number | undefined {
    return this.#told && this.#told.time + performance.now() - this.#told.at + ms;
  }

  /** It is a replica set, or a cluster of them. */
  get hasReplicas(): boolean {
    return this.#replicated;
  }

  /** It is one server by itself: it has no change streams. */
  get isStandalone(): boolean {
    return this.#standalone;
  }

  /** A collection can be told to keep what was before a change. */
  get keepsPreImages(): boolean {
    return this.#preImages;
  }

  /** What this kind of server cannot promise. */
  get notices(): readonly string[] {
    return this.#standalone ? [standaloneNotice] : [];
  }
}

const standaloneNotice =
  'MongoDB is a standalone server, not a replica set: what it acknowledges is in the journal of one machine alone, a write ' +
  'without a request id whose answer is lost stays unknown, and changes can only be polled, which shows none that another ' +
  'program makes and none from before a clock that was set back';

/** The wire version of MongoDB 6.0. */
const preImagesSince = 17;

function isThere({ type }: ServerDescription): boolean {
  return type !== 'Unknown';
}
