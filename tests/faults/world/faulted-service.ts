/** One of the services as a process of its own, which is killed, frozen, stopped and started again at its address. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, freePort, transportVariables } from '@connections/testing';

// From tests/dist/faults/world to the root of the checkout.
const apps = new URL('../../../../apps/connections/', import.meta.url);
/** A machine that does other things is slow to start a process. */
const startMs = 60_000;
const answerMs = 1_000;
const bytesPerMiB = 1_048_576;

/** Not frozen, and not left behind, whatever ends this process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

type ServiceName = 'database' | 'messaging';

interface Ready {
  /** `host:port`. */
  readonly address: string;
  readonly http: string;
}

export class FaultedService implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'connections-faults-'));
  readonly #name: ServiceName;
  readonly #settings: Readonly<Record<string, string>>;
  /** One that nobody else is given while the process is away. */
  readonly #port: number;
  #child: ChildProcess | undefined;
  #ready: Ready = { address: '', http: '' };

  private constructor(name: ServiceName, settings: Readonly<Record<string, string>>, port: number) {
    this.#name = name;
    this.#settings = settings;
    this.#port = port;
  }

  /** Resolves when it listens; `settings` are variables beside its ports and its folder. */
  static async start(name: ServiceName, settings: Readonly<Record<string, string>>): Promise<FaultedService> {
    const service = new FaultedService(name, settings, await freePort());
    await service.restart();
    return service;
  }

  get address(): string {
    return this.#ready.address;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** In order: it lets calls end. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** At the address that it had before. */
  async restart(): Promise<void> {
    await this.kill();
    const logFile = join(this.#folder, 'service.log');
    const log = openSync(logFile, 'w');
    const main = fileURLToPath(new URL(`${this.#name}/dist/src/main.js`, apps));
    const prefix = this.#name.toUpperCase();
    const child = spawn(process.execPath, [main], {
      // Away from the checkout, so that no .env of a developer is read.
      cwd: this.#folder,
      env: {
        ...transportVariables,
        CONNECTIONS_DATA: this.#folder,
        [`${prefix}_CONNECTION_PORT`]: String(this.#port),
        [`${prefix}_HTTP_PORT`]: '0',
        ...this.#settings,
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

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    running.delete(child);
    this.#child = undefined;
  }
}
