/** The reflection protocol, without a transport. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import {
  cacheService,
  messagingService,
  reflectionAlphaService,
  reflectionService,
  taskService,
  wireDatabaseService,
  wireMessagingService,
} from '@connections/proto-utils';
import type { ServerReflectionRequest, ServerReflectionResponse } from '@connections/proto-utils/reflection';
import { Reflection } from '../src/reflection/reflection.ts';
import { testCall } from './call.ts';

type Question = NonNullable<ServerReflectionRequest['messageRequest']>;
type Answer = NonNullable<ServerReflectionResponse['messageResponse']>;

const database = [cacheService, taskService, wireDatabaseService, reflectionService].map(
  ({ fullName }) => fullName,
);

/** The answers of one stream. */
async function ask(questions: readonly (Question | undefined)[], services = database) {
  const requests = async function* () {
    for (const messageRequest of questions) yield { host: 'h', messageRequest };
  };
  const reflection = new Reflection(new Set(services));
  const answers: ServerReflectionResponse[] = [];
  for await (const answer of reflection.handlers.serverReflectionInfo(requests(), testCall())) {
    answers.push(answer);
  }
  return answers;
}

async function askOne(question: Question | undefined, services = database): Promise<Answer | undefined> {
  const [answer] = await ask([question], services);
  return answer?.messageResponse;
}

const symbol = (value: string): Question => ({ $case: 'fileContainingSymbol', value });
const file = (value: string): Question => ({ $case: 'fileByFilename', value });

/** Names of the files in an answer; the code when it is an error. */
function files(answer: Answer | undefined): readonly string[] | number | undefined {
  if (answer?.$case === 'errorResponse') return answer.value.errorCode;
  if (answer?.$case !== 'fileDescriptorResponse') return undefined;
  return answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
}

const notFound = 5;
const tasks = 'connections/tasks/v1/tasks.proto';
const duration = 'google/protobuf/duration.proto';
const timestamp = 'google/protobuf/timestamp.proto';

