/** The status of a call as header fields, and what is read out of fields that others sent. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isGrpcContentType } from '../src/protocol/content-type.ts';
import { failureOfHttpStatus, failureOfReset } from '../src/protocol/http-failures.ts';
import { failureFields, fieldValue, okFields, statusOf } from '../src/protocol/status-fields.ts';
import { decodeStatusMessage, encodeStatusMessage } from '../src/protocol/status-message.ts';
import { type FailureStatus, statusNumbers } from '../src/status.ts';
import { StatusError } from '../src/status-error.ts';

function fieldsOf(fields: Record<string, string>) {
  return Object.entries(fields).map(([name, value]) => ({ name, value }));
}

function failure(fields: Record<string, string>): StatusError {
  const status = statusOf(fieldsOf(fields));
  assert.ok(typeof status === 'object');
  return status;
}

describe('the message of a status', () => {
  it('is the same after a round trip, in printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = encodeStatusMessage(text);
        assert.match(encoded, /^[ -~]*$/);
        assert.equal(decodeStatusMessage(encoded), text);
      }),
    );
  });

  it('has the bytes of the specification', () => {
    assert.equal(encodeStatusMessage('100 % ü\n'), '100 %25 %C3%BC%0A');
  });

  it('keeps what is no percent-encoding', () => {
    assert.equal(decodeStatusMessage('100 % of %zz, %4'), '100 % of %zz, %4');
    assert.equal(decodeStatusMessage('%c3%BC%'), 'ü%');
    assert.equal(decodeStatusMessage('%ff'), '\ufffd');
  });

  it('throws at no text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        decodeStatusMessage(encodeStatusMessage(text));
        decodeStatusMessage(text);
      }),
    );
  });
});

describe('the status of a call', () => {
  it('leaves without details that are none', () => {
    const details = [{ kind: 'ErrorInfo', reason: 'R', domain: 'd' }] as never;
    assert.deepEqual(
      failureFields(new StatusError('NOT_FOUND', 'gone', { details })).map(({ name }) => name),
      ['grpc-status', 'grpc-message'],
    );
  });

  it('of any failure is the same after a round trip', () => {
    const names = Object.keys(statusNumbers).filter((name) => name !== 'OK') as FailureStatus[];
    for (const name of names) {
      const details = [{ kind: 'RetryInfo' as const, delayMs: 250 }];
      const read = statusOf(failureFields(new StatusError(name, `ü ${name}`, { details })));
      assert.ok(typeof read === 'object');
      assert.equal(read.status, name);
      assert.equal(read.message, `ü ${name}`);
      assert.deepEqual(read.details, details);
    }
  });

  it('that is OK is one field, and is read as such', () => {
    assert.equal(statusOf(okFields), 'ok');
    assert.equal(fieldValue(okFields, 'grpc-status'), '0');
  });

  it('is undefined where there is none', () => {
    assert.equal(statusOf(fieldsOf({ 'grpc-message': 'lost' })), undefined);
  });

  it('that is not known is UNKNOWN', () => {
    for (const status of ['17', '999', '-1', 'abc', '', '1e1', '00000000']) {
      assert.equal(failure({ 'grpc-status': status, 'grpc-message': 'm' }).status, 'UNKNOWN', status);
    }
  });

  it('tells nothing of an error that is no StatusError', () => {
    const text = JSON.stringify(failureFields(new Error('password=hunter2')));
    assert.doesNotMatch(text, /hunter2/);
    assert.equal(fieldValue(failureFields(new Error()), 'grpc-status'), `${statusNumbers.INTERNAL}`);
  });

  it('fits a header block of 8 KiB, however much is said', () => {
    const violations = Array.from({ length: 500 }, (_, at) => ({ field: `f${at}`, description: 'ü' }));
    const details = [{ kind: 'BadRequest' as const, violations }];
    const fields = failureFields(new StatusError('ABORTED', 'ü'.repeat(10_000), { details }));
    const bytes = fields.reduce((sum, { name, value }) => sum + name.length + value.length + 32, 0);
    assert.ok(bytes < 8_192, `${bytes} bytes`);
  });

  it('without details has details of none', () => {
    assert.deepEqual(failure({ 'grpc-status': '5', 'grpc-status-details-bin': '!!!' }).details, []);
  });
});

describe('a failure of HTTP', () => {
  it('has the status that the specification maps it to', () => {
    const statuses = ['400', '401', '403', '404', '429', '502', '503', '504', '200', '500', 'x'];
    assert.deepEqual(
      statuses.map((status) => failureOfHttpStatus(status).status),
      [
        'INTERNAL',
        'UNAUTHENTICATED',
        'PERMISSION_DENIED',
        'UNIMPLEMENTED',
        ...Array(4).fill('UNAVAILABLE'),
        ...Array(3).fill('UNKNOWN'),
      ],
    );
    const codes = ['REFUSED_STREAM', 'CANCEL', 'ENHANCE_YOUR_CALM', 'PROTOCOL_ERROR', 'NO_ERROR'] as const;
    assert.deepEqual(
      codes.map((code) => failureOfReset(code).status),
      ['UNAVAILABLE', 'CANCELLED', 'RESOURCE_EXHAUSTED', 'INTERNAL', 'INTERNAL'],
    );
  });
});

describe('the content type', () => {
  it('is that of gRPC with protobuf, or none said', () => {
    const right = ['application/grpc', 'application/grpc+proto', 'application/grpc;charset=utf-8'];
    const wrong = [
      undefined,
      '',
      'application/json',
      'application/grpc-web',
      'application/grpc+json',
      'x/grpc',
    ];
    assert.deepEqual(right.map(isGrpcContentType), [true, true, true]);
    assert.deepEqual(wrong.map(isGrpcContentType), Array(wrong.length).fill(false));
  });
});
