/** A client in a process of its own, which is killed and started again; each line that it writes is told. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const folder = new URL('../clients/', import.meta.url);
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class ClientProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** Resolves with what ended it, when all that it wrote has been told. */
  readonly ended: Promise<'in order' | 'killed'>;

  /** @param name of the file among the clients, without its ending */
  constructor(name: string, task: object, onWords: (words: readonly string[]) => void) {
    const file = fileURLToPath(new URL(`${name}.js`, folder));
    const child = spawn(process.execPath, [file, JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    running.add(child);
    this.#child = child;
    // The input of a killed process.
    child.stdin.on('error', () => {});
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => onWords(line.split(' ')));
    this.ended = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(([[code, signal]]) => {
      running.delete(child);
      if (signal === 'SIGKILL') return 'killed';
      if (code === 0) return 'in order';
      throw new Error(`${name} ended with ${code ?? signal}`);
    });
    // Whoever waits for it is told.
    this.ended.catch(() => {});
  }

  say(line: string | number): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Lets it finish what it does. */
  async finish(): Promise<void> {
    this.#child.stdin?.end();
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended.catch(() => {});
  }
}
