/** Bounds what is on its way to the broker or waits for its confirm. */

export class PublishBudget {
  readonly maxBytes: number;
  readonly #maxMessages: number;
  #messages = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** All or nothing; false when there is no room. */
  take(messages: number, bytes: number): boolean {
    if (this.#messages + messages > this.#maxMessages || this.#bytes + bytes > this.maxBytes) return false;
    this.force(messages, bytes);
    return true;
  }

  /** Whether or not there is room. */
  force(messages: number, bytes: number): void {
    this.#messages += messages;
    this.#bytes += bytes;
  }

  give(messages: number, bytes: number): void {
    this.#messages -= messages;
    this.#bytes -= bytes;
  }
}
