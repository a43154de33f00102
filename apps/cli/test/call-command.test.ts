/** `call` against both services as they run. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { eventually } from '@connections/testing';
import { runBin, type ServicesProcess, startBin, startServices } from './bin-process.ts';
import { type CliRunOptions, cli } from './cli-run.ts';

const cache = 'connections.cache.v1.CacheService';
const tasks = 'connections.tasks.v1.TaskService';
const messaging = 'connections.messaging.v1.MessagingService';
/** Nothing listens on port 1. */
const nobody = '127.0.0.1:1';

describe('call', { timeout: 60_000 }, () => {
  let services: ServicesProcess;
  before(async () => {
    services = await startServices({ LOG_LEVEL: 'silent' });
  });
  after(() => services[Symbol.asyncDispose]());

  const call = (words: readonly string[], options: CliRunOptions = {}) =>
    cli(['call', ...words], { ...options, env: services.env });
  async function answers(words: readonly string[], options: CliRunOptions = {}): Promise<unknown[]> {
    const { code, stdout, stderr } = await call(words, options);
    assert.deepEqual([code, stderr], [0, '']);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  it('lists the methods of both services, and of one', async () => {
    const { code, stdout } = await call([]);
    assert.equal(code, 0);
    assert.match(stdout, /^METHOD +TAKES +ANSWERS +ON\n/);
    assert.match(stdout, /^connections\.cache\.v1\.CacheService\/Get +GetRequest +GetResponse +database$/m);
    assert.match(
      stdout,
      /^messaging\.MessagingService\/StreamSchemaMessages +SchemaMessageRequest +stream SchemaMessageResponse +messaging$/m,
    );
    assert.match(stdout, /^grpc\.health\.v1\.Health\/Check .* database, messaging$/m);
    const one = await call([cache]);
    assert.equal(one.stdout.trimEnd().split('\n').length, 6);
  });

  it('lists them as JSON', async () => {
    const { stdout } = await call([messaging, '--json']);
    const subscribe = JSON.parse(stdout).methods.at(-1);
    assert.deepEqual(subscribe, {
      method: `${messaging}/Subscribe`,
      request: 'connections.messaging.v1.SubscribeRequest',
      requestStream: true,
      response: 'connections.messaging.v1.SubscribeResponse',
      responseStream: true,
      targets: [{ service: 'messaging', address: services.messagingAddress }],
    });
  });

  it('lists what one service has while the other is away, and says so', async () => {
    const { code, stdout, stderr } = await call(['--messaging', nobody]);
    assert.equal(code, 0);
    assert.match(stdout, /CacheService\/Get/);
    assert.match(stderr, /^the messaging service cannot be reached on 127\.0\.0\.1:1/);
  });

  it('lists what one service has while the other does not answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const connected = once(silent, 'connection');
    const { port } = silent.address() as AddressInfo;
    const { code, stdout, stderr } = await call(['--messaging', `127.0.0.1:${port}`, '--timeout', '2']);
    const [socket] = await connected;
    socket.destroy();
    silent.close();
    assert.equal(code, 0);
    assert.match(stdout, /CacheService\/Get/);
    assert.match(stderr, /^the messaging service on 127\.0\.0\.1:\d+ has not answered in time\n$/);
  });

  it('calls a method on the service that has it, with every field in the answer', async () => {
    const [written] = await answers([`${cache}/Set`, '{"key":"a","value":"aGVsbG8=","ttl":"60s"}']);
    assert.ok(typeof written === 'object' && written !== null && 'expireTime' in written);
    const [got] = await answers([`/${cache}.Get`, '{"key":"a"}']);
    assert.deepEqual(got, { entry: { key: 'a', value: 'aGVsbG8=', expireTime: written.expireTime } });
    const [list] = await answers([`${cache}/List`, '{"prefix":"none"}']);
    assert.deepEqual(list, { entries: [], nextPageToken: '' });
    assert.deepEqual(await answers(['messaging.MessagingService/GetRoutingKeyValidations']), [
      { routingKey: 'validation.*' },
    ]);
  });

  it('prints one answer over several lines for people, unless they ask for --json', async () => {
    const words = ['database_service.DatabaseService/RedisPing'];
    assert.equal((await call(words, { columns: 80 })).stdout, '{\n  "pong": true\n}\n');
    assert.equal((await call([...words, '--json'], { columns: 80 })).stdout, '{"pong":true}\n');
  });

  it('sends a stream of requests from standard input and prints each answer on a line', async () => {
    const declare = '{"topology":{"queues":[{"name":"jobs"},{"name":"idle"}]}}';
    await answers([`${messaging}/DeclareTopology`, declare]);
    const publish = '{"routingKey":"jobs","messages":[{"id":"m-1","body":"aGVsbG8="}]}';
    const [published] = await answers([`${messaging}/Publish`, '-'], { stdin: publish });
    assert.deepEqual(published, { results: [{ id: 'm-1', outcome: 'OUTCOME_CONFIRMED', reason: '' }] });
    const stdin = '{"open":{"queue":"idle"}}\n{"drain":{}}';
    const frames = await answers([`${messaging}/Subscribe`, '-'], { stdin });
    assert.deepEqual(
      frames.map((frame) => Object.keys(frame as object)),
      [['opened']],
    );
  });

  it('prints what a stream answers as it comes, until Ctrl-C, which is 130', async () => {
    const words = ['call', 'grpc.health.v1.Health/Watch', '--address', services.databaseAddress];
    await using watch = startBin(words, services.env);
    await eventually(() => assert.equal(watch.stdout, '{"status":"SERVING"}\n'), 10_000);
    watch.kill('SIGINT');
    const { code, stderr } = await watch.exited;
    assert.deepEqual([code, stderr], [130, '']);
  });

  it('ends a stream after the timeout only where one is given', async () => {
    const words = ['grpc.health.v1.Health/Watch', '--address', services.databaseAddress];
    const { code, stdout, stderr } = await call([...words, '--timeout', '1']);
    assert.deepEqual([code, stdout], [68, '{"status":"SERVING"}\n']);
    assert.match(stderr, /^the server on \S+ has not answered in time: give it longer with --timeout.*\n$/);
  });

  it('says which service it asks where both have the method', async () => {
    const { stdout, stderr } = await call(['grpc.health.v1.Health/Check']);
    assert.equal(stdout, '{"status":"SERVING"}\n');
    assert.equal(
      stderr,
      `asking database on ${services.databaseAddress}; messaging has it too: --address ${services.messagingAddress}\n`,
    );
  });

  it('describes a method, and prints a request to be filled in', async () => {
    const described = await call([`${tasks}/Patch`, '--describe']);
    assert.match(described.stdout, /^rpc Patch\(PatchRequest\) returns \(PatchResponse\);$/m);
    assert.match(described.stdout, /^ {2}optional int64 expected_revision = 10;$/m);
    const type = await call(['connections.tasks.v1.Durability', '--describe']);
    assert.match(type.stdout, /^enum Durability \{$/m);
    const template = await call([`${cache}/Get`, '--template']);
    assert.deepEqual(JSON.parse(template.stdout), { namespace: '', key: '' });
  });

  it('fails with status, reason and each wrong field in one line, and 64 + the status', async () => {
    const wrong = await call([`${tasks}/Get`, '{}']);
    assert.deepEqual(
      [wrong.code, wrong.stderr],
      [
        67,
        'category: must not be empty; id: must not be empty (INVALID_ARGUMENT INVALID_REQUEST): correct what the request holds there\n',
      ],
    );
    const absent = await call([`${tasks}/Get`, '{"category":"a","id":"1"}']);
    assert.equal(absent.code, 69);
    assert.match(absent.stderr, /^there is no task a\/1 \(NOT_FOUND TASK_NOT_FOUND\): .*\n$/);
    const stream = await call([`${messaging}/Subscribe`, '{"open":{"queue":"none"}}']);
    assert.equal(stream.code, 69);
    assert.match(stream.stderr, /^there is no queue none \(NOT_FOUND QUEUE_NOT_FOUND\)/);
  });

  const misuses: readonly [readonly string[], RegExp][] = [
    [
      ['connections.cache.v1.CacheServce/Get'],
      /^there is no method .*: did you mean connections\.cache\.v1\.CacheService\/Get\?\n$/,
    ],
    [['taskservice/patch'], /did you mean connections\.tasks\.v1\.TaskService\/Patch\?\n$/],
    [['zzz'], /^there is no method zzz: `connections call` lists them\n$/],
    [['connections.tasks.v1.Taks', '--describe'], /did you mean connections\.tasks\.v1\.Task\?\n$/],
    [[cache, '{}'], /is a service: name one of its methods too\n$/],
    [[`${cache}/Get`, '{"kez":"a"}'], /^the JSON is wrong: key "kez" is unknown: did you mean key\?\n$/],
    [[`${cache}/Get`, '{"key":"a"'], /^the JSON is wrong at line 1, column 11: .*\n$/],
    [[`${cache}/Get`, '{}', '--describe'], /^there is no call to send the JSON with: /],
    [['--template'], /^name what is to be shown: /],
    [[`${cache}/Get`, '--metadata', 's3cret'], /^(?!.*s3cret).* expected key:value/],
    [[`${cache}/Get`, '--metadata', 'token:s3crét'], /^(?!.*s3cr).*metadata key token is not printable/],
    [[`${cache}/Get`, '--metadata', 'a b:c'], /metadata key "a b" is not allowed/],
  ];
  for (const [words, complaint] of misuses) {
    it(`is misused with exit code 2: ${words.join(' ')}`, async () => {
      const { code, stdout, stderr } = await call(words);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, complaint);
    });
  }

  it('takes the failure to reach a service for the failure to find its method', async () => {
    const { code, stderr } = await call([`${messaging}/Publish`, '{}', '--messaging', nobody]);
    assert.equal(code, 78);
    assert.match(stderr, /^the messaging service cannot be reached/);
    const other = await call(['--address', nobody]);
    assert.deepEqual(
      [other.code, other.stderr],
      [78, `the server cannot be reached on ${nobody}, where nothing listens: check the address\n`],
    );
  });

  it('works as a process of its own', async () => {
    const { code, stdout } = await runBin(['call', `${cache}/Get`, '{"key":"absent"}'], services.env);
    assert.deepEqual([code, stdout], [0, '{}\n']);
  });
});
