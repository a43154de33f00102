/** What is open at the moment, in the order it was opened. Where things come and go it costs less than a Set, which hashes them. */

interface Place {
  before: Place;
  after: Place;
}

/** One that is open. Its place is its own: it is in one list at a time. */
export class OpenItem implements Place {
  before: Place = this;
  after: Place = this;

  get isOpen(): boolean {
    return this.after !== this;
  }

  /** Nothing happens when it is in no list. */
  close(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this;
    this.after = this;
  }
}

export class OpenList<Item extends OpenItem> {
  readonly #ends = new OpenItem();

  get isEmpty(): boolean {
    return this.#ends.after === this.#ends;
  }

  open(item: Item): void {
    const last = this.#ends.before;
    item.before = last;
    item.after = this.#ends;
    last.after = item;
    this.#ends.before = item;
  }

  /** The item that it has just given may be closed meanwhile. */
  *[Symbol.iterator](): IterableIterator<Item> {
    for (let place = this.#ends.after; place !== this.#ends; ) {
      const item = place as Item;
      place = place.after;
      yield item;
    }
  }
}
