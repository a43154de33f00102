/** A channel under the fuzzer: its one connection, and calls of all four shapes. What it connects to afterwards refuses. */
import { CallDispatch } from '../../src/client/call-dispatch.ts';
import type { CallSettings } from '../../src/client/client-call.ts';
import { Line } from '../../src/client/line.ts';
import { RequestHeads } from '../../src/client/request-heads.ts';
import { StreamingCall } from '../../src/client/streaming-call.ts';
import type { Dial } from '../../src/client/subchannel.ts';
import { parseTarget } from '../../src/client/target.ts';
import { TargetConnections } from '../../src/client/target-connections.ts';
import { callOnce } from '../../src/client/unary-call.ts';
import { type CallOptions, type Channel, createClient } from '../../src/client.ts';
import { connectConnection } from '../../src/http2/connection/client-connection.ts';
import type { Http2Connection } from '../../src/http2/connection/http2-connection.ts';
import { Metadata } from '../../src/metadata.ts';
import { isStatusError } from '../../src/status-error.ts';
import { type NoteClient, noteService } from '../note-service.ts';
import { StillClock } from '../still-clock.ts';
import type { Chance } from './fuzz-chance.ts';
import { Tally, WatchedDeadlines } from './fuzz-tally.ts';
import { type FuzzedEnd, maxMessageBytes, maxWaitingBytes } from './fuzzed-end.ts';
import { MemoryWire } from './memory-wire.ts';
import { checkSent } from './sent-frames.ts';

const maxMetadataBytes = 4_096;
const maxCalls = 30;

export class FuzzedChannel implements FuzzedEnd {
  readonly role = 'client';
  readonly wire = new MemoryWire();
  readonly tally = new Tally();
  readonly connectionClock = new StillClock();
  readonly callClock = new StillClock();
  readonly #deadlines = new WatchedDeadlines(this.callClock);
  readonly #connections: TargetConnections;
  readonly #dispatch: CallDispatch;
  readonly #client: NoteClient;
  readonly #cancellable: AbortController[] = [];
  readonly #windowBytes: number;
  #connection: Http2Connection | undefined;
  #calls = 0;

