/** Which requests are malformed (RFC 9113, sections 8.1 to 8.3). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Http2World } from './http2-world.ts';
import { type RawField, RawPeer, rawFlags, rawHeaders, rawRequest } from './raw-http2-peer.ts';

const { END_STREAM } = rawFlags;

describe('streams of a server', () => {
  let world: Http2World;
  let peer: RawPeer;

  beforeEach(async () => {
    world = await Http2World.start();
    peer = await RawPeer.client(world.port);
  });
  afterEach(async () => {
    peer[Symbol.dispose]();
    await world[Symbol.asyncDispose]();
  });

  const without = (name: string) => rawRequest.filter(([field]) => field !== name);
  const malformed: Record<string, readonly RawField[]> = {
    'a name in upper case': [...rawRequest, ['X', 'y']],
    'a name with a space': [...rawRequest, ['a b', 'y']],
    'an empty name': [...rawRequest, ['', 'y']],
    'a value with a line feed': [...rawRequest, ['x', 'a\nb']],
    'no :method': without(':method'),
    'no :scheme': without(':scheme'),
    'no :path': without(':path'),
    'an empty :path': [...without(':path'), [':path', '']],
    ':path twice': [...rawRequest, [':path', '/']],
    ':status': [...rawRequest, [':status', '200']],
    'an unknown pseudo-header field': [...rawRequest, [':x', '200']],
    'a pseudo-header field after others': [...without(':path'), ['x', 'y'], [':path', '/']],
    connection: [...rawRequest, ['connection', 'close']],
    'transfer-encoding': [...rawRequest, ['transfer-encoding', 'chunked']],
    'te other than trailers': [...rawRequest, ['te', 'gzip']],
    'a content-length that is no number': [...rawRequest, ['content-length', '-1']],
    'two content-lengths': [...rawRequest, ['content-length', '1'], ['content-length', '2']],
    'CONNECT with a path': [
      [':method', 'CONNECT'],
      [':path', '/'],
      [':authority', 'a'],
    ],
  };
  for (const [what, fields] of Object.entries(malformed)) {
    it(`are not opened by a request with ${what}`, async () => {
      peer.send(rawHeaders(1, fields), rawHeaders(3, fields, END_STREAM));
      assert.equal(await peer.resetOf(1), 'PROTOCOL_ERROR');
      assert.equal(await peer.resetOf(3), 'PROTOCOL_ERROR');
      assert.equal(world.streams.length, 0);
    });
  }

  const wellFormed: Record<string, readonly RawField[]> = {
    'te: trailers': [...rawRequest, ['te', 'trailers']],
    'an empty value': [...rawRequest, ['x', '']],
    'bytes above ASCII in a value': [...rawRequest, ['x', '\xe9']],
    'the same content-length twice': [...rawRequest, ['content-length', '0'], ['content-length', '0']],
    'no :authority': without(':authority'),
    'CONNECT to an authority': [
      [':method', 'CONNECT'],
      [':authority', 'a:1'],
    ],
  };
  for (const [what, fields] of Object.entries(wellFormed)) {
    it(`are opened by a request with ${what}`, async () => {
      peer.send(rawHeaders(1, fields, END_STREAM));
      await peer.sync();
      assert.deepEqual(
        world.streams[0]?.head?.fields.map(({ name, value }) => [name, value]),
        fields,
      );
    });
  }
});
