/** The time that a peer has to begin: its preface, its first SETTINGS and its acknowledgement of ours. */
import type { Clock } from './connection-options.ts';

export class Beginning {
  readonly #timer: Disposable;
  #settings = false;
  #acknowledgement = false;

  constructor(clock: Clock, timeoutMs: number, late: () => void) {
    this.#timer = clock.after(timeoutMs, late);
  }

  settingsCame(): void {
    this.#settings = true;
    if (this.#acknowledgement) this.stop();
  }

  /** True for the first one. */
  acknowledged(): boolean {
    if (this.#acknowledgement) return false;
    this.#acknowledgement = true;
    if (this.#settings) this.stop();
    return true;
  }

  stop(): void {
    this.#timer[Symbol.dispose]();
  }
}
