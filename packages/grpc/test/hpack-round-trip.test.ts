/** What an encoder writes a decoder reads, whatever happens to the table between. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HeaderBlock, HeaderField, HeaderFields } from '../src/http2/header-fields.ts';
import { HpackDecoder } from '../src/http2/hpack/hpack-decoder.ts';
import { HpackEncoder } from '../src/http2/hpack/hpack-encoder.ts';
import { staticFields } from '../src/http2/hpack/static-table.ts';

class Pair {
  readonly encoder = new HpackEncoder();
  readonly decoder = new HpackDecoder({ maxListBytes: 1e9 });

  encode(shared: HeaderFields, own?: HeaderFields): Buffer {
    const target = Buffer.alloc(this.encoder.maxBytes(shared, own));
    return target.subarray(0, this.encoder.encode(shared, own, target, 0));
  }

  send(shared: HeaderFields, own?: HeaderFields): HeaderBlock {
    const bytes = this.encode(shared, own);
    return this.decoder.decode(bytes, 0, bytes.length);
  }
}

function plain(fields: HeaderFields): HeaderField[] {
  return fields.map(({ name, value, sensitive = false }) => ({ name, value, sensitive }));
}

const octets = fc.oneof(
  // Short codes and the longest ones in one string.
  fc.string({ unit: fc.constantFrom('a', 'e', '0', '\x00', '\n', '\xff', '\x16'), maxLength: 60 }),
  fc.string({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.uint8Array({ minLength: 1_000, maxLength: 3_000 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const field: fc.Arbitrary<HeaderField> = fc.oneof(
  fc.record({ name: octets, value: octets, sensitive: fc.boolean() }),
  fc.constantFrom(...staticFields.slice(1)),
  fc.record({ name: fc.constantFrom(':path', 'te', 'grpc-status'), value: octets, sensitive: fc.boolean() }),
);
const list = fc.array(field, { maxLength: 6 });

describe('an encoder and a decoder', () => {
  it('agree on every list, over many blocks and sizes of the table', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ shared: fc.nat(4), own: fc.option(list, { nil: undefined }) }) },
      { weight: 1, arbitrary: fc.record({ tableBytes: fc.oneof(fc.nat(300), fc.nat(10_000)) }) },
    );
    fc.assert(
      fc.property(
        fc.array(list, { minLength: 5, maxLength: 5 }),
        fc.array(step, { maxLength: 40 }),
        (lists, steps) => {
          const pair = new Pair();
          for (const next of steps) {
            if ('tableBytes' in next) {
              pair.encoder.setPeerTableBytes(next.tableBytes);
            } else {
              const shared = lists[next.shared] ?? [];
              const block = pair.send(shared, next.own);
              assert.deepEqual(block.fields, plain([...shared, ...(next.own ?? [])]));
            }
          }
        },
      ),
    );
  });

  it('make the same object of a block that comes again, once the table rests', () => {
    const pair = new Pair();
    const shared = [{ name: 'content-type', value: 'application/grpc' }];
    const blocks = Array.from({ length: 5 }, () => pair.send(shared, [{ name: 'x', value: '1' }]));
    assert.notEqual(blocks[0], blocks[1]);
    assert.equal(blocks[3], blocks[4]);
    assert.notEqual(pair.send(shared, [{ name: 'x', value: '2' }]), blocks[4]);
    assert.equal(pair.send(shared, [{ name: 'x', value: '1' }]), blocks[4]);
    pair.send([{ name: 'new', value: 'entry' }]);
    assert.notEqual(pair.send(shared, [{ name: 'x', value: '1' }]), blocks[4]);
  });

  it('tell the smallest and the last size of the table since the last block', () => {
    const pair = new Pair();
    const get = [{ name: ':method', value: 'GET' }];
    const told = () => pair.encode(get).toString('hex');
    assert.equal(told(), '82');
    pair.encoder.setPeerTableBytes(0);
    pair.encoder.setPeerTableBytes(20_000);
    assert.equal(told(), '203fe11f82');
    assert.equal(told(), '82');
    pair.encoder.setPeerTableBytes(2_000);
    assert.equal(told(), '3fb10f82');
    pair.encoder.setPeerTableBytes(2_000);
    assert.equal(told(), '82');
  });

  it('agree on every octet among short ones, whatever bits are held before it', () => {
    const pair = new Pair();
    for (let octet = 0; octet <= 0xff; octet++) {
      for (let before = 0; before < 8; before++) {
        const value = `${'a'.repeat(before)}${String.fromCharCode(octet)}${'a'.repeat(20)}`;
        assert.equal(pair.send([], [{ name: 'x', value }]).fields[0]?.value, value);
      }
    }
  });

  it('agree on which fields have room', () => {
    for (const tableBytes of [33, 34, 67, 68, 69]) {
      const pair = new Pair();
      pair.encoder.setPeerTableBytes(tableBytes);
      const shared = ['a', 'b', 'c'].map((name) => ({ name, value: '1' }));
      for (let times = 0; times < 4; times++) assert.deepEqual(pair.send(shared).fields, plain(shared));
    }
  });
});
