/** A served connection under the fuzzer: handlers of all four shapes, some of which wait, fail or answer more than is read. */
import type { Socket } from 'node:net';
import type { Call } from '../../src/call.ts';
import type { Http2Connection } from '../../src/http2/connection/http2-connection.ts';
import { acceptConnection } from '../../src/http2/connection/server-connection.ts';
import { SendBudget } from '../../src/send-budget.ts';
import type { Exchange, ExchangeSettings } from '../../src/server/exchange.ts';
import { MethodTable } from '../../src/server/method-table.ts';
import { ServedConnection } from '../../src/server/served-connection.ts';
import { StatusError } from '../../src/status-error.ts';
import { type NoteHandlers, note, noteService, textsOf } from '../note-service.ts';
import { StillClock } from '../still-clock.ts';
import type { Chance } from './fuzz-chance.ts';
import { Tally, WatchedDeadlines } from './fuzz-tally.ts';
import { type FuzzedEnd, maxMessageBytes, maxWaitingBytes } from './fuzzed-end.ts';
import { MemoryWire } from './memory-wire.ts';
import { checkSent } from './sent-frames.ts';

const maxMetadataBytes = 4_096;

export class FuzzedServer implements FuzzedEnd {
  readonly role = 'server';
  readonly wire = new MemoryWire();
  readonly tally = new Tally();
  readonly connectionClock = new StillClock();
  readonly callClock = new StillClock();
  readonly #calls: WatchedCalls;
  readonly #served: ServedConnection;
  readonly #connection: Http2Connection;
  readonly #windowBytes: number;

  constructor(chance: Chance) {
    this.#calls = new WatchedCalls(this.callClock, this.tally);
    this.#windowBytes = chance.of([65_535, 100_000, 1_000_000]);
    this.tally.begins('connection');
    const methods = new MethodTable([], maxMessageBytes);
    methods.add(noteService, fuzzedHandlers(this.tally));
    // Only its address is asked for.
    const socket = this.wire as unknown as Socket;
    const served = new ServedConnection(socket, {
      calls: this.#calls,
      methods,
      maxRequestBytes: maxMessageBytes,
      maxMetadataBytes,
      compressFromBytes: chance.of([1_000, Infinity]),
      unixPath: undefined,
      onClosed() {},
    });
    const connection = acceptConnection(
      this.wire,
      {
        clock: this.connectionClock,
        streamWindowBytes: chance.of([100, 16_384, 65_535, 262_144]),
        connectionWindowBytes: this.#windowBytes,
        maxHeaderListBytes: maxMetadataBytes,
        maxConcurrentStreams: chance.of([1, 5, 100]),
        keepaliveMs: 20_000,
        keepaliveTimeoutMs: 10_000,
        ...(chance.is(0.2) && { maxIdleMs: 5_000 }),
      },
      {
        stream: (stream, head, endStream) => this.tally.watched(served.stream(stream, head, endStream)),
        closed: (error) => {
          this.tally.connectionEnds(error);
          served.closed();
        },
      },
    );
    served.open(connection);
    this.#served = served;
    this.#connection = connection as unknown as Http2Connection;
  }

  act(chance: Chance): void {
    if (chance.is(0.1)) this.#served.drain();
    else this.#calls.abortOne(chance);
  }

  check(): void {
    this.tally.windowIsWhole(this.#connection, this.#windowBytes);
    if (this.wire.writableLength > maxWaitingBytes) this.tally.violated('more waits than may');
  }

  finish(): void {}

  checkEnd(): void {
    const { tally } = this;
    if (this.#connection.openStreams > 0) tally.violated('left behind: stream');
    if (this.#calls.budget.untakenBytes !== 0) tally.violated('unsent bytes are counted for nobody');
    if (this.#calls.deadlines.left > 0) tally.violated('left behind: deadline');
    checkSent(this.wire.sent, 'server', tally);
  }
}

class WatchedCalls implements ExchangeSettings {
  readonly deadlines: WatchedDeadlines;
  readonly budget: SendBudget;
  readonly #tally: Tally;
  readonly #open = new Set<Exchange>();
  readonly #known = new Set<Exchange>();

  constructor(clock: StillClock, tally: Tally) {
    this.deadlines = new WatchedDeadlines(clock);
    this.budget = new SendBudget({ maxBytes: 100_000, stalledMs: 3_000, clock });
    this.#tally = tally;
  }

  onBegin(exchange: Exchange): void {
    if (this.#known.has(exchange)) this.#tally.violated('a call has begun twice');
    this.#known.add(exchange);
    this.#open.add(exchange);
    this.#tally.begins('call');
  }

  onOver(exchange: Exchange): void {
    if (!this.#open.delete(exchange)) this.#tally.violated('a call was over twice');
    this.#tally.ends('call');
  }

  abortOne(chance: Chance): void {
    if (this.#open.size > 0)
      chance.of([...this.#open]).abort(new StatusError('ABORTED', 'the server changed its mind'));
  }
}

/** Do what the text of a request says, and are counted while they run. */
function fuzzedHandlers(tally: Tally): NoteHandlers {
  return {
    async get(request, call) {
      tally.begins('handler');
      try {
        await obey(request.text, call);
        return request.text === 'large' ? note('', new Uint8Array(40_000)) : request;
      } finally {
        tally.ends('handler');
      }
    },
    async *list({ text }, call) {
      tally.begins('handler');
      try {
        for (let i = 0; i < 20; i++) {
          yield note('', new Uint8Array(text === 'large' ? 30_000 : i));
          await obey(text, call);
        }
      } finally {
        tally.ends('handler');
      }
    },
    async collect(requests, call) {
      tally.begins('handler');
      try {
        const texts = await textsOf(requests);
        await obey(texts.at(-1) ?? '', call);
        return note(texts.join(' ').slice(0, 1_000));
      } finally {
        tally.ends('handler');
      }
    },
    async *echo(requests, call) {
      tally.begins('handler');
      try {
        for await (const request of requests) {
          await obey(request.text, call);
          yield request.text === 'large' ? note('', new Uint8Array(30_000)) : request;
        }
      } finally {
        tally.ends('handler');
      }
    },
  };
}

async function obey(text: string, call: Call): Promise<void> {
  if (text === 'throw') throw new StatusError('NOT_FOUND', 'as asked: ü');
  if (text === 'break') throw new TypeError('as asked');
  if (text === 'late') await new Promise((resolve) => setImmediate(resolve));
  if (text === 'head') call.headers.set('x-head', call.metadata.text('x-large') ?? 'h');
  if (text === 'abort') call.abort(new StatusError('ABORTED', call.peer.address));
  if (text === 'trailers') call.trailers.set('x-trailer', 't'.repeat(100));
  if (text === 'wait') await untilAborted(call.signal);
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
