/** What a decoder refuses and where it stops. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConnectionError } from '../src/http2/error-code.ts';
import type { HeaderBlock, HeaderFields } from '../src/http2/header-fields.ts';
import { HpackDecoder } from '../src/http2/hpack/hpack-decoder.ts';

function decoderOf(maxListBytes = 8_192): (hex: string) => HeaderBlock {
  const decoder = new HpackDecoder({ maxListBytes });
  return (hex) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    return decoder.decode(bytes, 0, bytes.length);
  };
}

function isCompressionError(error: unknown): boolean {
  return error instanceof ConnectionError && error.code === 'COMPRESSION_ERROR';
}

describe('an HPACK decoder', () => {
  const wrong: Record<string, string> = {
    'index 0': '80',
    'an index above the tables': 'be',
    'a name index above the tables': '7e 01 61',
    'an index cut short': 'ff',
    'an integer that does not end': 'ff 80 80 80 80 80 80',
    'an integer that is too large': 'ff ff ff ff ff 7f',
    'an integer of more octets than its value needs': `40 01 61 7f 81 80 80 80 00 ${'62'.repeat(128)}`,
    'a literal without name': '40',
    'a literal without value': '40 01 61',
    'a name longer than the block': '40 02 61',
    'a value longer than the block': '40 01 61 02 62',
    'a string longer than any block': '40 01 61 7f ff ff ff 7f',
    'a Huffman code cut within a symbol': '40 01 61 81 fe',
    'Huffman padding of eight bits': '40 01 61 86 18 c6 31 8c 63 ff',
    'Huffman padding that is not all ones': '40 01 61 81 18',
    'a Huffman-coded end of string': '40 01 61 84 ff ff ff ff',
    'a table larger than the default': '3f e2 1f',
    'a third change of the size of the table': '20 20 20',
    'a change of the size of the table behind a field': '82 20',
  };
  for (const [what, hex] of Object.entries(wrong)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decoderOf()(hex), isCompressionError);
      // What follows a block in its buffer is none of its.
      const block = Buffer.from(hex.replaceAll(' ', ''), 'hex');
      const buffer = Buffer.concat([Buffer.of(0x82), block, Buffer.alloc(200, 1)]);
      const decoder = new HpackDecoder({ maxListBytes: 8_192 });
      assert.throws(() => decoder.decode(buffer, 1, 1 + block.length), isCompressionError);
    });
  }

  it('takes two changes of the size of the table, and the default size', () => {
    const decode = decoderOf();
    assert.deepEqual(decode('20 3f e1 1f').fields, []);
    decode('40 01 61 01 62');
    assert.equal(decode('be').fields[0]?.value, 'b');
  });

  it('evicts what has no room, and everything for a field that is larger than the table', () => {
    const decode = decoderOf();
    // 70 bytes: room for two fields of 34.
    decode('3f 27 40 01 61 01 31 40 01 62 01 32');
    decode('40 01 63 01 33');
    assert.equal(decode('bf').fields[0]?.name, 'b');
    assert.throws(() => decode('c0'), isCompressionError);
    const smaller = decoderOf();
    smaller('3f 24 40 01 61 01 31 40 01 62 01 32');
    assert.throws(() => smaller('bf'), isCompressionError);
    const other = decoderOf();
    other('3f 07 40 01 61 01 31');
    other('40 01 62 06 313131313131');
    assert.throws(() => other('be'), isCompressionError);
  });

  it('holds as many fields as there can be, and none above', () => {
    const decode = decoderOf();
    decode('40 00 00'.repeat(128));
    // Index 189 is the oldest.
    assert.equal(decode('ff 3e').fields[0]?.name, '');
    assert.throws(() => decode('ff 3f'), isCompressionError);
  });

  it('reads a block that it remembers anew when the table has changed', () => {
    const decode = decoderOf();
    decode('40 01 61 01 31');
    for (let times = 0; times < 4; times++) assert.equal(decode('be').fields[0]?.name, 'a');
    decode('40 01 62 01 32');
    assert.equal(decode('be').fields[0]?.name, 'b');
    decode('20');
    assert.throws(() => decode('be'), isCompressionError);
  });

  it('tells a string that it remembers from the same bytes in the other coding', () => {
    const { fields } = decoderOf()(`${'00 01 61 81 1f'.repeat(4)} ${'00 01 61 01 1f'.repeat(4)}`);
    assert.deepEqual(
      fields.map((field) => field.value),
      [...new Array(4).fill('a'), ...new Array(4).fill('\x1f')],
    );
  });

  it('keeps fields that name themselves after what an object has', () => {
    const block = decoderOf()('00 09 5f5f70726f746f5f5f 01 31');
    assert.deepEqual(block.fields, [{ name: '__proto__', value: '1', sensitive: false }]);
  });

  it('says what must not be put into a table', () => {
    assert.equal(decoderOf()('10 01 61 01 62').fields[0]?.sensitive, true);
  });

  it('drops what is above the bound of a list, and keeps its table for the next', () => {
    const decode = decoderOf(100);
    const first = decode('40 01 61 01 31 40 01 62 01 32 40 01 63 01 33');
    assert.deepEqual(
      { names: first.fields.map(({ name }) => name), bytes: first.listBytes, truncated: first.truncated },
      { names: ['a', 'b'], bytes: 102, truncated: true },
    );
    const next = decode('be bf');
    assert.deepEqual(
      { names: next.fields.map(({ name }) => name), bytes: next.listBytes, truncated: next.truncated },
      { names: ['c', 'b'], bytes: 68, truncated: false },
    );
  });

  it('holds no more than the bound of a block that expands to two thousand times its size', () => {
    const decode = decoderOf();
    decode(`40 01 61 7f a1 1e ${'78'.repeat(4_000)}`);
    const bomb = decode('be'.repeat(16_000));
    assert.equal(bomb.truncated, true);
    assert.equal(bomb.fields.length, 2);
    assert.equal(bomb.listBytes, 16_000 * 4_033);
  });

  it('answers any bytes with a block or an error of compression', () => {
    const lure = fc.constantFrom(0x20, 0x3f, 0x40, 0x7f, 0x82, 0xbe, 0xff, 0x00, 0x10, 0x01, 0x81);
    const octet = fc.oneof(lure, fc.integer({ min: 0, max: 0xff }));
    fc.assert(
      fc.property(fc.array(fc.array(octet, { maxLength: 60 }), { maxLength: 8 }), (blocks) => {
        const decoder = new HpackDecoder({ maxListBytes: 500 });
        try {
          for (const block of blocks) {
            const { fields, truncated } = decoder.decode(Uint8Array.from(block), 0, block.length);
            let bytes = 0;
            for (const { name, value } of fields) bytes += name.length + value.length + 32;
            assert.ok(bytes <= 500);
            assert.equal(typeof truncated, 'boolean');
          }
        } catch (error) {
          if (!isCompressionError(error)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('decodes a block that it remembers as a decoder that cannot', () => {
    const octet = fc.constantFrom(0x40, 0x00, 0x82, 0xbe, 0xbf, 0x01, 0x61, 0x62);
    const blocks = fc.array(fc.array(octet, { maxLength: 6 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(blocks, fc.array(fc.nat(3), { maxLength: 30 }), (several, order) => {
        const remembering = new HpackDecoder({ maxListBytes: 8_192 });
        const other = new HpackDecoder({ maxListBytes: 8_192 });
        for (const [count, which] of order.entries()) {
          const block = several[which % several.length] ?? [];
          const told = outcome(remembering, block);
          if (told === 'error') return;
          // A field that comes once makes every block another one.
          const expected = outcome(other, [...block, 0x00, 0x01, 0x7a, 0x01, count]);
          assert.deepEqual(told, expected.slice(0, -1), `block ${count}`);
        }
      }),
    );
  });
});

function outcome(decoder: HpackDecoder, block: readonly number[]): HeaderFields | 'error' {
  try {
    return decoder.decode(Uint8Array.from(block), 0, block.length).fields;
  } catch (error) {
    if (!isCompressionError(error)) throw error;
    return 'error';
  }
}
