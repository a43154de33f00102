/** What the changes of one commit make of a name, one after the other, on what was read once. */
import { ObjectId } from 'mongodb';
import { withAnswer } from '../../domain/schema-answers.ts';
import { begunHistory, extendedHistory, shortenedHistory } from '../../domain/schema-history.ts';
import type {
  Registration,
  SchemaCandidate,
  SchemaRecord,
  SchemaRef,
  SchemaVersion,
} from '../../port/schemas.ts';
import type { SchemaArchive } from './schema-archive.ts';
import { hasVersion, recordOf, type SchemaHead } from './schema-head.ts';
import type { ReleaseChange } from './schema-releases.ts';

/** Texts that one commit adds: they lie in the head until the next one archives them. */
const maxBytes = 2 ** 20;
const keptCommits = 16;

/** What makes it so, in this order: versions into the archive, one write of the head, what is gone out of the archive. */
export interface SchemaWrite {
  readonly base: SchemaHead | undefined;
  readonly archive: readonly SchemaVersion[];
  /** Undefined where the name goes. */
  readonly next: SchemaHead | undefined;
  readonly releases: ReleaseChange;
  readonly forget: readonly number[] | 'all';
  /** Of the life that goes, with the request that wanted it. */
  readonly removal: { readonly key: string | undefined; readonly head: ObjectId } | undefined;
}

export class SchemaFold {
  readonly ref: SchemaRef;
  readonly #base: SchemaHead | undefined;
  readonly #archive: SchemaArchive;
  #head: SchemaHead | undefined;
  readonly #made: SchemaVersion[] = [];
  #madeBytes = 0;
  readonly #pushed: SchemaVersion[] = [];
  #popped = 0;
  readonly #removed: number[] = [];
  #removal: SchemaWrite['removal'];

  constructor(ref: SchemaRef, base: SchemaHead | undefined, archive: SchemaArchive) {
    this.ref = ref;
    this.#base = base;
    this.#archive = archive;
    this.#head = base;
  }

  /** As the changes so far leave it. */
  get head(): SchemaHead | undefined {
    return this.#head;
  }

  /** No more changes go into this commit: it is large enough, or it removes the name, which is a write of its own. */
  get full(): boolean {
    return this.#removal !== undefined || this.#madeBytes >= maxBytes;
  }

  async version(number: number, signal: AbortSignal): Promise<SchemaVersion | undefined> {
    if (!this.#head || !hasVersion(this.#head, number)) return undefined;
    const made = this.#made.find(({ version }) => version === number);
    return made ?? (this.#base && this.#archive.version(this.#base, number, signal));
  }

  /** The version that a removal of the active one makes active. */
  async previous(head: SchemaHead, signal: AbortSignal): Promise<SchemaVersion | undefined> {
    for (let number = head.active.version - 1; number > 0 && head.versions > 1; number--) {
      const version = await this.version(number, signal);
      if (version) return version;
    }
    return undefined;
  }

  begin(candidate: SchemaCandidate, requestId: string | undefined): SchemaRecord {
    const history = begunHistory(candidate);
    const empty = { rev: 0, gone: [], answers: [], commits: [], tail: [], releases: [], shownAt: undefined };
    this.#make(history.active);
    return this.#become(withAnswer({ ...history, ...empty, id: new ObjectId() }, requestId, 'created'));
  }

  extend(head: SchemaHead, candidate: SchemaCandidate, requestId: string | undefined): Registration {
    const { outcome, history } = extendedHistory(head, this.ref.name, candidate);
    if (outcome === 'unchanged')
      return { outcome, record: this.#become(withAnswer(head, requestId, outcome)) };
    this.#pushed.push(head.active);
    this.#make(history.active);
    return { outcome, record: this.#become(withAnswer({ ...head, ...history }, requestId, outcome)) };
  }

  /** Removes the active version. */
  shorten(head: SchemaHead, previous: SchemaVersion, requestId: string | undefined): SchemaRecord {
    if (!this.#pushed.pop()) this.#popped++;
    const removed = head.active.version;
    this.#removed.push(removed);
    // All numbers between the two are gone already.
    const gone = [
      ...head.gone.filter(([from]) => from < previous.version),
      [previous.version + 1, removed] as const,
    ];
    const shortened = { ...head, ...shortenedHistory(head, previous), gone };
    return this.#become(withAnswer(shortened, requestId, 'reverted'));
  }

  end(head: SchemaHead, key: string | undefined): void {
    this.#head = undefined;
    this.#removal = { key, head: head.id };
  }

  /** Undefined when nothing changes. */
  write(): SchemaWrite | undefined {
    const [base, head, removal] = [this.#base, this.#head, this.#removal];
    if (head === base && !removal) return undefined;
    const releases = { before: base?.releases ?? [], popped: this.#popped, pushed: this.#pushed };
    if (!head) return { base, archive: [], next: undefined, releases, forget: 'all', removal };
    const leaves = ({ version }: SchemaVersion) =>
      version !== head.active.version && hasVersion(head, version);
    const commits = [...(base?.commits ?? []), new ObjectId()].slice(-keptCommits);
    return {
      base,
      archive: base ? [...base.tail, base.active].filter(leaves) : [],
      next: { ...head, rev: (base?.rev ?? 0) + 1, commits, tail: this.#made.filter(leaves) },
      releases,
      forget: this.#removed,
      removal: undefined,
    };
  }

  #make(version: SchemaVersion): void {
    this.#made.push(version);
    this.#madeBytes += version.document.length;
  }

  #become(head: SchemaHead): SchemaRecord {
    this.#head = head;
    return recordOf(this.ref, head);
  }
}
