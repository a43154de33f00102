/** Members that come and go all the time, such as the open calls of a server. */

interface Member {
  /** For the roster alone; less than 0 while it is in none. */
  place: number;
}

/**
 * No Set: one that is added to and deleted from without end copies itself to a new table again and again, and to V8's
 * scavenger what an abandoned table in the old generation points to is alive. Calls that were over for long were promoted
 * with it, which was a quarter of the cost of a small call.
 */
export class Roster<M extends Member> implements Iterable<M> {
  readonly #members: M[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: M): void {
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** The last member takes its place. */
  delete(member: M): void {
    const { place } = member;
    if (this.#members[place] !== member) return;
    member.place = -1;
    const last = this.#members.pop();
    if (!last || last === member) return;
    last.place = place;
    this.#members[place] = last;
  }

  /** Those that are in it now, whoever goes meanwhile. */
  [Symbol.iterator](): Iterator<M> {
    return [...this.#members].values();
  }
}
