/** What stands around every call. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Call, StatusError } from '@connections/grpc';
import { createLog, noteInBandFailure } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { admissionInterceptor } from '../src/interceptors/admission-interceptor.ts';
import { authorizationInterceptor } from '../src/interceptors/authorization-interceptor.ts';
import { createDrainGate } from '../src/interceptors/drain-gate.ts';
import { errorInterceptor } from '../src/interceptors/error-interceptor.ts';
import { logInterceptor } from '../src/interceptors/log-interceptor.ts';
import { testCall } from './call.ts';

const nothing = async () => {};
const never = () => new Promise<void>(() => {});
const throwing = (error: unknown) => () => Promise.reject(error);
const withReason = (reason: string) => (error: unknown) =>
  error instanceof StatusError && error.reason === reason;

describe('the error interceptor', () => {
  it('lets errors of the catalogue through as they are', async () => {
    const error = failure('TASK_NOT_FOUND', { category: 'a', id: 'b' });
    await assert.rejects(errorInterceptor(testCall(), throwing(error)), (thrown) => thrown === error);
  });

  it('turns anything else into INTERNAL, the cause kept inside and a call id sent', async () => {
    const call = testCall();
    const cause = new TypeError('cannot read secret of undefined');
    await assert.rejects(errorInterceptor(call, throwing(cause)), (thrown) => {
      assert.ok(thrown instanceof StatusError);
      assert.equal(thrown.status, 'INTERNAL');
      assert.equal(thrown.cause, cause);
      assert.doesNotMatch(thrown.message + JSON.stringify(thrown.details), /secret/);
      return true;
    });
    assert.match(call.trailers.text('x-call-id') ?? '', /^[0-9a-f]{8}-[0-9a-z]+$/);
  });

  it('answers what became of the call when a driver throws its own AbortError', async () => {
    const abort = new AbortController();
    abort.abort(new StatusError('DEADLINE_EXCEEDED', 'the deadline passed'));
    const call = testCall({ signal: abort.signal });
    const thrown = () => delay(1_000, undefined, { signal: abort.signal });
    await assert.rejects(errorInterceptor(call, thrown), { status: 'DEADLINE_EXCEEDED' });
  });

  it('takes an AbortError for a defect while the call goes on', async () => {
    const aborted = new DOMException('aborted', 'AbortError');
    await assert.rejects(errorInterceptor(testCall(), throwing(aborted)), { status: 'INTERNAL' });
  });
});

describe('the log interceptor', () => {
  const stream = '/test.Service/Stream';

  async function linesOf(
    proceed: (call: Call) => Promise<void>,
    { method = '/test.Service/Call', slowMs = 1_000 } = {},
  ) {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', format: 'json', write: (line) => lines.push(line) });
    const interceptor = logInterceptor({ log, slowMs, streams: new Set([stream]) });
    const call = testCall({ method });
    await interceptor(call, () => proceed(call)).catch(nothing);
    return lines.map((line) => JSON.parse(line));
  }

  it('writes a line for every call at debug', async () => {
    const [line, ...more] = await linesOf(nothing);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [line.level, line.msg, line.method, line.status, line.peer],
      ['debug', 'call', '/test.Service/Call', 'OK', '127.0.0.1:1'],
    );
    assert.equal(typeof line.ms, 'number');
  });

  it('writes slow calls at info, but no stream is slow', async () => {
    const slowly = () => delay(5);
    assert.equal((await linesOf(slowly, { slowMs: 1 }))[0].msg, 'slow call');
    assert.equal((await linesOf(slowly, { slowMs: 1, method: stream }))[0].level, 'debug');
  });

  it("writes a caller's failure at info with its reason and without its message", async () => {
    const [line] = await linesOf(throwing(failure('TASK_NOT_FOUND', { category: 'a', id: 'private' })));
    assert.deepEqual([line.level, line.status, line.reason], ['info', 'NOT_FOUND', 'TASK_NOT_FOUND']);
    assert.doesNotMatch(JSON.stringify(line), /private/);
  });

  it('writes a failure that is answered in the reply as one, too', async () => {
    const [line] = await linesOf(async (call) =>
      noteInBandFailure(call, failure('STORE_FULL', { limit: '1 MiB' })),
    );
    assert.deepEqual(
      [line.level, line.msg, line.reason, line.inBand],
      ['info', 'call failed', 'STORE_FULL', true],
    );
  });

  it('writes our failures at error with the whole cause, and at warn those of what we need', async () => {
    const [internal] = await linesOf(throwing(failure('INTERNAL', {}, { cause: new Error('boom') })));
    assert.equal(internal.level, 'error');
    assert.match(internal.err.stack, /boom[\s\S]*interceptors\.test/);
    const [away] = await linesOf(throwing(failure('STORE_UNREACHABLE', { store: 'cache' })));
    assert.equal(away.level, 'warn');
    const [stopping] = await linesOf(throwing(failure('SHUTTING_DOWN', {})));
    assert.equal(stopping.level, 'info');
  });

  it('writes at debug that a client cancelled its stream, at info that it cancelled a call', async () => {
    const cancelled = throwing(new StatusError('CANCELLED', 'cancelled'));
    assert.equal((await linesOf(cancelled, { method: stream }))[0].level, 'debug');
    assert.equal((await linesOf(cancelled))[0].level, 'info');
  });
});

describe('the authorization interceptor', () => {
  const scopes = new Map([['/test.Service/Call', 'tasks:read']]);

  it('refuses an rpc without a row, whoever calls', async () => {
    const interceptor = authorizationInterceptor({ scopes, authentication: false });
    const call = testCall({ method: '/test.Service/Other' });
    await assert.rejects(interceptor(call, nothing), withReason('PERMISSION_DENIED'));
  });

  it('grants every scope while callers do not authenticate', async () => {
    await authorizationInterceptor({ scopes, authentication: false })(testCall(), nothing);
  });

  it('grants only the scopes of the principal once they do', async () => {
    const interceptor = authorizationInterceptor({ scopes, authentication: true });
    await assert.rejects(interceptor(testCall(), nothing), { status: 'PERMISSION_DENIED' });
    const principal = { name: 'etl', scopes: ['tasks:read'] };
    await interceptor(testCall({ principal }), nothing);
  });
});

describe('the admission interceptor', () => {
  const stream = '/test.Service/Stream';
  const create = () => admissionInterceptor({ maxCalls: 1, maxStreams: 1, streams: new Set([stream]) });

  it('bounds calls and streams apart', async () => {
    const interceptor = create();
    void interceptor(testCall(), never);
    await assert.rejects(interceptor(testCall(), nothing), withReason('TOO_MANY_CALLS'));
    void interceptor(testCall({ method: stream }), never);
    await assert.rejects(interceptor(testCall({ method: stream }), nothing), withReason('TOO_MANY_STREAMS'));
  });

  it('takes the next call when one has ended, well or not', async () => {
    const interceptor = create();
    await interceptor(testCall(), nothing);
    await assert.rejects(interceptor(testCall(), throwing(new Error('boom'))), /boom/);
    await interceptor(testCall(), nothing);
  });
});

describe('the drain gate', () => {
  it('refuses calls that come after it closed and lets open ones end', async () => {
    const gate = createDrainGate();
    let finish: () => void = nothing;
    const open = gate.interceptor(
      testCall(),
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    gate.close();
    await assert.rejects(gate.interceptor(testCall(), nothing), withReason('SHUTTING_DOWN'));
    finish();
    await open;
  });
});
