/** Cuts text into the JSON documents that stand in it, one after the other, with or without space between them. */

/** A message is at most 4 MiB; as JSON, with every letter escaped, not much more than this. */
const maxDocumentLength = 33_554_432;

export class JsonDocuments {
  /** What came of the document that is not complete. Read only when it is, so that long ones cost no more for coming in pieces. */
  #held = '';
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** The documents that are complete with this text. A bare word or number is, once something follows it. */
  *push(text: string): Iterable<string> {
    let start = 0;
    for (const end of this.#edges(text)) {
      this.#held += text.slice(start, end);
      start = end;
      yield* this.end();
    }
    this.#held += text.slice(start);
    if (this.#held.length > maxDocumentLength) {
      throw new RangeError(`a JSON document is longer than ${maxDocumentLength} characters`);
    }
  }

  /** What is left: a bare word, or a document that is not complete. */
  *end(): Iterable<string> {
    const document = this.#held.trim();
    this.#held = '';
    if (document !== '') yield document;
  }

  /** Where a document ends, or may have ended because another begins. */
  *#edges(text: string): Iterable<number> {
    for (let at = 0; at < text.length; at++) {
      const letter = text[at] ?? '';
      if (this.#escaped) this.#escaped = false;
      else if (this.#inString) {
        if (letter === '\\') this.#escaped = true;
        else if (letter === '"') {
          this.#inString = false;
          if (this.#depth === 0) yield at + 1;
        }
      } else if (letter === '"' || letter === '{' || letter === '[') {
        if (this.#depth === 0) yield at;
        if (letter === '"') this.#inString = true;
        else this.#depth++;
      } else if (letter === '}' || letter === ']') {
        this.#depth = Math.max(0, this.#depth - 1);
        if (this.#depth === 0) yield at + 1;
      } else if (this.#depth === 0 && /\s/.test(letter)) {
        yield at;
      }
    }
  }
}
