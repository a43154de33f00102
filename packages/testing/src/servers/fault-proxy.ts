/** A TCP proxy before a server, which does what networks do: swallows, delays and resets. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Before the server at `target` of this machine. */
export async function startFaultProxy(target: number): Promise<FaultProxy> {
  // Half open: what one side still sends after the other has ended is relayed.
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new FaultProxy(server, target);
}

export class FaultProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #connections = 0;
  #watch: (sent: Buffer) => void = () => {};
  #resets = false;
  #delayMs = 0;
  #open: Promise<void> = Promise.resolve();
  #reopen = () => {};

  constructor(server: Server, target: number) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server.on('connection', (client) => this.#take(client));
    this.#target = target;
  }

  /** Connections that were tried so far, those that were reset included. */
  get connections(): number {
    return this.#connections;
  }

  /** From now on `see` is shown what clients send, in the pieces in which it comes. */
  watch(see: (sent: Buffer) => void): void {
    this.#watch = see;
  }

  /** The URL of the server with the proxy in its place. A replica set names its members itself: `directConnection`. */
  through(url: string): string {
    return url.replace(`127.0.0.1:${this.#target}`, `127.0.0.1:${this.port}`);
  }

  /** From now on nothing arrives, in no direction; connections are taken and stay open. */
  blackHole(): void {
    this.heal();
    this.#open = new Promise((resolve) => {
      this.#reopen = resolve;
    });
  }

  /** Ends every connection with a reset, and each new one. */
  reset(): void {
    this.heal();
    this.#resets = true;
    this.#resetAll();
  }

  /** Everything arrives this much later. */
  delay(ms: number): void {
    this.heal();
    this.#delayMs = ms;
  }

  /** Ends what the network did; what was swallowed arrives, as TCP sends it again. */
  heal(): void {
    this.#delayMs = 0;
    this.#resets = false;
    this.#reopen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#resetAll();
    this.#reopen();
    await closed;
  }

  #take(client: Socket): void {
    this.#connections += 1;
    this.#keep(client);
    if (this.#resets) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true });
    this.#keep(upstream);
    client.on('data', (chunk) => this.#watch(chunk));
    this.#relay(client, upstream);
    this.#relay(upstream, client);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket.setNoDelay());
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #relay(from: Socket, to: Socket): void {
    // One after the other, however the delay changes between them.
    let last = Promise.resolve();
    const pass = (act: () => void) => {
      const due = performance.now() + this.#delayMs;
      last = last.then(async () => {
        const left = due - performance.now();
        if (left > 0) await delay(left);
        await this.#open;
        if (!to.destroyed) act();
      });
    };
    from.on('data', (chunk) => pass(() => to.write(chunk)));
    from.once('end', () => pass(() => to.end()));
    from.once('error', () => pass(() => reset(to)));
  }

  #resetAll(): void {
    for (const socket of this.#sockets) reset(socket);
  }
}

/** A process of Node 20 that resets a socket in the middle of its shutdown never ends. */
function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
