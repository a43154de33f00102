/** What is asked for on the command line is what is measured. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BenchUsageError, readBenchOptions } from '../src/bench-options.ts';

const known = [{ name: 'unary' }, { name: 'grpc-pair', group: 'grpc' }, { name: 'grpc-tls', group: 'grpc' }];

describe('readBenchOptions', () => {
  it('means all parts when none is asked for', () => {
    const { asked, parts, quick } = readBenchOptions([], {}, known);
    assert.deepEqual(
      { asked, parts, quick },
      { asked: [], parts: ['unary', 'grpc-pair', 'grpc-tls'], quick: false },
    );
  });

  it('means every part of a group that is asked for by its name', () => {
    assert.deepEqual(readBenchOptions(['grpc', '--quick'], {}, known).parts, ['grpc-pair', 'grpc-tls']);
    assert.deepEqual(readBenchOptions(['grpc-tls', 'unary'], {}, known).parts, ['unary', 'grpc-tls']);
  });

  it('names parts and groups to whoever asks for another', () => {
    assert.throws(
      () => readBenchOptions(['nonsense'], {}, known),
      new BenchUsageError('nonsense is no part: they are unary, grpc-pair, grpc-tls, grpc'),
    );
  });
});
