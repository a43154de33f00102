/** `connections queues` as a process, against services that really run. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { connectMessaging, type MessagingClient } from '@connections/proto-utils';
import { eventually } from '@connections/testing';
import { figureTable, type QueueView } from '../src/queue-view.ts';
import { runBin, type ServicesProcess, startBin, startServices } from './bin-process.ts';
import { cli } from './cli-run.ts';

const namespace = 'queues';

describe('connections queues', () => {
  let services: ServicesProcess;
  let client: MessagingClient;

  before(async () => {
    services = await startServices();
    client = connectMessaging(services.messagingAddress);
    const queues = [{ name: 'validations' }, { name: 'audit', deliveryLimit: 3 }];
    const bindings = [
      { exchange: 'files', queue: 'validations', routingKey: 'csv.*' },
      { exchange: 'files', queue: 'audit', routingKey: '#' },
    ];
    const topology = { exchanges: [{ name: 'files', type: 'topic' }], queues, bindings };
    await client.messaging.declareTopology({ namespace, topology });
    await publish(2);
  });

  after(async () => {
    client?.close();
    await services?.[Symbol.asyncDispose]();
  });

  async function publish(count: number): Promise<void> {
    const messages = Array.from({ length: count }, () => ({ body: Buffer.from('x') }));
    await client.messaging.publish({ namespace, exchange: 'files', routingKey: 'csv.x', messages });
  }

  const run = (line: string) => runBin(line, services.env);

  it('shows the figures of each queue, dead letters counted with it, and what is bound', async () => {
    const { code, stdout, stderr } = await run(`queues --namespace ${namespace}`);
    assert.deepEqual(stdout.replace(/ +/g, ' ').split('\n'), [
      'QUEUE READY UNSETTLED CONSUMERS LIMIT DEAD',
      'validations 2 0 0 20 0',
      'audit 2 0 0 3 0',
      '',
      'EXCHANGE ROUTING KEY QUEUE',
      'files csv.* validations',
      'files # audit',
      '',
    ]);
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('shows what is delivered and who reads', async () => {
    const stop = new AbortController();
    const requests = (async function* () {
      const credit = { messages: 1, bytes: 1_000n };
      yield { frame: { $case: 'open', value: { namespace, queue: 'audit', credit } } } as const;
      await once(stop.signal, 'abort');
    })();
    const reading = (async () => {
      for await (const _ of client.messaging.subscribe(requests, { signal: stop.signal }));
    })();
    await eventually(async () => {
      const { stdout } = await run(`queues --namespace ${namespace} --json`);
      const { queues } = JSON.parse(stdout);
      assert.deepEqual(queues[2], {
        name: 'audit',
        ready: '1',
        unsettled: '1',
        consumers: 1,
        deliveryLimit: 3,
        deadLetterQueue: 'audit.dead',
        bindings: [{ exchange: 'files', routingKey: '#' }],
      });
    }, 10_000);
    stop.abort();
    await assert.rejects(reading);
  });

  it('counts dead letters in the row of their queue, until someone reads them', () => {
    const queue = { unsettled: 0n, consumers: 0, deliveryLimit: 20, bindings: [] };
    const rows = (dead: Partial<QueueView>) =>
      figureTable(
        [
          { ...queue, name: 'a', ready: 1n, deadLetterQueue: 'a.dead' },
          { ...queue, name: 'a.dead', ready: 7n, deliveryLimit: 0, deadLetterQueue: '', ...dead },
          { ...queue, name: 'b', ready: 2n, deadLetterQueue: 'graveyard' },
        ],
        { columns: undefined, colour: false },
      )
        .replace(/ +/g, ' ')
        .split('\n')
        .slice(1);
    assert.deepEqual(rows({}), ['a 1 0 0 20 7', 'b 2 0 0 20 graveyard']);
    assert.deepEqual(rows({ consumers: 1 }), ['a 1 0 0 20 7', 'a.dead 7 0 1 - -', 'b 2 0 0 20 graveyard']);
  });

  it('says in words that there are no queues, and in JSON by an empty list', async () => {
    const words = await run('queues --namespace empty');
    assert.deepEqual(words, { code: 0, stdout: '', stderr: 'no queues are declared\n' });
    const { stdout } = await run('queues --namespace empty --json');
    assert.deepEqual(JSON.parse(stdout), { queues: [] });
  });

  it('fits a narrow terminal', async () => {
    const { stdout } = await cli('queues', { env: services.env, columns: 76 });
    assert.ok(stdout.split('\n').every((line) => line.length <= 76));
    assert.match(stdout, /^typechecking\.validation\.re\S*… +0 +0 +0 +20 +0$/m);
  });

  it('--watch prints a line in a pipe for each queue that changed, until Ctrl-C', async () => {
    await using watch = startBin(['queues', '--watch', '--namespace', namespace], services.env);
    await eventually(() => assert.match(watch.stdout, /^\S+Z {2}audit\.dead {2}ready 0 /m), 10_000);
    await client.messaging.publish({ namespace, exchange: 'files', routingKey: 'x', messages: [{}] });
    await eventually(() => assert.equal(watch.stdout.match(/^\S+Z {2}audit {2}ready/gm)?.length, 2), 10_000);
    watch.kill('SIGINT');
    const { code, stdout, stderr } = await watch.exited;
    assert.deepEqual([code, stderr], [130, '']);
    assert.equal(stdout.match(/ {2}validations {2}/g)?.length, 1);
  });

  it('--watch --json prints a document on each line', async () => {
    await using watch = startBin(['queues', '--watch', '--json', '--namespace', namespace], services.env);
    await eventually(() => assert.ok(watch.stdout.split('\n').length > 2), 10_000);
    const [first = ''] = watch.stdout.split('\n');
    const { time, queues } = JSON.parse(first);
    assert.ok(Date.parse(time) > 0);
    assert.equal(queues[0].name, 'validations');
  });

  it('--watch draws a terminal again in its place', async () => {
    const again = '\u001b[4A\u001b[JQUEUE';
    const { code, stdout } = await cli(`queues --watch --namespace ${namespace}`, {
      env: services.env,
      columns: 80,
      during: (terminal) => {
        const drawn = eventually(() => assert.ok(terminal.stdout.includes(again)), 10_000);
        void drawn.finally(() => terminal.interrupt());
      },
    });
    assert.equal(stdout.split(again).length, 2);
    assert.equal(code, 130);
  });
});
