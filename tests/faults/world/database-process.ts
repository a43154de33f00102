/** The Database service as a process of its own, which is killed, frozen and started again at its address. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, freePort } from '@connections/testing';

// From tests/dist/faults/world to the root of the checkout.
const main = fileURLToPath(
  new URL('../../../../apps/connections/database/dist/src/main.js', import.meta.url),
);
/** A machine that does other things is slow to start a process. */
const startMs = 60_000;
const answerMs = 1_000;
const bytesPerMiB = 1_048_576;

/** Not frozen, and not left behind, whatever ends this process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

interface Ready {
  /** `host:port`. */
  readonly address: string;
  readonly http: string;
}

export class DatabaseProcess implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'connections-faults-'));
  readonly #stores: Readonly<Record<string, string>>;
  /** One that nobody else is given while the process is away. */
  readonly #port: number;
  #child: ChildProcess | undefined;
  #ready: Ready = { address: '', http: '' };

  private constructor(stores: Readonly<Record<string, string>>, port: number) {
    this.#stores = stores;
    this.#port = port;
  }

  /** Resolves when it listens; `stores` are the variables of its stores. */
  static async start(stores: Readonly<Record<string, string>>): Promise<DatabaseProcess> {
    const service = new DatabaseProcess(stores, await freePort());
    await service.restart();
    return service;
  }

  get address(): string {
    return this.#ready.address;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    running.delete(child);
    this.#child = undefined;
  }

  /** At the address that it had before. */
  async restart(): Promise<void> {
    await this.kill();
    const logFile = join(this.#folder, 'service.log');
    const log = openSync(logFile, 'w');
    const child = spawn(process.execPath, [main], {
      // Away from the checkout, so that no .env of a developer is read.
      cwd: this.#folder,
      env: {
        CONNECTIONS_DATA: this.#folder,
        DATABASE_CONNECTION_PORT: String(this.#port),
        DATABASE_HTTP_PORT: '0',
        ...this.#stores,
      },
      stdio: ['ignore', 'ignore', log],
    });
    closeSync(log);
    running.add(child);
    this.#child = child;
    this.#ready = await eventually(() => {
      const text = readFileSync(logFile, 'utf8');
      if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}:\n${text}`);
      const line = text.split('\n').find((each) => each.includes('"msg":"ready"'));
      if (!line) throw new Error(`the service is not ready:\n${text}`);
      return JSON.parse(line) as Ready;
    }, startMs);
  }

  /** As the service tells it; rejects while it does not answer. */
  async residentMiB(): Promise<number> {
    const signal = AbortSignal.timeout(answerMs);
    const text = await (await fetch(`http://${this.#ready.http}/metrics`, { signal })).text();
    const [, bytes] = /^process_resident_memory_bytes (\S+)$/m.exec(text) ?? [];
    return Number(bytes) / bytesPerMiB;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
