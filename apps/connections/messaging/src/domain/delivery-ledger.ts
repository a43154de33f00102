/**
 * What one subscriber holds: which deliveries are open, how much room is left, when each lease ends. Pure: time is
 * passed in, and what it decides is carried out by its owner.
 *
 * A delivery is held (taken from the broker, not yet sent), then open (sent, leased), then forgotten. It leaves the
 * ledger once, so its owner settles it towards the broker at most once; an id that is not open is stale. Ids hold a
 * random session and a number that is never used twice, so an id of another stream, of an earlier channel of the
 * broker or made up by a client names nothing here.
 */

export interface Window {
  /** Deliveries open at once. */
  readonly messages: number;
  /** Bytes of deliveries open at once. One larger than this is sent when nothing else is open. */
  readonly bytes: number;
}

export interface LedgerRules {
  readonly session: string;
  readonly window: Window;
  /** What a window may grow to. */
  readonly maxWindow: Window;
  readonly leaseMs: number;
  /** From the sending to the last end that extensions can reach. */
  readonly maxLeaseMs: number;
}

export interface Held {
  /** The broker's name of the delivery. */
  readonly tag: number;
  readonly bytes: number;
  /** Failed before: sent only when nothing else is open, and nothing is sent beside it. */
  readonly suspect: boolean;
}

export interface OpenDelivery {
  readonly id: string;
  readonly tag: number;
}

interface Open extends Held, OpenDelivery {
  readonly sentAt: number;
  leaseUntil: number;
}

export class DeliveryLedger {
  readonly #rules: LedgerRules;
  readonly #open = new Map<string, Open>();
  #window: Window;
  #openBytes = 0;
  #openSuspects = 0;
  #held: Held | undefined;
  #heldUntil = 0;
  #sent = 0;

  constructor(rules: LedgerRules) {
    this.#rules = rules;
    this.#window = rules.window;
  }

  get window(): Window {
    return this.#window;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Room that is left; never negative, though one delivery larger than the whole window may be open. */
  get room(): Window {
    return {
      messages: this.#window.messages - this.#open.size,
      bytes: Math.max(this.#window.bytes - this.#openBytes, 0),
    };
  }

  /** Another delivery may be taken from the broker. */
  get wantsMore(): boolean {
    const { messages, bytes } = this.room;
    return this.#held === undefined && messages > 0 && bytes > 0 && this.#openSuspects === 0;
  }

  /** At most one delivery is held, and until the time returned, a lease from now: another may have room for it. */
  hold(delivery: Held, now: number): number {
    if (this.#held) throw new RangeError('a delivery is held already');
    this.#held = delivery;
    this.#heldUntil = now + this.#rules.leaseMs;
    return this.#heldUntil;
  }

  /** The held delivery is to be released. */
  holdIsOver(now: number): boolean {
    return this.#held !== undefined && this.#heldUntil <= now;
  }

  /** The held delivery is taken out, to be given back unseen. */
  release(): number | undefined {
    const tag = this.#held?.tag;
    this.#held = undefined;
    return tag;
  }

  /** Opens the held delivery when there is room for it. */
  send(now: number): { readonly id: string; readonly leaseUntil: number } | undefined {
    const held = this.#held;
    if (!held || !this.#hasRoomFor(held)) return undefined;
    this.#held = undefined;
    this.#sent += 1;
    const id = `${this.#rules.session}.${this.#sent}`;
    const leaseUntil = now + this.#rules.leaseMs;
    this.#open.set(id, { ...held, id, sentAt: now, leaseUntil });
    this.#openBytes += held.bytes;
    if (held.suspect) this.#openSuspects += 1;
    return { id, leaseUntil };
  }

  /** Takes these deliveries out; an id named twice is stale the second time. */
  settle(ids: readonly string[]): {
    readonly open: readonly OpenDelivery[];
    readonly stale: readonly string[];
  } {
    const open: OpenDelivery[] = [];
    const stale: string[] = [];
    for (const id of ids) {
      const delivery = this.#remove(id);
      if (delivery) open.push(delivery);
      else stale.push(id);
    }
    return { open, stale };
  }

  /** Leases of these end `leaseMs` from now, the stream's own lease when undefined. Returns the ids that are stale. */
  extend(ids: readonly string[], leaseMs: number | undefined, now: number): readonly string[] {
    const until = now + (leaseMs ?? this.#rules.leaseMs);
    return ids.filter((id) => {
      const delivery = this.#open.get(id);
      if (delivery) delivery.leaseUntil = Math.min(until, delivery.sentAt + this.#rules.maxLeaseMs);
      return !delivery;
    });
  }

  /** Adds to the window, as far as it may grow. */
  enlarge(by: Window): void {
    const { maxWindow } = this.#rules;
    this.#window = {
      messages: Math.min(this.#window.messages + by.messages, maxWindow.messages),
      bytes: Math.min(this.#window.bytes + by.bytes, maxWindow.bytes),
    };
  }

  /** When the next lease ends, or the hold; undefined when nothing is open or held. */
  nextExpiry(): number | undefined {
    let next = this.#held && this.#heldUntil;
    for (const { leaseUntil } of this.#open.values()) next = Math.min(next ?? leaseUntil, leaseUntil);
    return next;
  }

  /** Takes out what has outlived its lease. */
  expire(now: number): readonly OpenDelivery[] {
    return this.#takeOut((delivery) => delivery.leaseUntil <= now);
  }

  /** Takes out what the broker has taken back; returns what was open of it. */
  lose(tags: ReadonlySet<number>): readonly OpenDelivery[] {
    if (this.#held && tags.has(this.#held.tag)) this.#held = undefined;
    return this.#takeOut(({ tag }) => tags.has(tag));
  }

  /** Takes out everything that is open. */
  close(): readonly OpenDelivery[] {
    return this.#takeOut(() => true);
  }

  #hasRoomFor(held: Held): boolean {
    if (this.#open.size === 0) return true;
    const { messages, bytes } = this.room;
    return !held.suspect && this.#openSuspects === 0 && messages > 0 && bytes >= held.bytes;
  }

  #takeOut(matches: (delivery: Open) => boolean): readonly OpenDelivery[] {
    const taken = [...this.#open.values()].filter(matches);
    for (const { id } of taken) this.#remove(id);
    return taken;
  }

  #remove(id: string): Open | undefined {
    const delivery = this.#open.get(id);
    if (!delivery) return undefined;
    this.#open.delete(id);
    this.#openBytes -= delivery.bytes;
    if (delivery.suspect) this.#openSuspects -= 1;
    return delivery;
  }
}
