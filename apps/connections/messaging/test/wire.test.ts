/** The wire contract's Messaging service, on a real socket. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FailureStatus, isStatusError } from '@connections/grpc';
import { eventually } from '@connections/testing';
import { type FixtureOptions, type MessagingFixture, openMessaging } from './messaging-fixture.ts';
import { Subscriber } from './subscriber.ts';

const validations = 'typechecking.validations.queue';
const schemas = 'typechecking.schemas.queue';

async function publish(
  { v1 }: MessagingFixture,
  routingKey: string,
  ...bodies: (object | string)[]
): Promise<void> {
  const messages = bodies.map((body) => ({
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  }));
  await v1.publish({ exchange: 'typechecking.exchange', routingKey, messages });
}

async function figures({ v1 }: MessagingFixture, name = validations) {
  const { statistics } = await v1.getTopology({});
  const found = statistics.find((row) => row.queue === name);
  return found && { ready: Number(found.ready), unsettled: Number(found.unsettled) };
}

const settled = { ready: 0, unsettled: 0 };

function reader<T>(stream: (options: { signal: AbortSignal }) => AsyncIterable<T>) {
  const cancel = new AbortController();
  const messages = stream({ signal: cancel.signal })[Symbol.asyncIterator]();
  return {
    async next(): Promise<T> {
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

const readValidations = ({ wire }: Pick<MessagingFixture, 'wire'>) =>
  reader((options) => wire.streamValidationMessages({}, options));
const readSchemas = ({ wire }: Pick<MessagingFixture, 'wire'>) =>
  reader((options) => wire.streamSchemaMessages({}, options));

function fails(status: FailureStatus, reason: string) {
  return (error: unknown) => isStatusError(error) && error.status === status && error.reason === reason;
}

describe('wire contract', () => {
  it('tells the routing keys of requests and results', async () => {
    await using fixture = await openMessaging({
      env: { RABBITMQ_ROUTING_KEY_RESULTS_VALIDATIONS: 'validation.results.*' },
    });
    const { wire } = fixture;
    const keys = [
      await wire.getRoutingKeySchemas({ results: false }),
      await wire.getRoutingKeySchemas({ results: true }),
      await wire.getRoutingKeyValidations({ results: false }),
      await wire.getRoutingKeyValidations({ results: true }),
    ];
    assert.deepEqual(
      keys.map(({ routingKey }) => routingKey),
      ['schemas.*', 'schemas.result.*', 'validation.*', 'validation.results.*'],
    );
  });

  it('has no broker to hand out on the embedded driver', async () => {
    await using fixture = await openMessaging();
    await assert.rejects(fixture.wire.getMessagingParams({}), fails('FAILED_PRECONDITION', 'NO_BROKER'));
  });

  it('streams validation messages in their order and settles what the reader has', async () => {
    await using fixture = await openMessaging();
    await publish(fixture, 'validation.request', { id: 'a', file_data: 'ff' }, { id: 'b' });
    await using stream = readValidations(fixture);
    const first = await stream.next();
    assert.deepEqual([first.id, first.fileData], ['a', 'ff']);
    assert.equal((await stream.next()).id, 'b');
    await eventually(async () => assert.deepEqual(await figures(fixture), settled));
  });

  it('streams schema messages, also those that are published later', async () => {
    await using fixture = await openMessaging();
    await using stream = readSchemas(fixture);
    const waiting = stream.next();
    await publish(fixture, 'schemas.update', { id: 'a', tasks: 'upload_schema' });
    assert.equal((await waiting).id, 'a');
    await eventually(async () => assert.deepEqual(await figures(fixture, schemas), settled));
  });

  it('has no more in flight than the prefetch count while its reader does not read', async () => {
    await using fixture = await openMessaging({ env: { WORKER_PREFETCH_COUNT: '3' } });
    await publishLarge(fixture, 12);
    await using stream = readValidations(fixture);
    await stream.next();
    // What the transport's buffers take is settled; then nothing moves.
    const { ready, unsettled } = await eventuallySteady(fixture);
    assert.ok(unsettled >= 1 && unsettled <= 3, `${unsettled} in flight`);
    assert.ok(ready > 0, 'the reader did not stall');
  });

  it('gives back, uncounted, what the transport had not taken when its reader died', async () => {
    await using fixture = await openMessaging();
    await publishLarge(fixture, 12);
    const stream = readValidations(fixture);
    await stream.next();
    const before = await eventuallySteady(fixture);
    stream.cancel();
    await eventually(async () =>
      assert.deepEqual(await figures(fixture), { ready: before.ready + before.unsettled, unsettled: 0 }),
    );
    await using heir = await Subscriber.open(fixture.v1, validations);
    assert.equal((await heir.delivery()).attempt, 1);
  });

  it('dead-letters a body that it cannot read, and goes on', async () => {
    await using fixture = await openMessaging();
    await publish(fixture, 'validation.request', 'not json', '[]', { id: 'good' });
    await using stream = readValidations(fixture);
    assert.equal((await stream.next()).id, 'good');
    await using dead = await Subscriber.open(fixture.v1, `${validations}.dead`);
    for (const body of ['not json', '[]']) {
      const { message } = await dead.delivery();
      assert.equal(Buffer.from(message?.body ?? []).toString(), body);
      assert.equal(message?.headers.get('x-death-reason'), 'unparseable');
    }
  });

  it('dead-letters a message that is larger than the transport takes, and goes on', async () => {
    await using fixture = await openMessaging({ env: { MAX_VALUE_BYTES: '3 MiB' } });
    const names = Array.from({ length: 130_000 }, (_, index) => [`p${index}`, { type: 'x' }]);
    await publish(fixture, 'schemas.update', { schema: { properties: Object.fromEntries(names) } });
    await publish(fixture, 'schemas.update', { id: 'small' });
    await using stream = readSchemas(fixture);
    assert.equal((await stream.next()).id, 'small');
    await using dead = await Subscriber.open(fixture.v1, `${schemas}.dead`);
    assert.equal((await dead.delivery()).message?.headers.get('x-death-reason'), 'too_large');
  });

  it('ends its streams with UNAVAILABLE when the service stops', async () => {
    await using fixture = await openMessaging();
    await using stream = readValidations(fixture);
    const waiting = assert.rejects(stream.next(), fails('UNAVAILABLE', 'SHUTTING_DOWN'));
    await eventually(async () => {
      const { statistics } = await fixture.v1.getTopology({});
      assert.equal(statistics.find(({ queue }) => queue === validations)?.consumers, 1);
    });
    await fixture.stop();
    await waiting;
  });
});

describe('wire contract, settled by task', () => {
  const env = { MESSAGING_WIRE_SETTLE: 'task', MESSAGING_LEASE_SECONDS: '30' };

  function withTasks(statuses: Map<string, string>): FixtureOptions {
    return { env, readTaskStatus: async ({ category, id }) => statuses.get(`${category}/${id}`) };
  }

  it('settles a message when its task has left its first status', async () => {
    const statuses = new Map([['validation/a', 'accepted']]);
    await using fixture = await openMessaging(withTasks(statuses));
    await publish(fixture, 'validation.request', { id: 'a' });
    await using stream = readValidations(fixture);
    assert.equal((await stream.next()).id, 'a');
    await fixture.clock.advance(5_000);
    assert.deepEqual(await figures(fixture), { ready: 0, unsettled: 1 });
    statuses.set('validation/a', 'processing-file');
    await fixture.clock.advance(1_000);
    await eventually(async () => assert.deepEqual(await figures(fixture), settled));
    assert.deepEqual(await figures(fixture, `${validations}.dead`), settled, 'it was not given up');
  });

  it('delivers a message when the status of its task is known, so that its reader cannot be too quick', async () => {
    const answers: ((status: string) => void)[] = [];
    const readTaskStatus = () => new Promise<string>((answer) => answers.push(answer));
    await using fixture = await openMessaging({ env, readTaskStatus });
    await publish(fixture, 'validation.request', { id: 'a' });
    await using stream = readValidations(fixture);
    let delivered = false;
    const message = stream.next().then(() => {
      delivered = true;
    });
    await eventually(() => assert.equal(answers.length, 1));
    // The stream has had the time of another call, a delivery's.
    assert.deepEqual(await figures(fixture), { ready: 0, unsettled: 1 });
    assert.equal(delivered, false);
    answers[0]?.('accepted');
    await message;
    await fixture.clock.advance(100);
    answers[1]?.('completed');
    await eventually(async () => assert.deepEqual(await figures(fixture), settled));
  });

  it('gives back, uncounted, what waits for the status of its task when its reader dies', async () => {
    await using fixture = await openMessaging({
      env,
      readTaskStatus: (_, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    await publish(fixture, 'validation.request', { id: 'a' });
    const stream = readValidations(fixture);
    const waiting = assert.rejects(stream.next());
    await eventually(async () => assert.deepEqual(await figures(fixture), { ready: 0, unsettled: 1 }));
    stream.cancel();
    await waiting;
    await using heir = await Subscriber.open(fixture.v1, validations);
    assert.equal((await heir.delivery()).attempt, 1);
  });

  it('looks for the tasks of the schemas queue in their category', async () => {
    const statuses = new Map([['schemas/a', 'accepted']]);
    await using fixture = await openMessaging(withTasks(statuses));
    await publish(fixture, 'schemas.update', { id: 'a' });
    await using stream = readSchemas(fixture);
    await stream.next();
    await fixture.clock.advance(100);
    statuses.set('schemas/a', 'received-schema-update');
    await fixture.clock.advance(1_000);
    await eventually(async () => assert.deepEqual(await figures(fixture, schemas), settled));
  });

  it('delivers a message again when its lease ends before its task has moved', async () => {
    await using fixture = await openMessaging(withTasks(new Map([['validation/a', 'accepted']])));
    await publish(fixture, 'validation.request', { id: 'a' });
    await using stream = readValidations(fixture);
    await stream.next();
    await fixture.clock.advance(29_000);
    assert.deepEqual(await figures(fixture), { ready: 0, unsettled: 1 });
    const again = stream.next();
    await eventually(async () => {
      await fixture.clock.advance(1_000);
      assert.equal((await Promise.race([again, Promise.resolve(undefined)]))?.id, 'a');
    });
  });

  it('gives back, as failed, what a reader had taken and not moved when it died', async () => {
    await using fixture = await openMessaging(withTasks(new Map([['validation/a', 'accepted']])));
    await publish(fixture, 'validation.request', { id: 'a' });
    await using stream = readValidations(fixture);
    await stream.next();
    stream.cancel();
    await using heir = await Subscriber.open(fixture.v1, validations);
    assert.equal((await heir.delivery()).attempt, 2);
  });
});

async function publishLarge(fixture: MessagingFixture, count: number): Promise<void> {
  const file_data = 'ab'.repeat(250_000);
  for (let index = 0; index < count; index++) {
    await publish(fixture, 'validation.request', { id: `large-${index}`, file_data });
  }
}

/** The figures of the queue once they have stayed the same for a while. */
async function eventuallySteady(fixture: MessagingFixture) {
  let last = '';
  let since = performance.now();
  return eventually(async () => {
    const now = await figures(fixture);
    assert.ok(now);
    if (JSON.stringify(now) !== last) since = performance.now();
    last = JSON.stringify(now);
    assert.ok(performance.now() - since > 200, 'still moving');
    return now;
  });
}
