/** Opens sockets and speaks HTTP/2 on them. */
import { connect as connectPlain, isIP, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { ConnectionOptions } from '../http2/connection/connection-options.ts';
import type { ConnectConnection } from '../http2/connection/connection-roles.ts';
import type { ClientTls } from './channel-options.ts';
import { Line } from './line.ts';
import type { Dial, DialEvents } from './subchannel.ts';
import type { Address } from './target.ts';

export interface DialSettings {
  readonly connect: ConnectConnection;
  readonly connection: ConnectionOptions;
  readonly connectTimeoutMs: number;
  readonly tls: (() => ClientTls | Promise<ClientTls>) | undefined;
  /** Of the target: what a certificate has to hold. */
  readonly host: string;
}

/** What a server says that is asked too often whether it lives; the next connections ask half as often (gRPC proposal A8). */
const tooManyPings = 'too_many_pings';

export function dialer(settings: DialSettings): Dial {
  let keepaliveMs = settings.connection.keepaliveMs ?? Infinity;
  return (address, events) => {
    const askedMs = keepaliveMs;
    const connection = { ...settings.connection, keepaliveMs: askedMs };
    const dialling = new Dialling({ ...settings, connection }, events, () => {
      // Connections that were made before say the same of the same interval.
      keepaliveMs = Math.max(keepaliveMs, 2 * askedMs);
    });
    void dialling.open(address);
    return { [Symbol.dispose]: () => dialling.giveUp() };
  };
}

/** One attempt, and the connection that comes of it. */
class Dialling {
  readonly #settings: DialSettings;
  readonly #events: DialEvents;
  readonly #calmDown: () => void;
  readonly #timer: Disposable;
  #socket: Socket | undefined;
  /** The attempt is over, with a connection or without. */
  #settled = false;
  #socketError: Error | undefined;
  #answersHttp1 = false;

  constructor(settings: DialSettings, events: DialEvents, calmDown: () => void) {
    this.#settings = settings;
    this.#events = events;
    this.#calmDown = calmDown;
    const { connectTimeoutMs, connection } = settings;
    this.#timer = connection.clock.after(connectTimeoutMs, () => {
      this.#fail(new Error(`no answer within ${connectTimeoutMs} ms`));
    });
  }

  async open(address: Address): Promise<void> {
    try {
      const { tls } = this.#settings;
      // Not before `dial` has returned.
      if (tls) this.#openTls(address, await Promise.resolve().then(tls));
      else this.#open(connectPlain(address as NetConnectOpts));
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(`${error}`));
    }
  }

  giveUp(): void {
    if (this.#settled) return;
    this.#settle();
    this.#socket?.destroy();
  }

  #openTls(address: Address, tls: ClientTls): void {
    if (this.#settled) return;
    const { serverName = this.#settings.host } = tls;
    const socket = connectTls({
      ...(address as NetConnectOpts),
      ...pem(tls),
      ...(isIP(serverName) === 0 && { servername: serverName }),
      ALPNProtocols: ['h2'],
    });
    this.#watch(socket);
    socket.once('secureConnect', () => {
      if (socket.alpnProtocol === 'h2') this.#speak(socket);
      else this.#fail(new Error('the server did not agree to speak HTTP/2 over TLS'));
    });
    socket.once('close', () => this.#fail(this.#socketError ?? new Error('the TLS handshake was cut short')));
  }

  #open(socket: Socket): void {
    this.#watch(socket);
    this.#speak(socket);
  }

  #watch(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', (error) => {
      this.#socketError = error;
    });
  }

  #speak(socket: Socket | TLSSocket): void {
    if (this.#settled) return;
    // To tell the one mistake that is made most from all others.
    socket.once('data', (chunk: Buffer) => {
      this.#answersHttp1 = chunk.subarray(0, 5).toString('latin1') === 'HTTP/';
    });
    const connection = this.#settings.connect(socket, this.#settings.connection, {
      ready: () => {
        if (this.#settled) return;
        this.#settle();
        this.#events.ready(new Line(connection, socket));
      },
      roomAgain: () => this.#events.roomAgain(),
      draining: (code, text) => {
        if (code === 'ENHANCE_YOUR_CALM' && text === tooManyPings) this.#calmDown();
        const why = text === '' ? code : `${code}: ${text}`;
        if (this.#settled) this.#events.draining(why);
        else this.#fail(this.#reason(new Error(`the server does not speak HTTP/2 (${why})`)));
      },
      closed: (error) => {
        this.#settle();
        this.#events.closed(this.#reason(error));
      },
    });
  }

  #fail(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#socket?.destroy();
    this.#events.closed(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#timer[Symbol.dispose]();
  }

  #reason(error: Error | undefined): Error {
    if (this.#answersHttp1) return new Error('the server speaks HTTP/1, not HTTP/2', { cause: error });
    return this.#socketError ?? error ?? new Error('the server closed the connection');
  }
}

/** `tls` takes no Uint8Array that is not a Buffer. */
function pem(tls: ClientTls): Pick<TlsOptions, 'ca' | 'cert' | 'key'> {
  const given: Pick<TlsOptions, 'ca' | 'cert' | 'key'> = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const file = tls[name];
    if (file !== undefined) given[name] = typeof file === 'string' ? file : Buffer.from(file);
  }
  return given;
}
