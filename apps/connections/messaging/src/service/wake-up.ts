/** Lets one party sleep until another says that something has changed. */

export class WakeUp {
  #called = false;
  #rouse: (() => void) | undefined;

  call(): void {
    this.#called = true;
    this.#rouse?.();
  }

  /** Resolves at the next call, at once when there was one since the last sleep. One sleeper at a time. */
  async sleep(): Promise<void> {
    if (!this.#called) {
      await new Promise<void>((resolve) => {
        this.#rouse = resolve;
      });
      this.#rouse = undefined;
    }
    this.#called = false;
  }
}
