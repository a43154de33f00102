/** The stored side of one queue: its messages by sequence, their failures, and which of them are with consumers. */
import { successor } from '@connections/embedded-store';
import type { MessageTables, StoredMessage } from './broker-records.ts';

const sequenceBytes = 8;

export class QueueRecords {
  readonly #tables: MessageTables;
  readonly #prefix: Uint8Array;
  readonly #end: Uint8Array;

  constructor(tables: MessageTables, prefix: Uint8Array) {
    this.#tables = tables;
    this.#prefix = prefix;
    this.#end = successor(prefix);
  }

  /** The sequences of stored messages, in order, from `first` on. */
  *sequences(first: number, limit?: number): Iterable<number> {
    const range = { start: this.#key(first), end: this.#end, ...(limit !== undefined && { limit }) };
    for (const key of this.#tables.messages.keys(range)) yield sequenceOf(key);
  }

  message(sequence: number): StoredMessage | undefined {
    return this.#tables.messages.get(this.#key(sequence));
  }

  /** Inside a write only, as everything that changes something here. */
  putMessage(sequence: number, message: StoredMessage): void {
    this.#tables.messages.put(this.#key(sequence), message);
  }

  /** With all that is known of it. */
  removeMessage(sequence: number): void {
    const key = this.#key(sequence);
    this.#tables.messages.remove(key);
    this.#tables.failures.remove(key);
    this.#tables.open.remove(key);
  }

  failures(sequence: number): number {
    return this.#tables.failures.get(this.#key(sequence)) ?? 0;
  }

  putFailures(sequence: number, failures: number): void {
    this.#tables.failures.put(this.#key(sequence), failures);
  }

  openDelivery(sequence: number): void {
    this.#tables.open.put(this.#key(sequence), true);
  }

  closeDelivery(sequence: number): void {
    this.#tables.open.remove(this.#key(sequence));
  }

  *openDeliveries(): Iterable<number> {
    for (const key of this.#tables.open.keys({ start: this.#prefix, end: this.#end })) yield sequenceOf(key);
  }

  #key(sequence: number): Uint8Array {
    const key = Buffer.alloc(this.#prefix.length + sequenceBytes);
    key.set(this.#prefix);
    key.writeBigUInt64BE(BigInt(sequence), this.#prefix.length);
    return key;
  }
}

function sequenceOf(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return Number(view.getBigUint64(key.byteLength - sequenceBytes));
}
