/** The names of what a channel is opened to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressText, parseTarget } from '../src/client/target.ts';

describe('a target', () => {
  it('is a host and a port, or a name to be looked up', () => {
    for (const text of ['db.internal:50050', 'dns:db.internal:50050', 'dns:///db.internal:50050']) {
      assert.deepEqual(parseTarget(text), {
        authority: 'db.internal:50050',
        host: 'db.internal',
        name: { host: 'db.internal', port: 50_050 },
        addresses: [],
      });
    }
  });

  it('is an address of its own, which nobody looks up', () => {
    assert.deepEqual(parseTarget('127.0.0.1:1').addresses, [{ host: '127.0.0.1', port: 1 }]);
    assert.deepEqual(parseTarget('[::1]:65535').addresses, [{ host: '::1', port: 65_535 }]);
    assert.equal(parseTarget('[::1]:65535').authority, '[::1]:65535');
    assert.equal(parseTarget('dns:///[::1]:2').name, undefined);
  });

  it('lists several addresses', () => {
    const { addresses, authority } = parseTarget('ipv4:10.0.0.1:50050,10.0.0.2:50051');
    assert.deepEqual(addresses.map(addressText), ['10.0.0.1:50050', '10.0.0.2:50051']);
    assert.equal(authority, '10.0.0.1:50050');
    assert.deepEqual(parseTarget('ipv6:[::1]:1,[fe80::1%eth0]:2').addresses.map(addressText), [
      '[::1]:1',
      '[fe80::1%eth0]:2',
    ]);
  });

  it('is a Unix socket', () => {
    assert.deepEqual(parseTarget('unix:/run/db.sock').addresses, [{ path: '/run/db.sock' }]);
    assert.deepEqual(parseTarget('unix:///run/db.sock').addresses, [{ path: '/run/db.sock' }]);
    assert.deepEqual(parseTarget('unix:db.sock').addresses, [{ path: 'db.sock' }]);
    assert.equal(parseTarget('unix:/run/db.sock').authority, 'localhost');
  });

  it('is refused when it is anything else', () => {
    const wrong = [
      '',
      'localhost',
      ':50050',
      'localhost:0',
      'localhost:65536',
      'localhost:abc',
      '::1:50050',
      'http://localhost:50050',
      'dns://8.8.8.8/localhost:50050',
      'ipv4:localhost:1',
      'ipv4:[::1]:1',
      'ipv4:10.0.0.1:1,',
      'ipv6:10.0.0.1:1',
      'unix:',
      'a b:1',
      'bücher.test:1',
      '[name]:1',
    ];
    for (const text of wrong) assert.throws(() => parseTarget(text), TypeError, text);
  });
});
