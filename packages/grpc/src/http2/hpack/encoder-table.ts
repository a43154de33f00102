/** The dynamic table of an encoder, as the peer's decoder has it. */
import type { HeaderField } from '../header-fields.ts';
import { defaultTableBytes, fieldBytes, staticCount } from './static-table.ts';

/** Takes fields while there is room and evicts none, so that what is in it keeps its index once no list is new. */
export class EncoderTable {
  readonly #positions = new Map<string, Map<string, number>>();
  #count = 0;
  #bytes = 0;
  #capacity = defaultTableBytes;

  get bytes(): number {
    return this.#bytes;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** 0 when there is none. */
  index(name: string, value: string): number {
    return this.#indexOf(this.#positions.get(name)?.get(value));
  }

  /** Of some field with this name; 0 when there is none. */
  nameIndex(name: string): number {
    const values = this.#positions.get(name);
    if (values === undefined) return 0;
    for (const position of values.values()) return this.#indexOf(position);
    return 0;
  }

  hasRoom(field: HeaderField): boolean {
    return this.#bytes + fieldBytes(field.name, field.value) <= this.#capacity;
  }

  /** Only while there is room. */
  add(field: HeaderField): void {
    this.#bytes += fieldBytes(field.name, field.value);
    let values = this.#positions.get(field.name);
    if (values === undefined) {
      values = new Map();
      this.#positions.set(field.name, values);
    }
    values.set(field.value, this.#count++);
  }

  /** What is in it has to fit, or be cleared before. */
  resize(capacity: number): void {
    this.#capacity = capacity;
  }

  clear(): void {
    this.#positions.clear();
    this.#count = 0;
    this.#bytes = 0;
  }

  /** Positions count from the oldest, indexes from the newest, after the static table. */
  #indexOf(position: number | undefined): number {
    return position === undefined ? 0 : staticCount + this.#count - position;
  }
}
