/** Requests out of JSON, and what is said of JSON that is none. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { toJson } from '@bufbuild/protobuf';
import { requestMessages, soleMessage } from '../src/reflection/request-messages.ts';
import { message, registry } from './described-protos.ts';

const topology = message('connections.messaging.v1.DeclareTopologyRequest');
const set = message('connections.cache.v1.SetRequest');

async function read(data: string | undefined, stdin: Readable = Readable.from([]), type = set) {
  const found: unknown[] = [];
  for await (const each of requestMessages(type, registry, { data, stdin })) found.push(toJson(type, each));
  return found;
}

const sole = (data: string) => soleMessage(set, registry, { data, stdin: Readable.from([]) });

describe('requests', () => {
  it('are one with nothing set where no JSON is given', async () => {
    assert.deepEqual(await read(undefined), [{}]);
  });

  it('are read from the text, or from standard input, by either name of a field', async () => {
    assert.deepEqual(await read('{"key":"a","request_id":"1"}{"requestId":"2"}'), [
      { key: 'a', requestId: '1' },
      { requestId: '2' },
    ]);
    const bytes = Buffer.from('{"key":"ä"}\n{"key":"b"}');
    const stdin = Readable.from([bytes.subarray(0, 9), bytes.subarray(9)]);
    assert.deepEqual(await read('-', stdin), [{ key: 'ä' }, { key: 'b' }]);
  });

  const faults: readonly [string, string, string, typeof set?][] = [
    ['{"key":5}', 'the JSON is wrong at key: expected string, got 5', ''],
    ['{"kez":"a"}', 'the JSON is wrong: key "kez" is unknown', 'did you mean key?'],
    ['{"ttl":"5"}', 'the JSON is wrong at ttl: no google.protobuf.Duration: "5"', ''],
    ['[]', 'the JSON is wrong: no connections.cache.v1.SetRequest: Array(0)', ''],
    ['{}\n{"key":[]}', 'document 2 is wrong at key: expected string, got Array(0)', ''],
    [
      '{"topology":{"queues":[{"name":"a"},{"deliveryLimit":"x"}]}}',
      'the JSON is wrong at topology.queues[1].delivery_limit: ',
      '',
      topology,
    ],
    [
      '{"active_schema":{"properties":{"a b":{"type":"STRIN"}}}}',
      'the JSON is wrong at active_schema.properties["a b"].type: "STRIN" is no value of utils.PropertyType',
      'did you mean STRING?',
      message('mongo.MongoInsertOneSchemaRequest'),
    ],
  ];
  for (const [json, problem, hint, type] of faults) {
    it(`say what is wrong and where: ${JSON.stringify(json)}`, async () => {
      await assert.rejects(read(json, Readable.from([]), type), (error: Error & { hint?: string }) => {
        assert.ok(error.message.startsWith(problem), error.message);
        assert.equal(error.hint ?? '', hint);
        assert.equal((error as { exitCode?: number }).exitCode, 2);
        return true;
      });
    });
  }

  it('say the line and the column where the text is no JSON', async () => {
    await assert.rejects(
      read('{\n  "key": "a"\n  "value": ""}'),
      /^.*the JSON is wrong at line 3, column 3: /,
    );
    await assert.rejects(read('{"key":"a"'), /the JSON is wrong at line 1, column 11: /);
  });

  it('say so when standard input is no UTF-8', async () => {
    await assert.rejects(read('-', Readable.from([Buffer.from([0x22, 0xff, 0x22])])), /is not UTF-8/);
  });

  it('are exactly one where the method takes one', async () => {
    assert.ok(await sole('{"key":"a"}'));
    await assert.rejects(sole('{}{}'), /takes one message/);
    await assert.rejects(sole(''), /there is no JSON/);
  });
});
