/** What the one-way streams of the wire contract do on every broker, in both ways of settling. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FailureStatus, isStatusError } from '@connections/grpc';
import { eventually } from '@connections/testing';
import type { FixtureOptions } from './messaging-fixture.ts';
import { Subscriber } from './subscriber.ts';
import type { OpenWireScene, WireScene } from './wire-scene.ts';

const settled = { ready: 0, unsettled: 0 };

function fails(status: FailureStatus, reason: string) {
  return (error: unknown) => isStatusError(error) && error.status === status && error.reason === reason;
}

export function wireStreamCases(open: OpenWireScene): void {
  describe('wire streams, settled by transport', () => {
    it('streams validation messages in their order and settles what the reader has', async () => {
      await using scene = await open();
      await scene.publish('validation.request', { id: 'a', file_data: 'ff' }, { id: 'b' });
      await using stream = scene.readValidations();
      const first = await stream.next();
      assert.deepEqual([first.id, first.fileData], ['a', 'ff']);
      assert.equal((await stream.next()).id, 'b');
      await eventually(async () => assert.deepEqual(await scene.figures(scene.validations), settled));
    });

    it('streams schema messages, also those that are published later', async () => {
      await using scene = await open();
      await using stream = scene.readSchemas();
      const waiting = stream.next();
      await scene.publish('schemas.update', { id: 'a', tasks: 'upload_schema' });
      assert.equal((await waiting).id, 'a');
      await eventually(async () => assert.deepEqual(await scene.figures(scene.schemas), settled));
    });

    it('has no more in flight than the prefetch count while its reader does not read', async () => {
      await using scene = await open({ env: { WORKER_PREFETCH_COUNT: '3' } });
      await publishLarge(scene, 12);
      await using stream = scene.readValidations();
      await stream.next();
      // What the transport's buffers take is settled; then nothing moves.
      const { ready, unsettled } = await eventuallySteady(scene);
      assert.ok(unsettled >= 1 && unsettled <= 3, `${unsettled} in flight`);
      assert.ok(ready > 0, 'the reader did not stall');
    });

    it('gives back, uncounted, what the transport had not taken when its reader died', async () => {
      await using scene = await open();
      await publishLarge(scene, 12);
      const stream = scene.readValidations();
      await stream.next();
      const before = await eventuallySteady(scene);
      stream.cancel();
      await eventually(async () =>
        assert.deepEqual(await scene.figures(scene.validations), {
          ready: before.ready + before.unsettled,
          unsettled: 0,
        }),
      );
      await using heir = await Subscriber.open(scene.fixture.v1, scene.validations);
      assert.equal((await heir.delivery()).attempt, 1);
    });

    it('dead-letters a body that it cannot read, and goes on', async () => {
      await using scene = await open();
      await scene.publish('validation.request', 'not json', '[]', { id: 'good' });
      await using stream = scene.readValidations();
      assert.equal((await stream.next()).id, 'good');
      await using dead = await Subscriber.open(scene.fixture.v1, `${scene.validations}.dead`);
      for (const body of ['not json', '[]']) {
        const { message } = await dead.delivery();
        assert.equal(Buffer.from(message?.body ?? []).toString(), body);
        assert.equal(message?.headers.get('x-death-reason'), 'unparseable');
      }
    });

    it('dead-letters a message that is larger than the transport takes, and goes on', async () => {
      await using scene = await open({ env: { MAX_VALUE_BYTES: '3 MiB' } });
      const names = Array.from({ length: 130_000 }, (_, index) => [`p${index}`, { type: 'x' }]);
      await scene.publish('schemas.update', { schema: { properties: Object.fromEntries(names) } });
      await scene.publish('schemas.update', { id: 'small' });
      await using stream = scene.readSchemas();
      assert.equal((await stream.next()).id, 'small');
      await using dead = await Subscriber.open(scene.fixture.v1, `${scene.schemas}.dead`);
      assert.equal((await dead.delivery()).message?.headers.get('x-death-reason'), 'too_large');
    });

    it('ends its streams with UNAVAILABLE when the service stops', async () => {
      await using scene = await open();
      await using stream = scene.readValidations();
      const waiting = assert.rejects(stream.next(), fails('UNAVAILABLE', 'SHUTTING_DOWN'));
      await eventually(async () => {
        const { statistics } = await scene.fixture.v1.getTopology({});
        assert.equal(statistics.find(({ queue }) => queue === scene.validations)?.consumers, 1);
      });
      await scene.fixture.stop();
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
      await using scene = await open(withTasks(statuses));
      await scene.publish('validation.request', { id: 'a' });
      await using stream = scene.readValidations();
      assert.equal((await stream.next()).id, 'a');
      await scene.fixture.clock.advance(5_000);
      assert.deepEqual(await scene.figures(scene.validations), { ready: 0, unsettled: 1 });
      statuses.set('validation/a', 'processing-file');
      await scene.fixture.clock.advance(1_000);
      await eventually(async () => assert.deepEqual(await scene.figures(scene.validations), settled));
      assert.deepEqual(await scene.figures(`${scene.validations}.dead`), settled, 'it was not given up');
    });

    it('delivers a message when the status of its task is known, so that its reader cannot be too quick', async () => {
      const answers: ((status: string) => void)[] = [];
      const readTaskStatus = () => new Promise<string>((answer) => answers.push(answer));
      await using scene = await open({ env, readTaskStatus });
      await scene.publish('validation.request', { id: 'a' });
      await using stream = scene.readValidations();
      let delivered = false;
      const message = stream.next().then(() => {
        delivered = true;
      });
      await eventually(() => assert.equal(answers.length, 1));
      // The stream has had the time of another call, a delivery's.
      assert.deepEqual(await scene.figures(scene.validations), { ready: 0, unsettled: 1 });
      assert.equal(delivered, false);
      answers[0]?.('accepted');
      await message;
      await scene.fixture.clock.advance(100);
      answers[1]?.('completed');
      await eventually(async () => assert.deepEqual(await scene.figures(scene.validations), settled));
    });

    it('gives back, uncounted, what waits for the status of its task when its reader dies', async () => {
      await using scene = await open({
        env,
        readTaskStatus: (_, signal) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      });
      await scene.publish('validation.request', { id: 'a' });
      const stream = scene.readValidations();
      const waiting = assert.rejects(stream.next());
      await eventually(async () =>
        assert.deepEqual(await scene.figures(scene.validations), { ready: 0, unsettled: 1 }),
      );
      stream.cancel();
      await waiting;
      await using heir = await Subscriber.open(scene.fixture.v1, scene.validations);
      assert.equal((await heir.delivery()).attempt, 1);
    });

    it('looks for the tasks of the schemas queue in their category', async () => {
      const statuses = new Map([['schemas/a', 'accepted']]);
      await using scene = await open(withTasks(statuses));
      await scene.publish('schemas.update', { id: 'a' });
      await using stream = scene.readSchemas();
      await stream.next();
      await scene.fixture.clock.advance(100);
      statuses.set('schemas/a', 'received-schema-update');
      await scene.fixture.clock.advance(1_000);
      await eventually(async () => assert.deepEqual(await scene.figures(scene.schemas), settled));
    });

    it('delivers a message again when its lease ends before its task has moved', async () => {
      await using scene = await open(withTasks(new Map([['validation/a', 'accepted']])));
      await scene.publish('validation.request', { id: 'a' });
      await using stream = scene.readValidations();
      await stream.next();
      await scene.fixture.clock.advance(29_000);
      assert.deepEqual(await scene.figures(scene.validations), { ready: 0, unsettled: 1 });
      const again = stream.next();
      await eventually(async () => {
        await scene.fixture.clock.advance(1_000);
        assert.equal((await Promise.race([again, Promise.resolve(undefined)]))?.id, 'a');
      });
    });

    it('gives back, as failed, what a reader had taken and not moved when it died', async () => {
      await using scene = await open(withTasks(new Map([['validation/a', 'accepted']])));
      await scene.publish('validation.request', { id: 'a' });
      await using stream = scene.readValidations();
      await stream.next();
      stream.cancel();
      await using heir = await Subscriber.open(scene.fixture.v1, scene.validations);
      assert.equal((await heir.delivery()).attempt, 2);
    });
  });
}

async function publishLarge(scene: WireScene, count: number): Promise<void> {
  const file_data = 'ab'.repeat(250_000);
  for (let index = 0; index < count; index++) {
    await scene.publish('validation.request', { id: `large-${index}`, file_data });
  }
}

/** The figures of the queue once they have stayed the same for a while. */
async function eventuallySteady(scene: WireScene) {
  let last = '';
  let since = performance.now();
  return eventually(async () => {
    const now = await scene.figures(scene.validations);
    assert.ok(now);
    if (JSON.stringify(now) !== last) since = performance.now();
    last = JSON.stringify(now);
    assert.ok(performance.now() - since > 200, 'still moving');
    return now;
  });
}
