/** The open streams of a connection, and how those that were closed last have ended. */
import type { ConnectionStream } from '../stream/connection-stream.ts';
import { rememberedEndings } from './abuse-bounds.ts';

export const endings = { forgotten: 0, complete: 1, resetByPeer: 2, resetHere: 3 } as const;

export type Ending = (typeof endings)[keyof typeof endings];

const fewestPlaces = 16;

/**
 * No Map: one that is added to and deleted from without end copies itself to a new table again and again, and to V8's
 * scavenger what an abandoned table in the old generation points to is alive. Streams and calls that were over were promoted
 * with it, which was a third of the cost of a small call. Here those that share a place hang together by `nextInTable`.
 */
export class StreamTable {
  #places: (ConnectionStream | undefined)[] = new Array(fewestPlaces).fill(undefined);
  #size = 0;
  readonly #remembered: number;
  /** Identifier and ending in one number, at a place by the identifier: an ending is kept until a later one takes its place. */
  #endings = new Uint32Array(fewestPlaces);

  /** `maxStreams`: of as many, all closed at once, the endings are remembered. */
  constructor(maxStreams: number) {
    this.#remembered = Math.max(rememberedEndings, maxStreams);
  }

  get size(): number {
    return this.#size;
  }

  get(id: number): ConnectionStream | undefined {
    let stream = this.#places[this.#placeOf(id)];
    while (stream && stream.id !== id) stream = stream.nextInTable;
    return stream;
  }

  /** One that is not in it. */
  add(stream: ConnectionStream): void {
    if (++this.#size > this.#places.length) this.#widen();
    this.#put(stream);
  }

  remove(stream: ConnectionStream, ending: Ending): void {
    this.#take(stream);
    this.note(stream.id, ending);
  }

  /** Of a stream that may never have been open. */
  note(id: number, ending: Ending): void {
    if (id >>> 1 >= this.#endings.length && this.#endings.length < this.#remembered) this.#rememberMore(id);
    this.#endings[this.#place(id)] = packed(id, ending);
  }

  endingOf(id: number): Ending {
    const kept = this.#endings[this.#place(id)] ?? 0;
    const ending = (kept & 3) as Ending;
    return kept === packed(id, ending) ? ending : endings.forgotten;
  }

  /** Those that are in it now, whoever goes meanwhile. */
  streams(): readonly ConnectionStream[] {
    const streams: ConnectionStream[] = [];
    for (const first of this.#places) {
      for (let stream = first; stream; stream = stream.nextInTable) streams.push(stream);
    }
    return streams;
  }

  #put(stream: ConnectionStream): void {
    const place = this.#placeOf(stream.id);
    stream.nextInTable = this.#places[place];
    this.#places[place] = stream;
  }

  #take(stream: ConnectionStream): void {
    const place = this.#placeOf(stream.id);
    let before: ConnectionStream | undefined;
    let at = this.#places[place];
    while (at && at !== stream) {
      before = at;
      at = at.nextInTable;
    }
    if (!at) return;
    if (before) before.nextInTable = at.nextInTable;
    else this.#places[place] = at.nextInTable;
    at.nextInTable = undefined;
    this.#size--;
  }

  #widen(): void {
    const streams = this.streams();
    this.#places = new Array(this.#places.length * 2).fill(undefined);
    for (const stream of streams) this.#put(stream);
  }

  /** The number of places is a power of two, and those who open streams use every other identifier. */
  #placeOf(id: number): number {
    return (id >>> 1) & (this.#places.length - 1);
  }

  /** Identifiers of streams that a client opens are odd. */
  #place(id: number): number {
    return (id >>> 1) % this.#endings.length;
  }

  /** While identifiers are below the number of places, each has the place that is its number, however many there are. */
  #rememberMore(id: number): void {
    const wanted = Math.max(2 * this.#endings.length, (id >>> 1) + 1);
    const more = new Uint32Array(Math.min(wanted, this.#remembered));
    more.set(this.#endings);
    this.#endings = more;
  }
}

function packed(id: number, ending: Ending): number {
  return (((id >>> 1) << 2) | ending) >>> 0;
}
