/** What is said of failures, and their exit codes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError, statusNumbers } from '@connections/grpc/status';
import { failure } from '@connections/runtime/errors';
import { CliError } from '../src/cli-error.ts';
import { reportFailure } from '../src/failure-report.ts';

describe('reportFailure', () => {
  it('says what failed and what to do, with 64 + the status of the call', () => {
    assert.deepEqual(reportFailure(failure('TASK_NOT_FOUND', { category: 'a', id: 'b' })), {
      text:
        'there is no task a/b (NOT_FOUND TASK_NOT_FOUND): ' +
        'create the task first; an unknown task is never reported as pending',
      exitCode: 69,
    });
  });

  for (const [status, number] of Object.entries(statusNumbers)) {
    if (status === 'OK') continue;
    it(`exits with ${64 + number} for ${status}`, () => {
      const error = new StatusError(status as Exclude<keyof typeof statusNumbers, 'OK'>, 'it failed');
      const { text, exitCode } = reportFailure(error);
      assert.equal(exitCode, 64 + number);
      assert.match(text, new RegExp(`^it failed \\(${status}\\)`));
    });
  }

  it('names every field that is wrong', () => {
    const violations = ['key', 'ttl'].map((field) => ({ field, description: 'must not be empty' }));
    const error = failure('INVALID_REQUEST', { problem: 'key: ... (and 1 more)' }, { violations });
    assert.equal(
      reportFailure(error).text,
      'key: must not be empty; ttl: must not be empty (INVALID_ARGUMENT INVALID_REQUEST): correct what the request holds there',
    );
  });

  it('keeps what a service says in one line', () => {
    const { text } = reportFailure(new StatusError('INTERNAL', 'one\n  two\nthree'));
    assert.equal(text, 'one; two; three (INTERNAL)');
  });

  it('sends nothing of what a service says to the terminal that would do something there', () => {
    const { text } = reportFailure(new StatusError('INTERNAL', 'a\u001b[2Jb'));
    assert.equal(text, 'a\\u{1b}[2Jb (INTERNAL)');
    assert.equal(reportFailure(new CliError('there is no a\u001b[2Jb')).text, 'there is no a\\u{1b}[2Jb');
  });

  it('takes the hint and the exit code of an error of the command line', () => {
    const error = new CliError('there is no file x', { hint: 'name another', exitCode: 2 });
    assert.deepEqual(reportFailure(error), { text: 'there is no file x: name another', exitCode: 2 });
    assert.equal(reportFailure(new CliError('it failed')).exitCode, 1);
  });

  it('shows the stack of a defect and nothing but the message of a system error', () => {
    assert.match(reportFailure(new TypeError('oops')).text, /^TypeError: oops\n {4}at /);
    const missing = Object.assign(new Error('ENOENT: no such file, open x'), { code: 'ENOENT' });
    assert.deepEqual(reportFailure(missing), { text: 'ENOENT: no such file, open x', exitCode: 1 });
  });
});