  constructor(chance: Chance) {
    this.#windowBytes = chance.of([65_535, 100_000, 2 ** 31 - 1]);
    this.#connections = new TargetConnections(
      parseTarget('ipv4:127.0.0.1:1'),
      {
        subchannel: {
          dial: this.#dialer(chance.of([100, 65_535, 262_144])),
          clock: this.callClock,
          random: () => chance.next(),
          backoff: {},
          watchHealth: undefined,
        },
        balancing: undefined,
        lookup: async () => [],
        minResolveIntervalMs: 0,
      },
      () => this.#dispatch.changed(),
    );
    this.#dispatch = new CallDispatch(this.#connections);
    const gzip = chance.is(0.2);
    const settings: CallSettings = {
      dispatch: this.#dispatch,
      deadlines: this.#deadlines,
      clock: this.callClock,
      heads: new RequestHeads({ authority: 'localhost', secure: false, gzip }),
      maxMessageBytes,
      maxMetadataBytes,
      gzip,
    };
    const channel: Channel = {
      unary: (method, request, options) => callOnce(settings, method, request, options),
      stream: (method, requests, options) => new StreamingCall(settings, method, requests, options),
      ready: async () => {},
      close: () => this.finish(),
    };
    this.#client = createClient(noteService, channel);
    for (let i = 0; i <= chance.below(8); i++) this.#begin(chance);
  }

  act(chance: Chance): void {
    if (chance.is(0.3)) chance.of(this.#cancellable)?.abort();
    else if (this.#calls < maxCalls) this.#begin(chance);
  }

  check(): void {
    if (this.#connection) this.tally.windowIsWhole(this.#connection, this.#windowBytes);
    if (this.wire.writableLength > maxWaitingBytes) this.tally.violated('more waits than may');
  }

  finish(): void {
    this.#dispatch.close();
    this.#connections.shutdown();
    // No call has asked for a connection.
    if (!this.#connection) this.wire.unref().destroy();
  }

  checkEnd(): void {
    const { tally } = this;
    if (this.#connection && this.#connection.openStreams > 0) tally.violated('left behind: stream');
    if (this.#deadlines.left > 0) tally.violated('left behind: deadline');
    if (this.wire.held) tally.violated('the socket still keeps its process alive');
    checkSent(this.wire.sent, 'client', tally);
  }

  /** As dial.ts does it, on a wire. */
  #dialer(streamWindowBytes: number): Dial {
    return (_address, events) => {
      if (this.#connection) {
        queueMicrotask(() => events.closed(new Error('refused')));
        return { [Symbol.dispose]() {} };
      }
      const { wire, tally } = this;
      tally.begins('connection');
      let ready = false;
      const connection = connectConnection(
        wire,
        {
          clock: this.connectionClock,
          streamWindowBytes,
          connectionWindowBytes: this.#windowBytes,
          maxHeaderListBytes: maxMetadataBytes,
          keepaliveMs: 20_000,
          keepaliveTimeoutMs: 10_000,
        },
        {
          ready: () => {
            ready = true;
            events.ready(new Line(connection, wire));
          },
          roomAgain: () => events.roomAgain(),
          draining: (code, text) => {
            if (ready) events.draining(`${code}: ${text}`);
            else wire.destroy();
          },
          closed: (error) => {
            tally.connectionEnds(error);
            if (!ready) wire.unref();
            events.closed(error ?? new Error('closed'));
          },
        },
      );
      const { open } = connection;
      connection.open = (owner, ...head) => open.call(connection, tally.watched(owner), ...head);
      this.#connection = connection as unknown as Http2Connection;
      return { [Symbol.dispose]: () => ready || wire.destroy() };
    };
  }

  #begin(chance: Chance): void {
    this.#calls++;
    const controller = new AbortController();
    this.#cancellable.push(controller);
    const metadata = new Metadata();
    metadata.set('x-key-bin', chance.bytes(5));
    const options: CallOptions = {
      metadata,
      onHeaders: (headers) => headers.bytes('bytes-bin'),
      onTrailers: (trailers) => trailers.text('x-trailer'),
      waitForReady: chance.is(0.2),
      ...(chance.is(0.4) && { timeoutMs: chance.of([0, 5, 1_000, 1e6, 1e12]) }),
      ...(chance.is(0.5) && { signal: controller.signal }),
    };
    const shape = chance.below(4);
    const sizes = Array.from({ length: chance.below(4) }, () => chance.of([0, 10, 20_000, 60_000, 70_000]));
    const most = chance.of([1, 3, Infinity]);
    this.tally.begins('call');
    this.#carriedOut(shape, sizes, most, options)
      .catch((error: unknown) => {
        if (!isStatusError(error)) this.tally.violated(`a call failed with ${error}`);
      })
      .finally(() => this.tally.ends('call'));
  }

  async #carriedOut(
    shape: number,
    sizes: readonly number[],
    most: number,
    options: CallOptions,
  ): Promise<void> {
    const first = { blob: new Uint8Array(sizes[0] ?? 1) };
    if (shape === 0) await this.#client.get(first, options);
    else if (shape === 1) await this.#client.collect(this.#requests(sizes), options);
    else {
      const responses =
        shape === 2 ? this.#client.list(first, options) : this.#client.echo(this.#requests(sizes), options);
      let count = 0;
      for await (const _ of responses) if (++count >= most) break;
    }
  }

  async *#requests(sizes: readonly number[]): AsyncGenerator<{ blob: Uint8Array }> {
    this.tally.begins('iterator of requests');
    try {
      for (const size of sizes) yield { blob: new Uint8Array(size) };
    } finally {
      this.tally.ends('iterator of requests');
    }
  }
}
