/** Call metadata. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Metadata } from '../src/index.ts';

describe('metadata', () => {
  it('finds values whatever the case of their keys', () => {
    const metadata = new Metadata();
    metadata.set('X-Token', 'a');
    metadata.add('x-token', 'b');
    assert.equal(metadata.text('x-TOKEN'), 'a');
    assert.deepEqual([...metadata], [['x-token', ['a', 'b']]]);
    metadata.set('x-token', 'c');
    assert.deepEqual([...metadata], [['x-token', ['c']]]);
    assert.equal(metadata.size, 1);
  });

  it('holds what a transport has received', () => {
    const metadata = Metadata.received([
      ['x-token', ['a', 'b']],
      ['x-bin', [Uint8Array.of(1)]],
    ]);
    assert.equal(metadata.text('X-Token'), 'a');
    assert.deepEqual(metadata.bytes('x-bin'), Uint8Array.of(1));
    metadata.add('x-token', 'c');
    assert.deepEqual([...metadata].at(0), ['x-token', ['a', 'b', 'c']]);
  });

  it('keeps bytes and text apart', () => {
    const metadata = new Metadata();
    metadata.set('x-bin', Uint8Array.of(1));
    metadata.set('x', 'text');
    assert.deepEqual(metadata.bytes('x-bin'), Uint8Array.of(1));
    assert.equal(metadata.text('x-bin'), undefined);
    assert.equal(metadata.bytes('x'), undefined);
  });

  it('refuses what cannot be sent where it is set', () => {
    const metadata = new Metadata();
    assert.throws(() => metadata.set('x y', 'space'), TypeError);
    assert.throws(() => metadata.set('', 'empty'), TypeError);
    assert.throws(() => metadata.set('x-bin', 'text'), TypeError);
    assert.throws(() => metadata.set('x', Uint8Array.of(1)), TypeError);
    for (const text of ['\u00fc', 'a\nb', '\0']) assert.throws(() => metadata.add('x', text), TypeError);
    assert.equal(metadata.size, 0);
  });
});
