/** What our own generator counts is what a server answered. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { StatusError } from '@connections/grpc';
import { cacheService } from '@connections/proto-utils';
import { createTestServer } from '@connections/testing';
import { checkedReply } from '../src/load/checked-reply.ts';
import { ownLoad } from '../src/load/own-load.ts';

const { path, request, response } = cacheService.methods.get;
const service = { fullName: cacheService.fullName, methods: { get: cacheService.methods.get } };
const shape = { connections: 2, streams: 8, runMs: 10_000 };

async function serving(get: (key: string) => void) {
  const server = createTestServer();
  server.add(service, {
    async get({ key }) {
      get(key);
      return { entry: { key, value: new Uint8Array(20_000), expireTime: undefined } };
    },
  });
  const address = `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  return { address, [Symbol.asyncDispose]: () => server.stop(0) };
}

function requestsFor(keys: readonly string[]) {
  return keys.map((key) => request.encode({ namespace: '', key }));
}

describe('own load', () => {
  const generator = ownLoad();
  after(() => generator[Symbol.asyncDispose]());

  it('sends each request that must not come twice once, and counts the answers', async () => {
    const seen: string[] = [];
    await using server = await serving((key) => seen.push(key));
    const keys = Array.from({ length: 500 }, (_, index) => `key-${index}`);
    const target = { address: server.address, path, requests: requestsFor(keys), once: true };
    const { calls } = await generator.run(target, shape);
    assert.equal(calls, 500);
    assert.deepEqual(seen.toSorted(), keys.toSorted());
  });

  it('fails when a call is answered with an error', async () => {
    let answered = 0;
    await using server = await serving(() => {
      answered++;
      if (answered === 100) throw new StatusError('INTERNAL', 'enough');
    });
    const target = { address: server.address, path, requests: requestsFor(['key']) };
    await assert.rejects(generator.run(target, shape), /another status than the first/);
  });

  it('fails when nothing listens', async () => {
    const target = { address: '127.0.0.1:1', path, requests: requestsFor(['key']) };
    await assert.rejects(generator.run(target, shape), /ECONNREFUSED/);
  });
});

describe('checkedReply', () => {
  it('resolves with the message of the reply', async () => {
    await using server = await serving(() => {});
    const reply = await checkedReply({ address: server.address, path, requests: requestsFor(['key']) });
    assert.equal(response.decode(reply).entry?.key, 'key');
  });

  it('rejects when the status is not OK', async () => {
    await using server = await serving(() => {
      throw new StatusError('NOT_FOUND', 'no');
    });
    const call = { address: server.address, path, requests: requestsFor(['key']) };
    await assert.rejects(checkedReply(call), /answered status 5/);
  });
});
