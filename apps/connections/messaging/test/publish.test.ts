/** Publishing and declaring over v1, on a real socket. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStatusError } from '@connections/grpc';
import { PublishResponse_Outcome as Outcome } from '@connections/proto-utils/v1/messaging';
import { openMessaging } from './messaging-fixture.ts';

type Violation = readonly [field: string, description: RegExp];

/** INVALID_ARGUMENT whose first violation is this one. */
function violates([field, description]: Violation) {
  return (error: unknown) => {
    assert.ok(isStatusError(error), String(error));
    assert.equal(error.status, 'INVALID_ARGUMENT');
    const [violation] = error.details.flatMap((detail) =>
      detail.kind === 'BadRequest' ? detail.violations : [],
    );
    assert.equal(violation?.field, field);
    assert.match(violation?.description ?? '', description);
    return true;
  };
}

function failsFor(reason: string) {
  return (error: unknown) => isStatusError(error) && error.reason === reason;
}

const body = Buffer.from('body');

describe('publish', () => {
  it('confirms each message and tells its id, made up where it had none', async () => {
    await using fixture = await openMessaging();
    const { results } = await fixture.v1.publish({
      exchange: 'typechecking.exchange',
      routingKey: 'validation.request',
      messages: [{ id: 'mine', body }, { body }],
    });
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      [Outcome.OUTCOME_CONFIRMED, Outcome.OUTCOME_CONFIRMED],
    );
    assert.equal(results[0]?.id, 'mine');
    assert.match(results[1]?.id ?? '', /^[0-9a-f-]{36}$/);
  });

  it('names the only message after the request', async () => {
    await using fixture = await openMessaging();
    const target = { exchange: 'typechecking.exchange', routingKey: 'validation.request' };
    const one = await fixture.v1.publish({ ...target, messages: [{ body }], requestId: 'attempt-1' });
    assert.equal(one.results[0]?.id, 'attempt-1');
    const two = await fixture.v1.publish({
      ...target,
      messages: [{ body }, { body }],
      requestId: 'attempt-2',
    });
    assert.notEqual(two.results[0]?.id, two.results[1]?.id);
  });

  it('says of a message to no queue that it is unroutable, with status OK', async () => {
    await using fixture = await openMessaging();
    const { results } = await fixture.v1.publish({
      exchange: 'typechecking.exchange',
      routingKey: 'nobody.listens',
      messages: [{ id: 'a', body }],
    });
    assert.deepEqual(results, [{ id: 'a', outcome: Outcome.OUTCOME_UNROUTABLE, reason: '' }]);
  });

  it('fails for an unknown exchange', async () => {
    await using fixture = await openMessaging();
    const call = fixture.v1.publish({ exchange: 'nowhere', routingKey: 'a', messages: [{ body }] });
    await assert.rejects(call, failsFor('EXCHANGE_NOT_FOUND'));
  });

  it('keeps namespaces apart', async () => {
    await using fixture = await openMessaging();
    await fixture.v1.declareTopology({ namespace: 'other', topology: { queues: [{ name: 'jobs' }] } });
    const { results } = await fixture.v1.publish({ routingKey: 'jobs', messages: [{ body }] });
    assert.equal(results[0]?.outcome, Outcome.OUTCOME_UNROUTABLE);
  });

  const manyHeaders = new Map(Array.from({ length: 65 }, (_, index) => [`h${index}`, '']));
  const refused: [string, object, Violation][] = [
    ['no message', { messages: [] }, ['messages', /from 1 to 256/]],
    ['257 messages', { messages: new Array(257).fill({ body }) }, ['messages', /257/]],
    [
      'a body over the limit',
      { messages: [{ body: Buffer.alloc(1_048_577) }] },
      ['messages[0].body', /1048577 bytes/],
    ],
    ['a long id', { messages: [{ id: 'i'.repeat(513), body }] }, ['messages[0].id', /513 bytes/]],
    ['65 headers', { messages: [{ body, headers: manyHeaders }] }, ['messages[0].headers', /65 headers/]],
    [
      'large headers',
      { messages: [{ body, headers: new Map([['h', 'v'.repeat(8_192)]]) }] },
      ['messages[0].headers', /8193 bytes/],
    ],
    [
      'a subject without an id',
      { messages: [{ body, subject: 'validation/' }] },
      ['messages[0].subject', /category and the id/],
    ],
    [
      'a routing key with a control character',
      { routingKey: 'a\u0000b', messages: [{ body }] },
      ['routing_key', /control character/],
    ],
    ['a long exchange name', { exchange: 'e'.repeat(513), messages: [{ body }] }, ['exchange', /513 bytes/]],
    ['neither exchange nor queue', { routingKey: '', messages: [{ body }] }, ['routing_key', /empty/]],
    ['a long namespace', { namespace: 'n'.repeat(65), messages: [{ body }] }, ['namespace', /65 bytes/]],
  ];

  for (const [what, request, violation] of refused) {
    it(`refuses ${what}`, async () => {
      await using fixture = await openMessaging();
      await assert.rejects(fixture.v1.publish({ routingKey: 'jobs', ...request }), violates(violation));
    });
  }
});

