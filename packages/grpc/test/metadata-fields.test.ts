/** Metadata as header fields, and what becomes of fields that are none. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Metadata } from '../src/metadata.ts';
import { metadataFields, metadataOf } from '../src/protocol/metadata-fields.ts';

function entriesOf(metadata: Metadata): [string, unknown[]][] {
  return [...metadata].map(([key, values]) => [key, [...values]]);
}

describe('metadata', () => {
  it('is the same after a round trip', () => {
    const key = fc.stringMatching(/^x-[0-9a-z_.-]{1,12}$/).filter((name) => !name.endsWith('-bin'));
    const text = fc.stringMatching(/^[!-~][ -~]{0,20}$/);
    const entry = fc.oneof(
      fc.tuple(key, text),
      fc.tuple(
        key.map((name) => `${name}-bin`),
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)),
      ),
    );
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const metadata = new Metadata();
        for (const [name, value] of new Map<string, string | Uint8Array>(entries)) metadata.set(name, value);
        assert.deepEqual(entriesOf(metadataOf(metadataFields(metadata))), entriesOf(metadata));
      }),
    );
  });

  it('joins several texts of a key, and keeps several bytes apart', () => {
    const metadata = new Metadata();
    for (const value of ['a', 'b']) metadata.add('x-many', value);
    for (const value of [1, 2]) metadata.add('x-many-bin', Uint8Array.of(value));
    const fields = metadataFields(metadata);
    assert.deepEqual(
      fields.map(({ name, value }) => [name, value]),
      [
        ['x-many', 'a, b'],
        ['x-many-bin', 'AQ'],
        ['x-many-bin', 'Ag'],
      ],
    );
    assert.deepEqual(entriesOf(metadataOf(fields)), [
      ['x-many', ['a, b']],
      ['x-many-bin', [Uint8Array.of(1), Uint8Array.of(2)]],
    ]);
  });

  it('takes bytes with padding, without, and in a list with commas', () => {
    const read = metadataOf([
      { name: 'a-bin', value: 'AQ==' },
      { name: 'b-bin', value: 'AQ' },
      { name: 'c-bin', value: 'AQ,Ag==, Aw' },
    ]);
    assert.deepEqual(entriesOf(read), [
      ['a-bin', [Uint8Array.of(1)]],
      ['b-bin', [Uint8Array.of(1)]],
      ['c-bin', [1, 2, 3].map((byte) => Uint8Array.of(byte))],
    ]);
  });

  it('of several fields of one name is one text', () => {
    const read = metadataOf([
      { name: 'x-many', value: 'a' },
      { name: 'x-many', value: 'b' },
    ]);
    assert.deepEqual(entriesOf(read), [['x-many', ['a, b']]]);
  });

  it('leaves out what is of the protocol, on the way out and in', () => {
    const metadata = new Metadata();
    const reserved = ['te', 'content-type', 'connection', 'grpc-status', 'grpc-anything', 'host'];
    for (const name of reserved) metadata.set(name, 'x');
    assert.deepEqual(metadataFields(metadata), []);
    const fields = [':path', 'te', 'content-type', 'grpc-timeout', 'grpc-status-details-bin', 'grpc-message'];
    assert.equal(metadataOf(fields.map((name) => ({ name, value: 'x' }))).size, 0);
  });

  it('leaves out names and values that are not allowed', () => {
    const read = metadataOf([
      { name: 'x-note', value: 'ünïcode' },
      { name: 'x!y', value: 'fine' },
      { name: 'x-tab', value: 'a\tb' },
      { name: 'x-kept', value: 'kept' },
    ]);
    assert.deepEqual(entriesOf(read), [['x-kept', ['kept']]]);
  });

  it('keeps credentials out of compression tables', () => {
    const metadata = new Metadata();
    metadata.set('authorization', 'Bearer x');
    metadata.set('x-other', 'y');
    assert.deepEqual(
      metadataFields(metadata).map(({ sensitive = false }) => sensitive),
      [true, false],
    );
  });
});
