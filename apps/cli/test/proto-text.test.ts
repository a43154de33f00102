/** Declarations and skeletons of requests, as `call --describe` and `--template` print them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromJson } from '@bufbuild/protobuf';
import { DescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { protoText } from '../src/reflection/proto-text.ts';
import { requestTemplate } from '../src/reflection/request-template.ts';
import { message, methods, registry } from './described-protos.ts';

function method(path: string) {
  const found = methods.find(({ parent, name }) => `${parent.typeName}/${name}` === path);
  if (!found) throw new Error(`there is no method ${path}`);
  return found;
}

describe('a description', () => {
  it('has the method, its messages and what they hold, but the types that every language has', () => {
    assert.equal(
      protoText(method('connections.cache.v1.CacheService/Get')),
      `package connections.cache.v1;

// connections.cache.v1.CacheService/Get
rpc Get(GetRequest) returns (GetResponse);

message GetRequest {
  string namespace = 1;
  string key = 2;
}

message GetResponse {
  Entry entry = 1;
}

message Entry {
  string key = 1;
  bytes value = 2;
  google.protobuf.Timestamp expire_time = 3;
}`,
    );
  });

  it('has streams, oneofs, maps, optional fields, enums, nested and foreign messages', () => {
    const text = protoText(method('connections.messaging.v1.MessagingService/Subscribe'));
    assert.match(text, /^rpc Subscribe\(stream SubscribeRequest\) returns \(stream SubscribeResponse\);$/m);
    assert.match(text, /^ {2}oneof frame \{\n {4}SubscribeRequest\.Open open = 1;$/m);
    assert.match(text, /^enum SubscribeRequest\.Nack\.Why \{\n {2}WHY_UNSPECIFIED = 0;$/m);
    assert.match(text, /^message SubscribeRequest\.Drain \{\}$/m);
    const patch = protoText(message('connections.tasks.v1.PatchRequest'));
    assert.match(patch, /^ {2}optional int64 expected_revision = 10;$/m);
    assert.match(patch, /^ {2}map<string, string> data = 7;$/m);
    assert.match(patch, /^ {2}repeated string remove_data = 8;$/m);
    const wire = protoText(method('database_service.DatabaseService/SetTaskId'));
    assert.match(wire, /^ {2}utils\.ApiResponse value = 2;$/m);
    assert.match(wire, /^message utils\.ApiResponse \{$/m);
  });

  it('of a service has every method once', () => {
    const { parent } = method('database_service.DatabaseService/RedisGet');
    assert.equal(protoText(parent).match(/^ {2}rpc /gm)?.length, parent.methods.length);
  });
});

describe('a template', () => {
  it('has every field, of a oneof one', () => {
    assert.deepEqual(requestTemplate(message('connections.messaging.v1.SubscribeRequest')), {
      open: { namespace: '', queue: '', credit: { messages: 0, bytes: '0' }, lease: '0s' },
    });
    assert.deepEqual(requestTemplate(message('mongo.MongoUpdateOneJsonSchemaRequest')), {
      importName: '',
      schema: {
        schema: '',
        type: '',
        required: [''],
        properties: { key: { type: 'STRING', extra: { key: '' } } },
      },
      createdAt: '',
    });
  });

  it('is a request, whatever the method', () => {
    for (const { input } of methods) fromJson(input, requestTemplate(input), { registry });
    assert.ok(methods.length > 40);
  });

  it('ends where a message holds itself', () => {
    const template = requestTemplate(DescriptorProtoSchema);
    assert.ok(typeof template === 'object' && template !== null && 'field' in template);
    assert.ok(!('nestedType' in template));
  });
});
