/** The client side of a Subscribe stream, frame by frame. */
import assert from 'node:assert/strict';
import type { Client } from '@connections/grpc';
import type { messagingService } from '@connections/proto-utils';
import {
  type SubscribeResponse_Delivery as Delivery,
  SubscribeResponse_Settled_Result as Result,
  type SubscribeRequest,
  type SubscribeResponse,
} from '@connections/proto-utils/v1/messaging';

type Request = NonNullable<SubscribeRequest['frame']>;
type Response = NonNullable<SubscribeResponse['frame']>;
type Value<Case extends Response['$case']> = Extract<Response, { $case: Case }>['value'];

export interface SubscriberOptions {
  readonly messages?: number;
  readonly bytes?: number;
  readonly leaseSeconds?: number;
}

/** Reads only when asked to, so a test decides how fast its subscriber is. */
export class Subscriber implements AsyncDisposable {
  readonly #cancel = new AbortController();
  readonly #requests: Request[] = [];
  readonly #kept: Response[] = [];
  readonly #frames: AsyncIterator<SubscribeResponse>;
  #wake = () => {};
  #ended = false;
  #taken = 0;

  constructor(client: Client<typeof messagingService>) {
    const frames = client.subscribe(this.#sent(), { signal: this.#cancel.signal });
    this.#frames = frames[Symbol.asyncIterator]();
  }

  /** Frames that the transport has asked for. */
  get taken(): number {
    return this.#taken;
  }

  /** Opens a subscription and reads the answer to that. */
  static async open(
    client: Client<typeof messagingService>,
    queue: string,
    { messages = 32, bytes = 0, leaseSeconds }: SubscriberOptions = {},
  ): Promise<Subscriber> {
    const subscriber = new Subscriber(client);
    const lease = leaseSeconds === undefined ? undefined : { seconds: BigInt(leaseSeconds), nanos: 0 };
    const credit = { messages, bytes: BigInt(bytes) };
    subscriber.send({ $case: 'open', value: { namespace: '', queue, credit, lease } });
    await subscriber.next('opened');
    return subscriber;
  }

  send(frame: Request): void {
    this.#requests.push(frame);
    this.#wake();
  }

  ack(...ids: string[]): void {
    this.send({ $case: 'ack', value: { ids } });
  }

  /** Ends the frames of this side and leaves the stream open. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Goes away without a word, as a process that dies. */
  cancel(): void {
    this.#cancel.abort();
  }

  /** The next frame of this kind; frames of other kinds that come before it are kept for later. */
  async next<Case extends Response['$case']>(kind: Case): Promise<Value<Case>> {
    const kept = this.#kept.findIndex((frame) => frame.$case === kind);
    if (kept >= 0) return this.#kept.splice(kept, 1)[0]?.value as Value<Case>;
    for (;;) {
      const { done, value } = await this.#frames.next();
      assert.ok(!done && value.frame, `the stream ended, expected ${kind}`);
      if (value.frame.$case === kind) return value.frame.value as Value<Case>;
      this.#kept.push(value.frame);
    }
  }

  delivery(): Promise<Delivery> {
    return this.next('delivery');
  }

  /** Reads the answers to these ids, in one frame or several. */
  async settled(ids: readonly string[], result: 'OK' | 'STALE'): Promise<void> {
    const told: string[] = [];
    while (told.length < ids.length) {
      const answer = await this.next('settled');
      assert.equal(answer.result, Result[`RESULT_${result}`]);
      told.push(...answer.ids);
    }
    assert.deepEqual(told, ids);
  }

  /** Asserts that the service had nothing to send when it answered what was asked before. */
  async isQuiet(): Promise<void> {
    this.ack('probe');
    await this.settled(['probe'], 'STALE');
    assert.deepEqual(
      this.#kept.map(({ $case }) => $case),
      [],
    );
  }

  async ended(): Promise<void> {
    assert.deepEqual(
      this.#kept.map(({ $case }) => $case),
      [],
    );
    const { done, value } = await this.#frames.next();
    assert.ok(done, `expected the end, got ${JSON.stringify(value, (_, item) => String(item))}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel();
    await this.#frames.return?.().catch(() => {});
  }

  async *#sent(): AsyncGenerator<{ frame: Request }, void> {
    for (;;) {
      const frame = this.#requests.shift();
      if (frame) {
        this.#taken += 1;
        yield { frame };
      } else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
