/** A service with the queues of the wire contract, on whichever broker, and readers of its one-way streams. */
import assert from 'node:assert/strict';
import { type FixtureOptions, type MessagingFixture, openMessaging } from './messaging-fixture.ts';

export interface StreamReader<T> extends AsyncDisposable {
  next(): Promise<T>;
  cancel(): void;
}

export interface WireNames {
  readonly exchange: string;
  readonly schemas: string;
  readonly validations: string;
}

export class WireScene implements AsyncDisposable {
  readonly fixture: MessagingFixture;
  readonly schemas: string;
  readonly validations: string;
  readonly #exchange: string;

  constructor(fixture: MessagingFixture, { exchange, schemas, validations }: WireNames) {
    this.fixture = fixture;
    this.schemas = schemas;
    this.validations = validations;
    this.#exchange = exchange;
  }

  async publish(routingKey: string, ...bodies: (object | string)[]): Promise<void> {
    const messages = bodies.map((body) => ({
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    }));
    await this.fixture.v1.publish({ exchange: this.#exchange, routingKey, messages });
  }

  async figures(queue: string) {
    const { statistics } = await this.fixture.v1.getTopology({});
    const found = statistics.find((row) => row.queue === queue);
    return found && { ready: Number(found.ready), unsettled: Number(found.unsettled) };
  }

  readValidations() {
    return reader((options) => this.fixture.wire.streamValidationMessages({}, options));
  }

  readSchemas() {
    return reader((options) => this.fixture.wire.streamSchemaMessages({}, options));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.fixture[Symbol.asyncDispose]();
  }
}

export type OpenWireScene = (options?: FixtureOptions) => Promise<WireScene>;

export const openWireScene: OpenWireScene = async (options) =>
  new WireScene(await openMessaging(options), {
    exchange: 'typechecking.exchange',
    schemas: 'typechecking.schemas.queue',
    validations: 'typechecking.validations.queue',
  });

function reader<T>(stream: (options: { signal: AbortSignal }) => AsyncIterable<T>): StreamReader<T> {
  const cancel = new AbortController();
  const messages = stream({ signal: cancel.signal })[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await messages.next();
      assert.ok(!done, 'the stream ended');
      return value;
    },
    cancel: () => cancel.abort(),
    async [Symbol.asyncDispose]() {
      cancel.abort();
      await messages.return?.().catch(() => {});
    },
  };
}
