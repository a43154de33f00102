/** Whether and how a process traces by its settings, and what it takes for a context. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Metadata } from '@connections/grpc';
import { createLog, readSettings, receivedTraceHeaders, SettingsError } from '@connections/runtime';
import { tracingPlan, tracingSettings } from '../src/tracing/tracing-settings.ts';
import { TracingTrouble } from '../src/tracing/tracing-trouble.ts';

function planOf(env: Record<string, string>) {
  return tracingPlan(readSettings(tracingSettings, env));
}

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('the plan of tracing', () => {
  it('is to trace where an exporter or an endpoint is set, and not otherwise', () => {
    const exporters = (...environments: Record<string, string>[]) =>
      environments.map((env) => planOf(env)?.exporter);
    assert.deepEqual(
      exporters(
        {},
        { OTEL_SERVICE_NAME: 'a', OTEL_TRACES_SAMPLER: 'always_on' },
        { ...endpoint, OTEL_TRACES_EXPORTER: 'none' },
        { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' },
        { ...endpoint, OTEL_EXPORTER_OTLP_ENDPOINT: '' },
      ),
      Array(5).fill(undefined),
    );
    assert.deepEqual(
      exporters(
        endpoint,
        { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://a/b' },
        { OTEL_TRACES_EXPORTER: 'otlp' },
        { ...endpoint, OTEL_TRACES_EXPORTER: 'console' },
      ),
      ['otlp', 'otlp', 'otlp', 'console'],
    );
  });

  it('leaves alone what other programs are told, as far as it does not concern this one', () => {
    const others = {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER: 'xray',
      OTEL_PROPAGATORS: 'b3',
    };
    assert.equal(planOf(others), undefined);
    assert.equal(planOf({ ...others, ...endpoint, OTEL_SDK_DISABLED: 'true' }), undefined);
    assert.ok(planOf({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_EXPORTER: 'console' }));
    const own = { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' };
    assert.ok(planOf({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', ...own }));
  });

  it('names each variable that asks for what cannot be done', () => {
    const refused = (env: Record<string, string>) => {
      try {
        planOf({ ...endpoint, ...env });
      } catch (error) {
        assert.ok(error instanceof SettingsError);
        return error.problems.map(({ variable }) => variable);
      }
      return [];
    };
    const ratio = { OTEL_TRACES_SAMPLER: 'traceidratio' };
    assert.deepEqual(refused({ ...ratio, OTEL_TRACES_SAMPLER_ARG: '0.25' }), []);
    assert.deepEqual(refused({ ...ratio, OTEL_TRACES_SAMPLER_ARG: '25%' }), ['OTEL_TRACES_SAMPLER_ARG']);
    assert.deepEqual(refused({ ...ratio, OTEL_TRACES_SAMPLER_ARG: '2' }), ['OTEL_TRACES_SAMPLER_ARG']);
    assert.deepEqual(refused({ OTEL_TRACES_SAMPLER_ARG: '25%' }), []);
    assert.deepEqual(
      refused({ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json', OTEL_PROPAGATORS: 'jaeger,baggage' }),
      ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_PROPAGATORS'],
    );
  });

  it('has the propagators that are named', () => {
    const chosen = (list?: string) => planOf({ ...endpoint, ...(list && { OTEL_PROPAGATORS: list }) });
    assert.deepEqual(chosen()?.propagators, new Set(['tracecontext', 'baggage']));
    assert.deepEqual(chosen('baggage, tracecontext')?.propagators, new Set(['tracecontext', 'baggage']));
    assert.deepEqual(chosen('tracecontext')?.propagators, new Set(['tracecontext']));
    assert.deepEqual(chosen('none')?.propagators, new Set());
  });
});

describe('the context of a call', () => {
  const id = 'a0'.repeat(16);
  const parent = 'b1'.repeat(8);
  const traceparent = `00-${id}-${parent}-01`;

  function received(values: Record<string, string>) {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(values)) metadata.set(key, value);
    return Object.fromEntries(receivedTraceHeaders(metadata));
  }

  it('is what W3C Trace Context and Baggage say', () => {
    const sent = { traceparent, tracestate: 'a=1,b=2', baggage: 'user=7' };
    assert.deepEqual(received({ ...sent, other: 'x' }), sent);
  });

  it('is none where it is malformed, however long that is', () => {
    for (const malformed of [
      '',
      `ff-${id}-${parent}-01`,
      `00-${'0'.repeat(32)}-${parent}-01`,
      `00-${id}-${'0'.repeat(16)}-01`,
      `00-${id.toUpperCase()}-${parent}-01`,
      `${traceparent}, ${traceparent}`,
      '0'.repeat(100_000),
      `${traceparent}${'-'.repeat(100_000)}`,
    ]) {
      assert.deepEqual(received({ traceparent: malformed, tracestate: 'a=1' }), {}, malformed.slice(0, 80));
    }
    assert.deepEqual(received({ tracestate: 'a=1' }), {});
    assert.deepEqual(received({ traceparent, tracestate: 'a'.repeat(513) }), { traceparent });
  });
});

describe('trouble with traces', () => {
  it('is told once a minute for each kind, with how often it was not told', () => {
    const lines: { msg: string; count?: number; err: { message: string; code?: string } }[] = [];
    const log = createLog({ format: 'json', write: (line) => lines.push(JSON.parse(line)) });
    let time = 0;
    const trouble = new TracingTrouble(log, { now: () => time });
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', headers: 'hunter2' });
    for (; time < 150_000; time += 10_000) trouble.exportFailed(refused);
    trouble.diagLogger.warn('dropped 7 spans', { headers: 'hunter2' });
    trouble.diagLogger.info('nothing');
    assert.deepEqual(
      lines.map(({ msg, count }) => [msg, count]),
      [
        ['traces cannot be sent', undefined],
        ['traces cannot be sent', 5],
        ['traces cannot be sent', 5],
        ['tracing is in trouble', undefined],
      ],
    );
    assert.deepEqual([lines[0]?.err.code, lines[3]?.err.message], ['ECONNREFUSED', 'dropped 7 spans']);
    assert.ok(!JSON.stringify(lines).includes('hunter2'));
  });
});
