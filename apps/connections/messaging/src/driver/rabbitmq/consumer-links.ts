/** The connections that subscriptions have their channels on: as many as it takes for no more than 100 on each. */
import { type AmqpAddress, AmqpLink } from '@connections/amqp';

const maxChannels = 100;

interface Shared {
  readonly link: AmqpLink;
  channels: number;
}

export interface LeasedLink extends Disposable {
  readonly link: AmqpLink;
}

export class ConsumerLinks implements AsyncDisposable {
  readonly #address: AmqpAddress;
  readonly #name: string;
  /** Is there always: others use it, too. */
  readonly first: AmqpLink;
  readonly #links: Shared[];

  constructor(address: AmqpAddress, name: string) {
    this.#address = address;
    this.#name = name;
    this.first = this.#open('consume');
    this.#links = [{ link: this.first, channels: 1 }];
  }

  /** A place for one channel. */
  lease(): LeasedLink {
    const shared = this.#links.find(({ channels }) => channels < maxChannels) ?? this.#another();
    shared.channels += 1;
    let open = true;
    return {
      link: shared.link,
      [Symbol.dispose]: () => {
        if (open) this.#release(shared);
        open = false;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#links.map(({ link }) => link[Symbol.asyncDispose]()));
  }

  #another(): Shared {
    const shared = { link: this.#open(`consume ${this.#links.length + 1}`), channels: 0 };
    this.#links.push(shared);
    return shared;
  }

  #open(purpose: string): AmqpLink {
    return new AmqpLink({ name: `${this.#name} ${purpose}`, locate: async () => this.#address });
  }

  #release(shared: Shared): void {
    shared.channels -= 1;
    if (shared.channels > 0 || shared.link === this.first) return;
    this.#links.splice(this.#links.indexOf(shared), 1);
    void shared.link[Symbol.asyncDispose]();
  }
}
