/** A socket without a network: what the fuzzer says comes in, what goes out is kept, and both as late as the fuzzer likes. */
import { Duplex } from 'node:stream';

export class MemoryWire extends Duplex {
  readonly sent: Buffer[] = [];
  /** Whether it would keep a process alive. */
  held = true;
  #holding = false;
  #ended = false;
  #written: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: false });
    this.on('error', () => {});
  }

  ref(): void {
    this.held = true;
  }

  unref(): this {
    this.held = false;
    return this;
  }

  receive(bytes: Buffer): void {
    if (!this.destroyed && !this.#ended) this.push(bytes);
  }

  /** The peer closes its side. */
  peerEnds(): void {
    if (this.destroyed || this.#ended) return;
    this.#ended = true;
    this.push(null);
  }

  /** The peer stops reading. */
  hold(): void {
    this.#holding = true;
  }

  letGo(): void {
    this.#holding = false;
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: () => void): void {
    // The connection uses its buffer again once the socket has taken what was in it.
    this.sent.push(Buffer.from(chunk));
    if (this.#holding) this.#written = written;
    else written();
  }
}
