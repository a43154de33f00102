/** Calls that wait for a connection with room, in the order in which they came. */
import type { StatusError } from '../status-error.ts';
import type { Line } from './line.ts';

/** The links are for the queue alone. */
export interface WaitingCall {
  earlier: WaitingCall | undefined;
  later: WaitingCall | undefined;
  waiting: boolean;
  readonly waitForReady: boolean;
  start(line: Line): void;
  /** There is no connection and none to be expected soon. */
  refuse(failure: StatusError): void;
}

/** Linked through the calls themselves: one that is cancelled leaves from the midst of any number. */
export class WaitingCalls {
  #first: WaitingCall | undefined;
  #last: WaitingCall | undefined;

  get first(): WaitingCall | undefined {
    return this.#first;
  }

  push(call: WaitingCall): void {
    call.waiting = true;
    call.earlier = this.#last;
    if (this.#last) this.#last.later = call;
    else this.#first = call;
    this.#last = call;
  }

  /** Nothing when it does not wait. */
  delete(call: WaitingCall): void {
    if (!call.waiting) return;
    call.waiting = false;
    if (call.earlier) call.earlier.later = call.later;
    else this.#first = call.later;
    if (call.later) call.later.earlier = call.earlier;
    else this.#last = call.earlier;
    call.earlier = call.later = undefined;
  }

  /** Those that fail fast, or all. */
  refuse(failure: () => StatusError, all: boolean): void {
    for (let call = this.#first; call; ) {
      const { later } = call;
      if (all || !call.waitForReady) {
        this.delete(call);
        call.refuse(failure());
      }
      call = later;
    }
  }
}
