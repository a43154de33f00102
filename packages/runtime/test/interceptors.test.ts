/** What stands around every call. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Call, StatusError } from '@connections/grpc';
import { createLog, noteInBandFailure } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { admissionStage } from '../src/interceptors/admission-stage.ts';
import { authorizationStage } from '../src/interceptors/authorization-stage.ts';
import { type CallStage, inStages } from '../src/interceptors/call-stages.ts';
import { createDrainGate } from '../src/interceptors/drain-gate.ts';
import { errorStage } from '../src/interceptors/error-stage.ts';
import { logStage } from '../src/interceptors/log-stage.ts';
import { testCall } from './call.ts';

const nothing = async () => {};
const never = () => new Promise<void>(() => {});
const throwing = (error: unknown) => () => Promise.reject(error);
const withReason = (reason: string) => (error: unknown) =>
  error instanceof StatusError && error.reason === reason;

describe('the error stage', () => {
  const around = inStages([errorStage]);

  it('lets errors of the catalogue through as they are', async () => {
    const error = failure('TASK_NOT_FOUND', { category: 'a', id: 'b' });
    await assert.rejects(around(testCall(), throwing(error)), (thrown) => thrown === error);
  });

  it('turns anything else into INTERNAL, the cause kept inside and a call id sent', async () => {
    const call = testCall();
    const cause = new TypeError('cannot read secret of undefined');
    await assert.rejects(around(call, throwing(cause)), (thrown) => {
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
    await assert.rejects(around(call, thrown), { status: 'DEADLINE_EXCEEDED' });
  });

  it('takes an AbortError for a defect while the call goes on', async () => {
    const aborted = new DOMException('aborted', 'AbortError');
    await assert.rejects(around(testCall(), throwing(aborted)), { status: 'INTERNAL' });
  });
});

describe('the log stage', () => {
  const stream = '/test.Service/Stream';

  async function linesOf(
    proceed: (call: Call) => Promise<void>,
    { method = '/test.Service/Call', slowMs = 1_000 } = {},
  ) {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', format: 'json', write: (line) => lines.push(line) });
    const interceptor = inStages([logStage({ log, slowMs, streams: new Set([stream]) })]);
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

describe('the authorization stage', () => {
  const scopes = new Map([['/test.Service/Call', 'tasks:read']]);

  it('refuses an rpc without a row, whoever calls', async () => {
    const interceptor = inStages([authorizationStage({ scopes, authentication: false })]);
    const call = testCall({ method: '/test.Service/Other' });
    await assert.rejects(interceptor(call, nothing), withReason('PERMISSION_DENIED'));
  });

  it('grants every scope while callers do not authenticate', async () => {
    await inStages([authorizationStage({ scopes, authentication: false })])(testCall(), nothing);
  });

  it('grants only the scopes of the principal once they do', async () => {
    const interceptor = inStages([authorizationStage({ scopes, authentication: true })]);
    await assert.rejects(interceptor(testCall(), nothing), { status: 'PERMISSION_DENIED' });
    const principal = { name: 'etl', scopes: ['tasks:read'] };
    await interceptor(testCall({ principal }), nothing);
  });
});

describe('the admission stage', () => {
  const stream = '/test.Service/Stream';
  const create = () => inStages([admissionStage({ maxCalls: 1, maxStreams: 1, streams: new Set([stream]) })]);

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
    const around = inStages([gate.stage]);
    let finish: () => void = nothing;
    const open = around(
      testCall(),
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    gate.close();
    await assert.rejects(around(testCall(), nothing), withReason('SHUTTING_DOWN'));
    finish();
    await open;
  });
});

describe('stages around a call', () => {
  const noted = () => {
    const seen: string[] = [];
    const stage = (name: string, begin = () => {}): CallStage => ({
      begin() {
        begin();
        seen.push(`${name} begins`);
      },
      end({ ms }, failure) {
        seen.push(`${name} ends: ${failure instanceof Error ? failure.message : failure}, ${ms > 0}`);
        return failure;
      },
    });
    return { seen, stage };
  };

  it('begin in their order and end in the other', async () => {
    const { seen, stage } = noted();
    await inStages([stage('a'), {}, stage('b')])(testCall(), async () => void seen.push('call'));
    const ends = ['b ends: undefined, true', 'a ends: undefined, true'];
    assert.deepEqual(seen, ['a begins', 'b begins', 'call', ...ends]);
  });

  it('end those alone that have begun when one refuses, and never call the handler', async () => {
    const { seen, stage } = noted();
    const refusal = new Error('no');
    const refusing = stage('b', () => {
      throw refusal;
    });
    const around = inStages([stage('a'), refusing, stage('c')]);
    const handler = async () => assert.fail('called');
    await assert.rejects(around(testCall(), handler), (thrown) => thrown === refusal);
    assert.deepEqual(seen, ['a begins', 'a ends: no, true']);
  });

  it('see of a failure what the stages inside have made of it, and so does the caller', async () => {
    const { seen, stage } = noted();
    const made = new Error('made of it');
    const around = inStages([stage('a'), { end: () => made }, stage('b')]);
    await assert.rejects(around(testCall(), throwing(new Error('boom'))), (thrown) => thrown === made);
    assert.deepEqual(seen.slice(2), ['b ends: boom, true', 'a ends: made of it, true']);
    const atOnce = () => {
      throw new Error('no promise');
    };
    await assert.rejects(around(testCall(), atOnce), (thrown) => thrown === made);
    const silently = () => Promise.reject();
    await assert.rejects(inStages([stage('d')])(testCall(), silently), /without a reason/);
  });
});
