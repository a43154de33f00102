/**
 * The side of one queue that lives in memory: how much it holds, whose turn it is, what comes next.
 *
 * A ready message takes no memory here: the queue reads the keys ahead of it in chunks. A message with a consumer
 * takes one number, and so does one that was given back until it is delivered again; both are bounded by what the
 * queue's consumers may hold at once. The store is the authority on what is there, this on who has it.
 */
import type { Queue } from '../../port/broker.ts';
import type { QueueRecords } from './queue-records.ts';

/** Keys read ahead at a time. */
const chunk = 256;

export type Waiter = (sequence: number) => void;

export interface QueueParts {
  readonly properties: Queue;
  readonly records: QueueRecords;
  readonly deadLetters: QueueState | undefined;
  readonly maxMessages: number;
}

export class QueueState {
  readonly properties: Queue;
  readonly records: QueueRecords;
  /** Where dead letters go; without one they are dropped. */
  readonly deadLetters: QueueState | undefined;
  readonly #maxMessages: number;
  readonly #waiting = new Set<Waiter>();
  #consumers = 0;
  /** Committed messages, and those whose commit is under way. */
  #stored = 0;
  #unsettled = 0;
  #taken = 0;
  #nextSequence = 1;
  /** What was given back, in order; every one is before what was never taken. */
  #returned: number[] = [];
  #ahead: number[] = [];
  /** Everything from here on has not been read. */
  #unread = 1;

  constructor({ properties, records, deadLetters, maxMessages }: QueueParts) {
    this.properties = properties;
    this.records = records;
    this.deadLetters = deadLetters;
    this.#maxMessages = maxMessages;
    for (const sequence of records.sequences(0)) {
      this.#stored++;
      this.#nextSequence = sequence + 1;
    }
  }

  get name(): string {
    return this.properties.name;
  }

  get statistics() {
    const ready = this.#stored - this.#unsettled;
    return { queue: this.name, ready, unsettled: this.#unsettled, consumers: this.#consumers };
  }

  get isFull(): boolean {
    return this.#stored >= this.#maxMessages;
  }

  /** How many messages were handed out since the queue was opened, repeated ones included. */
  get taken(): number {
    return this.#taken;
  }

  addConsumer(): void {
    this.#consumers++;
  }

  removeConsumer(): void {
    this.#consumers--;
  }

  /** Makes room for one message and names its place. Places are written in the order in which they are reserved. */
  reserve(): number {
    this.#stored++;
    return this.#nextSequence++;
  }

  /** The messages of so many reserved places were not written. */
  release(count: number): void {
    this.#stored -= count;
  }

  /** Calls `waiter` once, with the next message that nobody has; the first to ask is the first to be called. */
  ask(waiter: Waiter): void {
    this.#waiting.add(waiter);
    this.serve();
  }

  /** False when the waiter has been called. */
  withdraw(waiter: Waiter): boolean {
    return this.#waiting.delete(waiter);
  }

  /** Hands out what there is: to be called when messages were committed. */
  serve(): void {
    for (const waiter of this.#waiting) {
      const sequence = this.#take();
      if (sequence === undefined) return;
      this.#waiting.delete(waiter);
      waiter(sequence);
    }
  }

  /** Back to its place, ahead of everything that came after it. */
  giveBack(sequence: number): void {
    this.#unsettled--;
    let place = this.#returned.length;
    while (place > 0 && (this.#returned[place - 1] ?? 0) > sequence) place--;
    this.#returned.splice(place, 0, sequence);
    this.serve();
  }

  /** A message that was taken has left the store. */
  forget(): void {
    this.#unsettled--;
    this.#stored--;
  }

  #take(): number | undefined {
    const sequence = this.#returned.shift() ?? this.#ahead.shift() ?? this.#readAhead();
    if (sequence !== undefined) {
      this.#taken++;
      this.#unsettled++;
    }
    return sequence;
  }

  #readAhead(): number | undefined {
    // Commits come in the order of sequences, so nothing turns up later behind what was read.
    if (this.#stored === this.#unsettled) return undefined;
    this.#ahead = [...this.records.sequences(this.#unread, chunk)];
    this.#unread = (this.#ahead.at(-1) ?? this.#unread - 1) + 1;
    return this.#ahead.shift();
  }
}
