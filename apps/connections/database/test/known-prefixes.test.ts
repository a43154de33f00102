/** What is known of a namespace is never older than a clear of it that has resolved. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KnownPrefixes } from '../src/driver/embedded/known-prefixes.ts';

const bytes = (value: number) => Uint8Array.of(value);

describe('KnownPrefixes', () => {
  it('looks a namespace up once', () => {
    const prefixes = new KnownPrefixes();
    prefixes.find('a', () => bytes(1));
    assert.deepEqual(
      prefixes.find('a', () => assert.fail('looked up again')),
      bytes(1),
    );
  });

  it('looks again for a namespace that was not there', () => {
    const prefixes = new KnownPrefixes();
    assert.equal(
      prefixes.find('a', () => undefined),
      undefined,
    );
    assert.deepEqual(
      prefixes.find('a', () => bytes(1)),
      bytes(1),
    );
  });

  it('keeps nothing that is read while a clear is under way', async () => {
    const prefixes = new KnownPrefixes();
    prefixes.find('a', () => bytes(1));
    await prefixes.duringClear(async () => {
      // The commit is made or not, nobody knows yet: this is the older one.
      assert.deepEqual(
        prefixes.find('a', () => bytes(1)),
        bytes(1),
      );
    });
    assert.deepEqual(
      prefixes.find('a', () => bytes(2)),
      bytes(2),
    );
  });

  it('knows again after a clear that failed', async () => {
    const prefixes = new KnownPrefixes();
    const clear = prefixes.duringClear(() => Promise.reject(new Error('full')));
    await assert.rejects(clear, /full/);
    prefixes.find('a', () => bytes(1));
    assert.deepEqual(
      prefixes.find('a', () => assert.fail('looked up again')),
      bytes(1),
    );
  });

  it('holds no more than a thousand namespaces', () => {
    const prefixes = new KnownPrefixes();
    for (let index = 0; index <= 1_000; index++) prefixes.find(`n${index}`, () => bytes(1));
    assert.deepEqual(
      prefixes.find('n0', () => bytes(2)),
      bytes(2),
    );
  });
});
