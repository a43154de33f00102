/** The dynamic table of a decoder (RFC 7541, section 2.3.2): a ring of fields, the newest first. */
import type { HeaderField } from '../header-fields.ts';
import { defaultTableBytes, fieldBytes } from './static-table.ts';

/** A power of two, like what it is doubled to; no more than there can be, since even an empty field takes its overhead. */
const fewestSlots = 8;

export class DecoderTable {
  #ring: (HeaderField | undefined)[] = new Array(fewestSlots).fill(undefined);
  #newest = 0;
  #count = 0;
  #bytes = 0;
  #capacity = defaultTableBytes;

  /** 0 is the newest. */
  field(age: number): HeaderField | undefined {
    return age < this.#count ? this.#ring[this.#slot(age)] : undefined;
  }

  /** A field that is larger than the table empties it and is not kept. */
  add(field: HeaderField): void {
    const bytes = fieldBytes(field.name, field.value);
    this.#evict(this.#capacity - bytes);
    if (bytes > this.#capacity) return;
    if (this.#count === this.#ring.length) this.#widen();
    this.#newest = this.#slot(-1);
    this.#ring[this.#newest] = field;
    this.#count++;
    this.#bytes += bytes;
  }

  /** At most the default size. */
  resize(capacity: number): void {
    this.#capacity = capacity;
    this.#evict(capacity);
  }

  #evict(until: number): void {
    while (this.#bytes > until && this.#count > 0) {
      this.#count--;
      const oldest = this.#slot(this.#count);
      const field = this.#ring[oldest];
      if (field) this.#bytes -= fieldBytes(field.name, field.value);
      this.#ring[oldest] = undefined;
    }
  }

  #slot(age: number): number {
    return (this.#newest + age) & (this.#ring.length - 1);
  }

  #widen(): void {
    const wider: (HeaderField | undefined)[] = new Array(this.#ring.length * 2).fill(undefined);
    for (let age = 0; age < this.#count; age++) wider[age] = this.field(age);
    this.#ring = wider;
    this.#newest = 0;
  }
}
