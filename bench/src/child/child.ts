/** A process of the bench's own that answers one question after the other. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Core, pinned } from './pinning.ts';

export interface Child<Question, Answer> extends AsyncDisposable {
  readonly pid: number;
  /** Rejects when the process fails at it, ends, or takes longer than `timeoutMs`. One at a time. */
  ask(question: Question, timeoutMs?: number): Promise<Answer>;
}

export type Reply<Answer> = { readonly answer: Answer } | { readonly error: string };

/** `module` is the URL of a compiled file that calls `answerParent`. */
export function startChild<Question extends object, Answer>(
  module: string,
  core: Core,
): Child<Question, Answer> {
  const [command = process.execPath, ...before] = pinned(core, [process.execPath, '--enable-source-maps']);
  const child = fork(fileURLToPath(module), [], {
    execPath: command,
    execArgv: before,
    // Messages of bytes stay bytes.
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const exited = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    async ask(question, timeoutMs = 60_000) {
      const late = AbortSignal.timeout(timeoutMs);
      child.send(question);
      const ended = exited.then(([code]) => Promise.reject(new Error(`${module} ended with ${code}`)));
      const [reply] = (await Promise.race([once(child, 'message', { signal: late }), ended])) as [
        Reply<Answer>,
      ];
      if ('error' in reply) throw new Error(reply.error);
      return reply.answer;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
