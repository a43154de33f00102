/** How a process ends, by exit code and by what it says. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Runs a program with `runProcess`, `log` and errors at hand. Sends it the signals, one for each line that it prints,
 * and the last of several again and again until it ends.
 */
async function run(program: string, signals: readonly NodeJS.Signals[] = []) {
  const script = `
    import { createLog, SettingsError } from '@connections/runtime';
    import { runProcess, StartError } from '@connections/runtime/host';
    const log = createLog({ format: 'json' });
    const running = (stop) => async () => (console.log('up'), { log, stop });
    setInterval(() => {}, 1_000);
    ${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: here });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const left = [...signals];
  let insisting: NodeJS.Timeout | undefined;
  child.stdout.on('data', () => {
    const signal = left.shift();
    if (signal) child.kill(signal);
    if (signals.length > 1 && left.length === 0) insisting ??= setInterval(() => child.kill(signal), 50);
  });
  const [code] = await once(child, 'close');
  clearInterval(insisting);
  return { code, stderr };
}

describe('runProcess', () => {
  it('stops in order on SIGTERM and on SIGINT and exits 0', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { code, stderr } = await run('await runProcess(running(async () => {}));', [signal]);
      assert.equal(code, 0);
      assert.match(stderr, new RegExp(`"signal":"${signal}","msg":"stopping"[\\s\\S]*"msg":"stopped"`));
    }
  });

  it('ends at once on a second signal', async () => {
    const program = 'await runProcess(running(() => new Promise(() => console.log("stopping"))));';
    assert.equal((await run(program, ['SIGTERM', 'SIGINT'])).code, 130);
    assert.equal((await run(program, ['SIGINT', 'SIGTERM'])).code, 143);
  });

  it('takes a signal that comes twice in a moment, as npm makes of one Ctrl-C, for one', async () => {
    const stop = `async () => {
      process.kill(process.pid, 'SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }`;
    const program = `
      process.prependListener('SIGINT', () => console.error('got it'));
      await runProcess(running(${stop}));`;
    const { code, stderr } = await run(program, ['SIGINT']);
    assert.equal(code, 0);
    assert.equal(stderr.match(/got it/g)?.length, 2);
  });

  it('stops once it has started when it is told to while it starts', async () => {
    const program = `
      await runProcess(() => new Promise((resolve) => {
        process.once('SIGINT', () => resolve({ log, stop: async () => {} }));
        console.log('starting');
      }));`;
    assert.equal((await run(program, ['SIGINT'])).code, 0);
  });

  it('exits 2 with a line for each bad setting', async () => {
    const { code, stderr } = await run(`
      const bad = (variable) => ({ variable, given: 'x', expected: 'a port' });
      await runProcess(async () => { throw new SettingsError([bad('A'), bad('B')]); });`);
    assert.equal(code, 2);
    assert.equal(stderr, 'A is "x", expected a port\nB is "x", expected a port\n');
  });

  it('exits 1 with one line when a person can mend it', async () => {
    const { code, stderr } = await run(
      `await runProcess(async () => { throw new StartError('EADDRINUSE', 'port 1 is in use'); });`,
    );
    assert.equal(code, 1);
    assert.equal(stderr, 'Cannot start: port 1 is in use\n');
  });

  it('exits 1 with the stack in the log when it is a defect', async () => {
    const { code, stderr } = await run(`await runProcess(async () => undefined.x);`);
    assert.equal(code, 1);
    const line = JSON.parse(stderr);
    assert.equal(line.msg, 'cannot start');
    assert.match(line.err.stack, /TypeError/);
  });

  it('logs what nobody caught, thrown or rejected, and exits 1', async () => {
    for (const defect of [
      `setImmediate(() => { throw new Error('lost'); })`,
      `Promise.reject(new Error('lost'))`,
    ]) {
      const { code, stderr } = await run(`await runProcess(running(async () => {}), ${defect});`);
      assert.equal(code, 1);
      assert.equal(JSON.parse(stderr).err.message, 'lost');
    }
  });

  it('exits 1 when it cannot stop in order', async () => {
    const program = `await runProcess(running(async () => { throw new Error('stuck'); }));`;
    const { code, stderr } = await run(program, ['SIGTERM']);
    assert.equal(code, 1);
    assert.match(stderr, /stuck/);
  });
});
