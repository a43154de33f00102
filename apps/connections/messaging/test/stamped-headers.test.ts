/** The trace context on messages: put on where there is room, and never in the way of the publisher. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '@connections/runtime';
import { stampedHeaders } from '../src/service/stamped-headers.ts';

const traceparent = ['traceparent', `00-${'a0'.repeat(16)}-${'b1'.repeat(8)}-01`] as const;
const tracestate = ['tracestate', 'a=1'] as const;
const baggage = ['baggage', 'x'.repeat(200)] as const;
const trace = new Map([traceparent, tracestate, baggage]);

function filled(count: number, bytes: number): Map<string, string> {
  const value = 'v'.repeat(Math.floor(bytes / count) - 4);
  return new Map(Array.from({ length: count }, (_, index) => [`h${index}`.padEnd(4, '-'), value]));
}

describe('the trace context on a message', () => {
  it('joins the headers of the publisher', () => {
    const own = new Map([['a', 'b']]);
    assert.deepEqual(stampedHeaders(own, trace), new Map([...own, ...trace]));
    assert.deepEqual(own, new Map([['a', 'b']]));
  });

  it('leaves a message alone that has one, and baggage that is there', () => {
    const own = new Map([['traceparent', 'mine']]);
    assert.equal(stampedHeaders(own, trace), own);
    const carried = new Map([['baggage', 'mine']]);
    assert.deepEqual(stampedHeaders(carried, trace), new Map([...carried, traceparent, tracestate]));
    assert.equal(stampedHeaders(carried, new Map()), carried);
  });

  it('takes no message over the bounds of headers', () => {
    const keys = (headers: ReadonlyMap<string, string>) => stampedHeaders(headers, trace).size - headers.size;
    assert.deepEqual(
      [64, 63, 62, 61].map((count) => keys(filled(count, 1_000))),
      [0, 1, 2, 3],
    );
    const each = [...trace].map(([name, value]) => name.length + value.length);
    const [first = 0, second = 0, third = 0] = each;
    const free = (bytes: number) => keys(new Map([['h', 'v'.repeat(limits.headerBytes - 1 - bytes)]]));
    assert.deepEqual([free(first - 1), free(first), free(first + second)], [0, 1, 2]);
    assert.deepEqual([free(first + second + third - 1), free(first + second + third)], [2, 3]);
  });
});
