/** What must hold of one fuzzed end: who was told what, how often, and what is left when its socket is gone. */
import { Deadlines, type Due } from '../../src/deadlines.ts';
import type { Http2Connection } from '../../src/http2/connection/http2-connection.ts';
import { ConnectionError } from '../../src/http2/error-code.ts';
import type { StreamOwner } from '../../src/http2/stream/stream-owner.ts';

export class Tally {
  readonly violations = new Set<string>();
  /** Things that have begun and have to end: streams, calls, handlers, iterators of requests. */
  readonly #open = new Map<string, number>();

  violated(what: string): void {
    this.violations.add(what);
  }

  begins(what: string): void {
    this.#open.set(what, (this.#open.get(what) ?? 0) + 1);
  }

  ends(what: string): void {
    const left = (this.#open.get(what) ?? 0) - 1;
    this.#open.set(what, left);
    if (left < 0) this.violated(`more ends of ${what} than beginnings`);
  }

  get quiet(): boolean {
    return [...this.#open.values()].every((count) => count === 0);
  }

  nothingLeft(): void {
    for (const [what, count] of this.#open) if (count > 0) this.violated(`left behind: ${what}`);
  }

  /** The connection is over. No frame of a peer makes this side fail. */
  connectionEnds(error: Error | undefined): void {
    this.ends('connection');
    if (error instanceof ConnectionError && error.code === 'INTERNAL_ERROR') {
      const { cause } = error;
      this.violated(`a failure of this side: ${cause instanceof Error ? cause.stack : cause}`);
    }
  }

  /** Hands on what the owner is told, and sees to it that the end comes once and last. */
  watched(owner: StreamOwner): StreamOwner {
    let closed = false;
    this.begins('stream owner');
    const open = (what: string) => {
      if (closed) this.violated(`${what} after the owner of a stream was told that it is closed`);
    };
    return {
      headers: (block, endStream) => {
        open('headers');
        owner.headers(block, endStream);
      },
      data: (buffer, start, end, endStream) => {
        open('data');
        owner.data(buffer, start, end, endStream);
      },
      trailers: (block) => {
        open('trailers');
        owner.trailers(block);
      },
      taken: () => {
        open('taken');
        owner.taken();
      },
      closed: (failure) => {
        open('closed');
        closed = true;
        this.ends('stream owner');
        owner.closed(failure);
      },
    };
  }

  /** What the peer may send, what it may be told that it may, and what owners hold are the whole window at any time. */
  windowIsWhole(connection: Http2Connection, windowBytes: number): void {
    if (connection.over) return;
    let held = 0;
    for (const stream of connection.table.streams()) held += stream.held;
    const { receivable, unannounced } = connection.inbound;
    if (receivable + unannounced + held !== windowBytes)
      this.violated('the window of the connection is not whole');
  }
}

/** Knows who has entered, so that nobody is left in it. */
export class WatchedDeadlines extends Deadlines {
  readonly #entered = new Set<Due>();

  override add(due: Due, delayMs: number): void {
    this.#entered.add(due);
    super.add(due, delayMs);
  }

  get left(): number {
    return [...this.#entered].filter(({ dueSlot }) => dueSlot !== undefined).length;
  }
}
