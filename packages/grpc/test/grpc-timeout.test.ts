/** The `grpc-timeout` header. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseGrpcTimeout } from '../src/grpc-js/grpc-timeout.ts';

describe('the grpc-timeout header', () => {
  it('has six units', () => {
    const parsed = ['1H', '2M', '3S', '4m', '5000u', '6000000n'].map(parseGrpcTimeout);
    assert.deepEqual(parsed, [3_600_000, 120_000, 3_000, 4, 5, 6]);
  });

  it('is rounded up to a millisecond', () => {
    assert.deepEqual(['1n', '1001u', '0n'].map(parseGrpcTimeout), [1, 2, 0]);
  });

  it('may be longer than a timer of the system', () => {
    assert.equal(parseGrpcTimeout('99999999H'), 99_999_999 * 3_600_000);
  });

  it('has at most eight digits, a unit and nothing else', () => {
    for (const text of ['', 'S', '1', '1s', '123456789S', '-1S', '1.5S', ' 1S', '1S ', '1 S', '1\n']) {
      assert.equal(parseGrpcTimeout(text), undefined, JSON.stringify(text));
    }
  });
});
