/** What a Redis URL may say. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRedisUrl } from '../src/driver/redis/redis-url.ts';

const open = { tls: false, username: undefined, password: undefined, database: 0 };

describe('a Redis URL', () => {
  it('names one server, its port and its database', () => {
    const { topology, endpoints, access } = parseRedisUrl('redis://cache.internal:6380/4');
    assert.deepEqual([topology, endpoints], ['single', [{ host: 'cache.internal', port: 6_380 }]]);
    assert.deepEqual(access, { ...open, database: 4 });
  });

  it('may leave out port, database and user', () => {
    assert.deepEqual(parseRedisUrl('redis://h').endpoints, [{ host: 'h', port: 6_379 }]);
    assert.deepEqual(parseRedisUrl('redis://h/').access, open);
    assert.deepEqual(parseRedisUrl('redis://:p%40ss@h').access, { ...open, password: 'p@ss' });
    assert.deepEqual(parseRedisUrl('rediss://u:p@[::1]:7').access, {
      ...open,
      tls: true,
      username: 'u',
      password: 'p',
    });
    assert.deepEqual(parseRedisUrl('rediss://u:p@[::1]:7').endpoints, [{ host: '::1', port: 7 }]);
  });

  it('names Sentinels, the master they watch and the database on it', () => {
    const address = parseRedisUrl('redis+sentinel://:secret@a:1,b/main/2');
    assert.equal(address.topology, 'sentinel');
    assert.equal(address.masterName, 'main');
    assert.deepEqual(address.endpoints, [
      { host: 'a', port: 1 },
      { host: 'b', port: 26_379 },
    ]);
    assert.equal(address.access.database, 2);
  });

  it('names the first nodes of a Cluster', () => {
    const { topology, endpoints } = parseRedisUrl('redis+cluster://a:1,b:2');
    assert.equal(topology, 'cluster');
    assert.equal(endpoints.length, 2);
  });

  it('is shown without its credentials', () => {
    assert.equal(parseRedisUrl('redis://u:secret@h:1/2').where, 'redis://h:1/2');
    assert.equal(parseRedisUrl('redis+sentinel://:secret@a:1,b:2/m').where, 'redis+sentinel://a:1,b:2/m');
  });

  const wrong = {
    'another scheme': 'http://secret@h',
    'no host': 'redis://',
    'a port that is none': 'redis://:secret@h:99999',
    'two hosts of one server': 'redis://:secret@a,b',
    'a database that is no number': 'redis://:secret@h/first',
    'a Sentinel without the name of the master': 'redis+sentinel://:secret@a:1',
    'a database of a Cluster': 'redis+cluster://:secret@a:1/1',
    'a password that is not percent-encoded': 'redis://:50%secret@h',
    'options that nobody reads': 'redis://:secret@h/0?timeout=1',
  };
  for (const [what, url] of Object.entries(wrong)) {
    it(`is refused with ${what}, and not repeated`, () => {
      assert.throws(
        () => parseRedisUrl(url),
        (error) => error instanceof RangeError && !error.message.includes('secret'),
      );
    });
  }
});
