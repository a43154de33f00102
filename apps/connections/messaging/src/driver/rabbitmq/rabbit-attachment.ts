/** One channel of one subscription with its consumers: as long as it lives, the tags of its deliveries mean something. */
import type { AmqpConnection, Channel, ConsumeMessage } from '@connections/amqp';
import { parseVersion } from './rabbit-version.ts';

export interface AttachmentParts {
  readonly connection: AmqpConnection;
  /** As the broker calls it. */
  readonly queue: string;
  readonly prefetch: number;
  readonly onDelivery: (message: ConsumeMessage, attachment: RabbitAttachment) => void;
}

const closeMs = 2_000;
/**
 * A quorum queue takes about 32 settlements at once; what a channel has beyond them is lost when it ends. The answer to
 * the end of a consumer comes when those before it are taken.
 */
const takenAtOnce = 16;
/** Those that are given back one after the other by a subscriber that leaves must not come back to it meanwhile. */
const giveBackAfterMs = 20;
/** By then the broker has taken what it was sent. */
const takenAfterMs = 1_000;

export class RabbitAttachment {
  /** Resolves when the channel is over: every unsettled delivery is back with the broker. */
  readonly lost: Promise<void>;
  readonly #parts: AttachmentParts;
  readonly #channel: Channel;
  /** By consumer tag: how many deliveries it may have unsettled, and has. */
  readonly #consumers = new Map<string, { readonly credit: number }>();
  /** By delivery tag: the consumer that has it unsettled. */
  readonly #unsettled = new Map<number, string>();
  /** Acknowledged, to be told to the broker at the end of this turn: one frame tells many. */
  readonly #acknowledged = new Set<number>();
  /** Given back, to be told to the broker soon: when the channel ends before, it has them in their place. */
  readonly #givenBack = new Set<number>();
  readonly #end: () => void;
  #giving: NodeJS.Timeout | undefined;
  /** Settlements that the broker may not have taken yet. */
  #sentLately = 0;
  #changing: Promise<void> = Promise.resolve();
  #ended = false;
  #consumed = 0;

