/** The bytes of error details. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ErrorDetail } from '../src/error-details.ts';
import { decodeErrorDetails, encodeStatus } from '../src/error-details-codec.ts';

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', 'constructor', ''));

const detail: fc.Arbitrary<ErrorDetail> = fc.oneof(
  fc.record({
    kind: fc.constant('ErrorInfo' as const),
    reason: text,
    domain: text,
    metadata: fc.array(fc.tuple(text, text)).map((pairs) => Object.fromEntries(pairs)),
  }),
  fc.record({
    kind: fc.constant('BadRequest' as const),
    violations: fc.array(fc.record({ field: text, description: text })),
  }),
  fc.record({ kind: fc.constant('RetryInfo' as const), delayMs: fc.nat({ max: Number.MAX_SAFE_INTEGER }) }),
);

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('error details', () => {
  it('are the same after a round trip', () => {
    fc.assert(
      fc.property(fc.nat({ max: 16 }), text, fc.array(detail), (code, message, details) => {
        assert.deepEqual(plain(decodeErrorDetails(encodeStatus(code, message, details))), plain(details));
      }),
    );
  });

  it('are none in bytes that are no message, which throw nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        assert.ok(Array.isArray(decodeErrorDetails(bytes)));
      }),
    );
  });

  it('are none when their bytes are cut short', () => {
    const bytes = encodeStatus(5, 'gone', [
      { kind: 'BadRequest', violations: [{ field: 'key', description: 'is empty' }] },
    ]);
    assert.deepEqual(decodeErrorDetails(bytes.subarray(0, -1)), []);
  });

  it('are none when their text is not UTF-8', () => {
    const bytes = encodeStatus(5, '', [{ kind: 'ErrorInfo', reason: 'GONE', domain: '', metadata: {} }]);
    bytes[bytes.length - 1] = 0xff;
    assert.deepEqual(decodeErrorDetails(bytes), []);
  });

  it('of types we do not know are skipped', () => {
    const known: ErrorDetail = { kind: 'RetryInfo', delayMs: 1_500 };
    const bytes = Buffer.from(encodeStatus(14, '', [known, known, known]));
    bytes.write('Other', bytes.indexOf('Retry'));
    assert.deepEqual(decodeErrorDetails(bytes), [known, known]);
  });

  it('have the bytes that protobuf gives them', () => {
    const bytes = encodeStatus(5, 'no', [{ kind: 'RetryInfo', delayMs: 1_250 }]);
    const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo');
    const duration = [0x08, 0x01, 0x10, 0x80, 0xe5, 0x9a, 0x77];
    const any = [0x0a, type.length, ...type, 0x12, 2 + duration.length, 0x0a, duration.length, ...duration];
    assert.deepEqual([...bytes], [0x08, 0x05, 0x12, 0x02, 0x6e, 0x6f, 0x1a, any.length, ...any]);
  });

  it('are written with a delay that is none', () => {
    for (const [delayMs, read] of [
      [-5, 0],
      [Number.NaN, 0],
      [Infinity, Number.MAX_SAFE_INTEGER],
    ] as const) {
      assert.deepEqual(decodeErrorDetails(encodeStatus(14, '', [{ kind: 'RetryInfo', delayMs }])), [
        { kind: 'RetryInfo', delayMs: read },
      ]);
    }
  });

  it('with a negative delay ask for none', () => {
    const negativeSecond = [0x08, ...Array(9).fill(0xff), 0x01];
    const retryInfo = [0x0a, negativeSecond.length, ...negativeSecond];
    const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo');
    const any = [0x0a, type.length, ...type, 0x12, retryInfo.length, ...retryInfo];
    assert.deepEqual(decodeErrorDetails(Uint8Array.from([0x1a, any.length, ...any])), [
      { kind: 'RetryInfo', delayMs: 0 },
    ]);
  });
});