describe('topology', () => {
  it('has the topology of the wire contract from the start, each queue with its dead-letter queue', async () => {
    await using fixture = await openMessaging();
    const { topology } = await fixture.v1.getTopology({});
    assert.deepEqual(topology?.exchanges, [{ name: 'typechecking.exchange', type: 'topic' }]);
    const names = new Set(topology?.queues.map(({ name }) => name));
    for (const queue of ['schemas', 'validations', 'schemas.results', 'validation.results']) {
      assert.ok(names.has(`typechecking.${queue}.queue`), queue);
      assert.ok(names.has(`typechecking.${queue}.queue.dead`), `${queue}.dead`);
    }
    assert.deepEqual(
      new Set(topology?.bindings.map(({ routingKey }) => routingKey)),
      new Set(['schemas.*', 'validation.*', 'schemas.result.*', 'validation.result.*']),
    );
  });

  it('names them as the settings say', async () => {
    await using fixture = await openMessaging({
      env: { RABBITMQ_EXCHANGE: 'etl', RABBITMQ_ROUTING_KEY_RESULTS_VALIDATIONS: 'validation.results.*' },
    });
    const { topology } = await fixture.v1.getTopology({});
    assert.deepEqual(topology?.exchanges, [{ name: 'etl', type: 'topic' }]);
    assert.ok(topology?.bindings.some(({ routingKey }) => routingKey === 'validation.results.*'));
  });

  it('declares with defaults, and takes what it tells as a declaration that changes nothing', async () => {
    await using fixture = await openMessaging();
    const wanted = {
      exchanges: [{ name: 'x' }],
      queues: [{ name: 'q' }],
      bindings: [{ exchange: 'x', queue: 'q', routingKey: 'a.#' }],
    };
    const namespace = 'mine';
    const { topology } = await fixture.v1.declareTopology({ namespace, topology: wanted });
    assert.deepEqual(topology?.exchanges, [{ name: 'x', type: 'topic' }]);
    const queue = topology?.queues.find(({ name }) => name === 'q');
    assert.deepEqual(queue, { name: 'q', deliveryLimit: 20, deadLetterQueue: 'q.dead' });
    const again = await fixture.v1.declareTopology({ namespace, topology });
    assert.deepEqual(again.topology, topology);
  });

  it('refuses a declaration that contradicts what is there', async () => {
    await using fixture = await openMessaging();
    await fixture.v1.declareTopology({ topology: { queues: [{ name: 'q' }] } });
    const call = fixture.v1.declareTopology({ topology: { queues: [{ name: 'q', deliveryLimit: 3 }] } });
    await assert.rejects(call, failsFor('TOPOLOGY_CONFLICT'));
  });

  const refused: [string, object, Violation][] = [
    [
      'another type of exchange',
      { exchanges: [{ name: 'x', type: 'fanout' }] },
      ['topology.exchanges[0].type', /topic/],
    ],
    ['an exchange without a name', { exchanges: [{}] }, ['topology.exchanges[0].name', /empty/]],
    [
      'a negative delivery limit',
      { queues: [{ name: 'q', deliveryLimit: -1 }] },
      ['topology.queues[0].delivery_limit', /from 0/],
    ],
    [
      'a queue that is its own dead-letter queue',
      { queues: [{ name: 'q', deadLetterQueue: 'q' }] },
      ['topology.queues[0].dead_letter_queue', /another/],
    ],
    [
      'a name with no room for its dead-letter queue',
      { queues: [{ name: 'q'.repeat(508) }] },
      ['topology.queues[0].dead_letter_queue', /513 bytes/],
    ],
    [
      '257 bindings',
      { bindings: new Array(257).fill({ exchange: 'x', queue: 'q' }) },
      ['topology.bindings', /257/],
    ],
    ['a binding to nothing', { bindings: [{ exchange: 'x' }] }, ['topology.bindings[0].queue', /empty/]],
  ];

  for (const [what, topology, violation] of refused) {
    it(`refuses ${what}`, async () => {
      await using fixture = await openMessaging();
      await assert.rejects(fixture.v1.declareTopology({ topology }), violates(violation));
    });
  }
});
