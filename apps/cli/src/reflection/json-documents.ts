/** Cuts text into the JSON documents that stand in it, one after the other, with or without space between them. */

/** A message is at most 4 MiB; as JSON, with every letter escaped, not much more than this. */
const maxDocumentLength = 33_554_432;

export class JsonDocuments {
  #text = '';
  /** Up to here the text was looked at. */
  #at = 0;
  #depth = 0;
  #inString = false;

  /** The documents that are complete with this text. A bare word or number is, once something follows it. */
  *push(text: string): Iterable<string> {
    this.#text += text;
    for (; this.#at < this.#text.length; this.#at++) {
      const letter = this.#text[this.#at] ?? '';
      if (this.#inString) {
        if (letter === '\\') this.#at++;
        else if (letter === '"') {
          this.#inString = false;
          if (this.#depth === 0) yield* this.#cut(this.#at + 1);
        }
      } else if (letter === '"' || letter === '{' || letter === '[') {
        if (this.#depth === 0) yield* this.#cut(this.#at);
        if (letter === '"') this.#inString = true;
        else this.#depth++;
      } else if (letter === '}' || letter === ']') {
        this.#depth--;
        if (this.#depth <= 0) {
          this.#depth = 0;
          yield* this.#cut(this.#at + 1);
        }
      } else if (this.#depth === 0 && /\s/.test(letter)) {
        yield* this.#cut(this.#at);
      }
    }
    if (this.#text.length > maxDocumentLength) {
      throw new RangeError(`a JSON document is longer than ${maxDocumentLength} characters`);
    }
  }

  /** What is left: a bare word, or a document that is not complete. */
  *end(): Iterable<string> {
    yield* this.#cut(this.#text.length);
  }

  *#cut(end: number): Iterable<string> {
    const document = this.#text.slice(0, end).trim();
    this.#text = this.#text.slice(end);
    this.#at -= end;
    if (document !== '') yield document;
  }
}
