/** The log writes known fields and nothing else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog, type LogOptions } from '@connections/runtime';

function collect(options: LogOptions) {
  const lines: string[] = [];
  return { lines, log: createLog({ ...options, write: (line) => lines.push(line) }) };
}

describe('createLog', () => {
  it('writes one JSON object a line with an ISO time and the name of the level', () => {
    const { lines, log } = collect({ format: 'json' });
    log.info({ method: '/a.B/C', ms: 3 }, 'call');
    const { time, ...rest } = JSON.parse(lines[0] ?? '');
    assert.deepEqual(rest, { level: 'info', method: '/a.B/C', ms: 3, msg: 'call' });
    assert.equal(new Date(time).toISOString(), time);
  });

  it('drops fields that are not on the list, also when a caller got around the type', () => {
    const { lines, log } = collect({ format: 'json' });
    log.error({ method: '/a.B/C', ...{ payload: 'letter', request: { value: 'letter' } } }, 'call');
    assert.match(lines[0] ?? '', /"method"/);
    assert.doesNotMatch(lines[0] ?? '', /letter|payload|request/);
  });

  it('writes of an error its type, message, code, stack and causes only', () => {
    const { lines, log } = collect({ format: 'json' });
    const cause = Object.assign(new Error('inner'), {
      code: 'ECONNREFUSED',
      options: { password: 'hunter2' },
    });
    log.error({ err: new Error('outer', { cause }) }, 'failed');
    const { err } = JSON.parse(lines[0] ?? '');
    assert.equal(err.message, 'outer');
    assert.equal(err.cause.code, 'ECONNREFUSED');
    assert.match(err.cause.stack, /log\.test/);
    assert.doesNotMatch(lines[0] ?? '', /hunter2/);
  });

  it('masks passwords in addresses, in either format', () => {
    for (const format of ['json', 'text'] as const) {
      const { lines, log } = collect({ format });
      log.warn({ err: new Error('cannot reach redis://me:hunter2@host:6379/0') }, 'amqp://a:hunter2@b');
      assert.doesNotMatch(lines[0] ?? '', /hunter2/);
      assert.match(lines[0] ?? '', /redis:\/\/me:\*{8}@host/);
    }
  });

  it('writes text lines for people, the stack of an error below', () => {
    const { lines, log } = collect({ format: 'text' });
    log.info({ service: 'database', address: '127.0.0.1:1' }, 'listening');
    log.error({ err: new Error('boom', { cause: new Error('spark') }) }, 'failed');
    assert.match(
      lines[0] ?? '',
      /^\d\d:\d\d:\d\d\.\d{3} INFO {2}listening service=database address=127\.0\.0\.1:1\n$/,
    );
    assert.match(lines[1] ?? '', /ERROR failed\n {2}Error: boom\n {6}at [\s\S]*caused by\n {2}Error: spark/);
  });

  it('leaves out what is below its level', () => {
    const { lines, log } = collect({ level: 'warn' });
    log.info({}, 'no');
    log.warn({}, 'yes');
    assert.equal(lines.length, 1);
  });
});
