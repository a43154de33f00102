/** Where a server is reached: a port or a Unix socket, and the sockets that came through it. */
import type { Server as NetServer, Socket } from 'node:net';

export class Listener {
  readonly #server: NetServer;
  readonly #sockets = new Set<Socket>();
  #unixPath: string | undefined;
  #onEmpty: (() => void) | undefined;

  /** What listens: a bare one, because those of transports hide the code of a bind error and write to stderr. */
  constructor(server: NetServer) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      // It is closed by whoever speaks on it, who is told too.
      socket.on('error', () => {});
      socket.once('close', () => {
        this.#sockets.delete(socket);
        if (this.#sockets.size === 0) this.#onEmpty?.();
      });
    });
  }

  /** Of what it listens on; undefined when that is a port. */
  get unixPath(): string | undefined {
    return this.#unixPath;
  }

  /** Resolves with the bound port. */
  async listen(host: string, port: number): Promise<number> {
    await this.#bind(() => this.#server.listen(port, host));
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : port;
  }

  async listenUnix(path: string): Promise<void> {
    this.#unixPath = path;
    await this.#bind(() => this.#server.listen(path));
  }

  /** Takes no further connections; those that are open go on. */
  close(): void {
    this.#server.close();
  }

  /** Resolves when no connection is open. For one waiter. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#sockets.size === 0) resolve();
      else this.#onEmpty = resolve;
    });
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #bind(listen: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      // Stays: an error of a later accept, such as EMFILE, costs that connection only.
      this.#server.on('error', reject);
      this.#server.once('listening', resolve);
      listen();
    });
  }
}