describe('reflection', () => {
  it('lists what its server serves, in order, whatever text it is asked with', async () => {
    const answer = await askOne({ $case: 'listServices', value: '*' });
    assert.deepEqual(answer, {
      $case: 'listServicesResponse',
      value: { service: database.toSorted().map((name) => ({ name })) },
    });
  });

  it('repeats host and question in the answer', async () => {
    const [answer] = await ask([symbol('x')]);
    assert.equal(answer?.validHost, 'h');
    assert.deepEqual(answer?.originalRequest, { host: 'h', messageRequest: symbol('x') });
  });

  it('answers a file with all that it imports, the file itself first', async () => {
    assert.deepEqual(files(await askOne(file(tasks))), [tasks, duration, timestamp]);
    assert.deepEqual(files(await askOne(file(timestamp))), [timestamp]);
  });

  it('follows imports of imports', async () => {
    const wire = 'database/database.proto';
    const imports = ['database/mongo.proto', 'database/redis.proto', 'database/utils.proto'];
    const found = files(await askOne(symbol('database_service.DatabaseService')));
    assert.ok(Array.isArray(found));
    assert.deepEqual([found[0], found.slice(1).sort()], [wire, imports]);
  });

  it('leaves out imports that the stream was sent, never the file that is asked for', async () => {
    const cache = 'connections/cache/v1/cache.proto';
    const answers = await ask([file(tasks), file(cache), file(cache), file(timestamp)]);
    assert.deepEqual(
      answers.slice(1).map(({ messageResponse }) => files(messageResponse)),
      [[cache], [cache], [timestamp]],
    );
  });

  const symbols = {
    service: 'connections.tasks.v1.TaskService',
    method: 'connections.tasks.v1.TaskService.Patch',
    message: 'connections.tasks.v1.Task',
    'nested message, also of a map': 'connections.tasks.v1.Task.DataEntry',
    field: 'connections.tasks.v1.PatchRequest.expected_revision',
    'oneof that stands for optional': 'connections.tasks.v1.PatchRequest._status',
    enum: 'connections.tasks.v1.Durability',
    'enum value, a sibling of its enum': 'connections.tasks.v1.DURABILITY_DURABLE',
  };
  for (const [kind, name] of Object.entries(symbols)) {
    it(`finds the file of a ${kind}`, async () => {
      assert.deepEqual(files(await askOne(symbol(name))), [tasks, duration, timestamp]);
    });
  }

  it('finds enums and values inside messages', async () => {
    const services = [messagingService.fullName];
    for (const name of ['Nack.Why', 'Nack.WHY_BUSY', 'frame']) {
      const found = files(
        await askOne(symbol(`connections.messaging.v1.SubscribeRequest.${name}`), services),
      );
      assert.ok(Array.isArray(found), name);
    }
  });

  it('answers what it does not know with NOT_FOUND in the stream, which goes on', async () => {
    const answers = await ask([
      symbol('connections.tasks.v1.Nothing'),
      symbol(''),
      symbol('constructor'),
      file('nothing.proto'),
      { $case: 'fileContainingExtension', value: { containingType: 'a.B', extensionNumber: 1 } },
      {
        $case: 'fileContainingExtension',
        value: { containingType: 'connections.tasks.v1.Task', extensionNumber: 100 },
      },
      { $case: 'allExtensionNumbersOfType', value: 'a.B' },
      file(timestamp),
    ]);
    const codes = answers.map(({ messageResponse }) => files(messageResponse));
    assert.deepEqual(codes, [...new Array(7).fill(notFound), [timestamp]]);
  });

  it('does not describe what another server serves', async () => {
    assert.equal(files(await askOne(symbol(wireMessagingService.fullName))), notFound);
    assert.equal(files(await askOne(file('messaging/messaging.proto'))), notFound);
  });

  it('says of a message that nothing extends it', async () => {
    const baseTypeName = 'connections.tasks.v1.Task';
    assert.deepEqual(await askOne({ $case: 'allExtensionNumbersOfType', value: baseTypeName }), {
      $case: 'allExtensionNumbersResponse',
      value: { baseTypeName, extensionNumber: [] },
    });
  });

  it('answers a question that it does not know with INVALID_ARGUMENT', async () => {
    assert.equal(files(await askOne(undefined)), 3);
  });

  it('answers any number of questions on one stream', async () => {
    const answers = await ask(new Array(2_000).fill(symbol(taskService.fullName)));
    assert.equal(answers.length, 2_000);
    assert.deepEqual(files(answers.at(-1)?.messageResponse), [tasks]);
  });

  it('ends its streams when it drains', async () => {
    const reflection = new Reflection(new Set(database));
    const end = { done: true as const, value: undefined };
    let finish = (_: typeof end): void => {};
    const open = new Promise<typeof end>((resolve) => {
      finish = resolve;
    });
    const requests = {
      [Symbol.asyncIterator]: () => ({
        next: () => open,
        return: async () => {
          finish(end);
          return end;
        },
      }),
    };
    const stream = reflection.handlers.serverReflectionInfo(requests, testCall())[Symbol.asyncIterator]();
    const step = stream.next();
    reflection.drain();
    assert.deepEqual(await step, end);
  });

  it('serves the files as buf builds them, byte for byte', async () => {
    const root = fileURLToPath(new URL('../../../../', import.meta.url));
    const buf = ['node_modules/.bin/buf', 'build', 'packages/proto', '--as-file-descriptor-set'];
    const args = [...buf, '--exclude-source-info', '-o', '-'];
    const built = new Set<string>();
    const set = new BinaryReader(execFileSync(process.execPath, args, { cwd: root }));
    while (set.pos < set.len) {
      set.tag();
      built.add(Buffer.from(set.bytes()).toString('base64'));
    }
    const everything = [...database, messagingService.fullName, wireMessagingService.fullName];
    const answers = await ask(
      everything.map((name) => symbol(name)),
      everything,
    );
    const served = answers.flatMap(({ messageResponse }) =>
      messageResponse?.$case === 'fileDescriptorResponse' ? messageResponse.value.fileDescriptorProto : [],
    );
    for (const bytes of served) assert.ok(built.has(Buffer.from(bytes).toString('base64')));
    assert.ok(served.length > 10);
  });

  it('is the same protocol under both its names', () => {
    const { methods } = reflectionAlphaService;
    const request = { messageRequest: symbol('a.B') };
    const asked = methods.serverReflectionInfo.request;
    const bytes = asked.encode(asked.create(request));
    assert.deepEqual(
      reflectionService.methods.serverReflectionInfo.request.decode(bytes),
      asked.create(request),
    );
  });
});
