/** Calls by reflection to servers that are not ours: other versions of the protocol, and the shape that we have not. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { create, createFileRegistry, type DescMethod, type Message, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type Channel, Metadata } from '@connections/grpc';
import { reflectionAlphaService } from '@connections/proto-utils';
import type { ServerReflectionRequest, ServerReflectionResponse } from '@connections/proto-utils/reflection';
import { createTestServer, openTestChannel } from '@connections/testing';
import { CliError } from '../src/cli-error.ts';
import { dynamicMethod } from '../src/reflection/dynamic-method.ts';
import { invokeMethod } from '../src/reflection/invoke-method.ts';
import { reflectServer } from '../src/reflection/reflect-server.ts';

const number = create(FileDescriptorProtoSchema, {
  name: 'sums/number.proto',
  package: 'sums',
  syntax: 'proto3',
  messageType: [
    { name: 'Number', field: [{ name: 'value', jsonName: 'value', number: 1, type: 5, label: 1 }] },
  ],
});
const sums = create(FileDescriptorProtoSchema, {
  name: 'sums/sums.proto',
  package: 'sums',
  syntax: 'proto3',
  dependency: [number.name],
  service: [
    {
      name: 'Sums',
      method: [{ name: 'Add', inputType: '.sums.Number', outputType: '.sums.Number', clientStreaming: true }],
    },
  ],
});
const files = new Map([number, sums].map((file) => [file.name, file]));

function addMethod(): DescMethod {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [number, sums] }));
  const [method] = registry.getService('sums.Sums')?.methods ?? [];
  assert.ok(method);
  return method;
}

/** Reflection as some servers have it: v1alpha only, each file without its imports, services without a file. */
async function* sparseReflection(
  requests: AsyncIterable<ServerReflectionRequest>,
): AsyncIterable<ServerReflectionResponse> {
  for await (const originalRequest of requests) {
    yield { validHost: '', originalRequest, messageResponse: answer(originalRequest.messageRequest) };
  }
}

function answer(
  question: ServerReflectionRequest['messageRequest'],
): ServerReflectionResponse['messageResponse'] {
  if (question?.$case === 'listServices') {
    const service = [{ name: 'sums.Sums' }, { name: 'other.Undescribed' }];
    return { $case: 'listServicesResponse', value: { service } };
  }
  const { value } = question ?? {};
  const file = value === 'sums.Sums' ? sums : files.get(String(value));
  if (!file) return { $case: 'errorResponse', value: { errorCode: 5, errorMessage: 'not here' } };
  return {
    $case: 'fileDescriptorResponse',
    value: { fileDescriptorProto: [toBinary(FileDescriptorProtoSchema, file)] },
  };
}

async function sumsServer() {
  const server = createTestServer();
  const add = dynamicMethod(addMethod());
  const seen: { token?: string | undefined } = {};
  server.add(
    { fullName: 'sums.Sums', methods: { add: { ...add, requestStream: true, responseStream: false } } },
    {
      add: async (requests: AsyncIterable<Message>, call) => {
        seen.token = call.metadata.text('token');
        let sum = 0;
        for await (const { value } of requests as AsyncIterable<Message & { value: number }>) sum += value;
        return add.response.create({ value: sum } as object);
      },
    },
  );
  server.add(reflectionAlphaService, { serverReflectionInfo: sparseReflection });
  const port = await server.listen('127.0.0.1', 0);
  const channel = openTestChannel(`127.0.0.1:${port}`);
  return {
    channel,
    seen,
    [Symbol.asyncDispose]: async () => {
      channel.close();
      await server.stop(0);
    },
  };
}

async function sum(channel: Channel, json: string, metadata = new Metadata()): Promise<unknown[]> {
  const { services, registry } = await reflectServer(channel, {});
  const [method] = services[0]?.methods ?? [];
  assert.ok(method);
  const source = { data: '-', stdin: Readable.from([json]) };
  const answers: unknown[] = [];
  for await (const each of invokeMethod(channel, { method, registry, source, options: { metadata } })) {
    answers.push(each);
  }
  return answers;
}

describe('a server of others', () => {
  it('is understood by v1alpha, fetching imports it does not send and leaving out what it does not describe', async () => {
    await using server = await sumsServer();
    const { services } = await reflectServer(server.channel, {});
    assert.deepEqual(
      services.map(({ typeName }) => typeName),
      ['sums.Sums'],
    );
  });

  it('is sent a stream of requests, with the metadata, and answers once', async () => {
    await using server = await sumsServer();
    const metadata = new Metadata();
    metadata.set('token', 't');
    assert.deepEqual(await sum(server.channel, '{"value":1}{"value":2}\n{"value":39}', metadata), [
      { value: 42 },
    ]);
    assert.equal(server.seen.token, 't');
    assert.deepEqual(await sum(server.channel, ''), [{ value: 0 }]);
  });

  it('has its call cancelled by a request that is wrong, which is what is reported', async () => {
    await using server = await sumsServer();
    await assert.rejects(
      sum(server.channel, '{"value":1}{"value":"x"}'),
      (error) => error instanceof CliError && /^document 2 is wrong at value: /.test(error.message),
    );
  });

  it('that has no reflection is said to have none', async () => {
    const server = createTestServer();
    const port = await server.listen('127.0.0.1', 0);
    const channel = openTestChannel(`127.0.0.1:${port}`);
    await assert.rejects(reflectServer(channel, {}), {
      status: 'UNIMPLEMENTED',
      message: /has no reflection/,
    });
    channel.close();
    await server.stop(0);
  });
});
