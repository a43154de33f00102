/** The `grpc-timeout` header. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatGrpcTimeout, parseGrpcTimeout } from '../src/protocol/grpc-timeout.ts';

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

  it('is written so that it is read as no less, and at most a sixtieth more', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3e14, noNaN: true }), (timeoutMs) => {
        const text = formatGrpcTimeout(timeoutMs);
        const read = parseGrpcTimeout(text) ?? assert.fail(`${text} is not a timeout`);
        assert.ok(read >= timeoutMs && read <= timeoutMs * (1 + 1 / 60) + 1, text);
      }),
    );
  });

  it('is written in the finest unit whose number has eight digits', () => {
    const written = [-1, 0, 0.5, 99_999_999, 100_000_000, 1e11, 7e12, Infinity].map(formatGrpcTimeout);
    assert.deepEqual(written, [
      '0m',
      '0m',
      '1m',
      '99999999m',
      '100000S',
      '1666667M',
      '1944445H',
      '99999999H',
    ]);
  });
});
