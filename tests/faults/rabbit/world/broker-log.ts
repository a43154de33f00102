/** What a broker says of its channels, over all of its starts. */
import type { RabbitServer } from '@connections/testing';

/** Each has the minute that a test server has to answer. */
const starts = 3;

export class BrokerLog {
  readonly #broker: RabbitServer;
  #before = 0;

  constructor(broker: RabbitServer) {
    this.#broker = broker;
  }

  /** Channels closed with 406 so far, whoever's they were. */
  get channelErrors(): number {
    return this.#before + count(this.#broker.log());
  }

  /** Kills it first. One that recovers too slowly on a machine that does other things is killed once more, and once more. */
  async restart(): Promise<void> {
    for (let tries = 1; ; tries++) {
      await this.#broker.kill();
      // The log begins anew with each start.
      this.#before = this.channelErrors;
      try {
        return await this.#broker.restart();
      } catch (error) {
        if (tries === starts) throw error;
      }
    }
  }
}

function count(log: string): number {
  return log.match(/channel exception precondition_failed|PRECONDITION_FAILED/g)?.length ?? 0;
}
