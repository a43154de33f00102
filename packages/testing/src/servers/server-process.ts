/** Runs a store's server as a process: on a free port, with its own folder, watched until it answers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { freePort } from './free-port.ts';
import { guarded, guardedFolder } from './guarded-folder.ts';
import { stopProcess } from './stopped-process.ts';
import type { TestServer } from './test-server.ts';

/** What a running server is known by. */
export interface Place {
  readonly port: number;
  readonly folder: string;
}

export interface ServerKind {
  readonly name: string;
  readonly command: string;
  args(place: Place): readonly string[];
  url(place: Place): string;
  /** Beside the variables of this process. */
  environment?(): Readonly<Record<string, string>>;
  /** Once before the first start at this place: writes what the server wants to find there. */
  prepare?(place: Place): void;
  /** Rejects until the process with this id answers; another server may hold the port. */
  answers(running: { pid: number; port: number; log: string }, url: string): Promise<void>;
}

export interface StartedServer extends TestServer {
  /** What it has printed since it was started last. */
  log(): string;
}

/** A machine that compiles and tests at once is slow to start a server. */
const startDeadlineMs = 60_000;
const portTries = 20;

/** What servers say, last the broker of Erlang, whose nodes have a port between themselves, too. */
const takenPort = /address already in use|eaddrinuse|distribution port \d+ in use/i;

/** Thrown for a server that ended because another process has its port. */
class PortTaken extends Error {}

/** Starts it on a free port, or on `port`, and resolves when it answers. */
export async function startServer(kind: ServerKind, port?: number): Promise<StartedServer> {
  if (port === undefined) return overTakenPorts(async () => startServer(kind, await freePort()));
  const folder = await mkdtemp(join(guardedFolder(), `${kind.name}-`));
  const server = new ServerProcess(kind, { folder, port });
  try {
    kind.prepare?.({ folder, port });
    await server.restart();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** A free port can be lost before the server has it: starts again, which chooses others. */
export async function overTakenPorts<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof PortTaken) || tries === portTries) throw error;
    }
  }
}

class ServerProcess implements StartedServer {
  readonly url: string;
  readonly port: number;
  readonly #kind: ServerKind;
  readonly #place: Place;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(kind: ServerKind, place: Place) {
    this.#kind = kind;
    this.#place = place;
    this.port = place.port;
    this.url = kind.url(place);
  }

  freeze(): void {
    stopProcess(this.#pid);
  }

  thaw(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  async kill(): Promise<void> {
    if (!this.#child) return;
    this.#child.ref();
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async restart(): Promise<void> {
    await this.kill();
    this.#launch();
    const failure = await eventually(() => this.#state(), startDeadlineMs);
    if (failure) throw failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#place.folder, { recursive: true, force: true });
    await rm(this.#logFile, { force: true });
  }

  #launch(): void {
    const idFile = `${this.#place.folder}.pid`;
    const log = openSync(this.#logFile, 'w');
    const child = spawn(...guarded(idFile, this.#kind.command, this.#kind.args(this.#place)), {
      cwd: this.#place.folder,
      env: { ...process.env, ...this.#kind.environment?.() },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    // A test that forgets its server ends all the same, and the guard ends the server.
    child.unref();
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => {
        this.#child = undefined;
        rmSync(idFile, { force: true });
        resolve();
      });
    });
  }

  /** Undefined when it answers, an error when it has ended; rejects while neither is known. */
  async #state(): Promise<Error | undefined> {
    const pid = this.#child?.pid;
    const log = this.log();
    if (pid === undefined) {
      const taken = takenPort.test(log);
      return new (taken ? PortTaken : Error)(
        `${this.#kind.name} ended on port ${this.port}:\n${log.slice(-4_000)}`,
      );
    }
    await this.#kind.answers({ pid, port: this.port, log }, this.url);
    return undefined;
  }

  get #pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.#kind.name} on port ${this.port} does not run`);
    return pid;
  }

  get #logFile(): string {
    return `${this.#place.folder}.log`;
  }
}