  private constructor(parts: AttachmentParts, channel: Channel) {
    this.#parts = parts;
    this.#channel = channel;
    let lose = () => {};
    this.lost = new Promise((resolve) => {
      lose = resolve;
    });
    this.#end = () => {
      this.#ended = true;
      clearTimeout(this.#giving);
      lose();
    };
    // The end of the connection ends its channels.
    channel.on('close', this.#end);
  }

  /** Rejects with the broker's refusal: 404 for a queue that is not there. */
  static async open(parts: AttachmentParts): Promise<RabbitAttachment> {
    const channel = await parts.connection.openChannel();
    const attachment = new RabbitAttachment(parts, channel);
    if (parts.prefetch > 0) await attachment.#consume(parts.prefetch);
    return attachment;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** As the broker counts them: one that has ended is a consumer as long as it has something unsettled. */
  get consumers(): number {
    return this.#ended ? 0 : new Set([...this.#consumers.keys(), ...this.#unsettled.values()]).size;
  }

  /** Deliveries that the broker may still send without a settlement. */
  get room(): number {
    let room = 0;
    for (const { credit } of this.#consumers.values()) room += credit;
    for (const [tag, consumer] of this.#unsettled) {
      if (this.#consumers.has(consumer) && !this.#acknowledged.has(tag)) room -= 1;
    }
    return room;
  }

  /** Lets the broker send so many more; one change at a time. */
  enlarge(by: number): Promise<void> {
    return this.#change(() => this.#consume(by));
  }

  /** Has the broker send nothing more; what was sent before has arrived when this resolves. */
  pause(): Promise<void> {
    return this.#change(async () => {
      for (const tag of [...this.#consumers.keys()]) {
        this.#consumers.delete(tag);
        await this.#channel.cancel(tag);
      }
    });
  }

  ack(tag: number): boolean {
    if (!this.#isOpen(tag)) return false;
    this.#acknowledged.add(tag);
    if (this.#acknowledged.size === 1) setImmediate(() => this.#sendAcknowledgements());
    return true;
  }

  /** Counts as a failure on every broker. */
  reject(tag: number): boolean {
    return this.#settle(tag, (message) => this.#channel.reject(message, true));
  }

  /** Counts as a failure on brokers before 4.3. */
  nack(tag: number): boolean {
    if (!this.#isOpen(tag)) return false;
    this.#givenBack.add(tag);
    this.#giving ??= setTimeout(() => this.sendGivenBack(), giveBackAfterMs).unref();
    return true;
  }

  /** At once, for somebody waits for them. */
  sendGivenBack(): void {
    clearTimeout(this.#giving);
    this.#giving = undefined;
    const tags = [...this.#givenBack].sort((a, b) => a - b);
    this.#givenBack.clear();
    for (const tag of tags) this.#settle(tag, (message) => this.#channel.nack(message, false, true));
  }

  /**
   * Resolves when the broker has taken every settlement and has the rest back in its place; one that does not answer is
   * not waited for. `giveBackRest` is called where the end of a channel counts against what is unsettled on it, and giving
   * back does not; where both count, the end alone keeps the order.
   */
  async close(giveBackRest: () => void): Promise<void> {
    if (this.#ended) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeMs);
    });
    await Promise.race([this.#closeChannel(giveBackRest).catch(() => {}), this.lost, patience]);
    clearTimeout(timer);
    this.#end();
  }

  async #closeChannel(giveBackRest: () => void): Promise<void> {
    const countsTheEnd = !parseVersion(this.#parts.connection.version).everyReturnCounts;
    this.#sendAcknowledgements();
    if (countsTheEnd || this.#sentLately > takenAtOnce) await this.pause();
    if (countsTheEnd) {
      giveBackRest();
      this.sendGivenBack();
    }
    await this.#channel.close();
  }

  #sendAcknowledgements(): void {
    if (this.#ended || this.#acknowledged.size === 0) return;
    const acknowledged = [...this.#acknowledged];
    this.#acknowledged.clear();
    // Tags rise, so what stands before the first that is not among them goes in one frame.
    const open = new Set(acknowledged);
    let upTo = 0;
    for (const tag of this.#unsettled.keys()) {
      if (!open.has(tag)) break;
      upTo = tag;
    }
    for (const tag of acknowledged) this.#unsettled.delete(tag);
    try {
      if (upTo > 0) this.#send(() => this.#channel.ack(named(upTo), true));
      for (const tag of acknowledged) if (tag > upTo) this.#send(() => this.#channel.ack(named(tag)));
    } catch {
      // The channel is ending: the broker delivers them again.
    }
  }

  #isOpen(tag: number): boolean {
    return (
      !this.#ended && this.#unsettled.has(tag) && !this.#acknowledged.has(tag) && !this.#givenBack.has(tag)
    );
  }

  /** The channel's own tag names the delivery, so that nothing foreign can be settled on it; each once. */
  #settle(tag: number, send: (message: ConsumeMessage) => void): boolean {
    if (!this.#isOpen(tag)) return false;
    this.#unsettled.delete(tag);
    try {
      this.#send(() => send(named(tag)));
      return true;
    } catch {
      // The channel is ending: the broker has the delivery back.
      return false;
    }
  }

  /** Throws when the channel is ending. */
  #send(settle: () => void): void {
    settle();
    this.#sentLately += 1;
    if (this.#sentLately > 1) return;
    setTimeout(() => {
      this.#sentLately = 0;
    }, takenAfterMs).unref();
  }

  #change(change: () => Promise<void>): Promise<void> {
    const turn = this.#changing.then(async () => {
      if (!this.#ended) await change();
    });
    this.#changing = turn.catch(() => {});
    return this.#changing;
  }

  async #consume(credit: number): Promise<void> {
    const { queue, onDelivery } = this.#parts;
    this.#consumed += 1;
    const consumerTag = `cs-${this.#consumed}`;
    await this.#channel.prefetch(credit);
    this.#consumers.set(consumerTag, { credit });
    try {
      await this.#channel.consume(
        queue,
        (message) => {
          if (!message) {
            // The queue is gone, or has moved to another node: who attaches again finds out.
            this.#channel.close().catch(() => {});
            return;
          }
          this.#unsettled.set(message.fields.deliveryTag, consumerTag);
          onDelivery(message, this);
        },
        { consumerTag },
      );
    } catch (error) {
      this.#consumers.delete(consumerTag);
      throw error;
    }
  }
}

/** All that the vendor's client looks at. */
function named(deliveryTag: number): ConsumeMessage {
  return { fields: { deliveryTag } } as ConsumeMessage;
}
