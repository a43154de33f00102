/** Gives calls the connections that the balancer has, lets them wait for one, or refuses them. */
import type { StatusError } from '../status-error.ts';
import type { Balancer } from './balancer.ts';
import { channelClosed } from './channel-failures.ts';
import type { Dispatch } from './client-call.ts';
import { type WaitingCall, WaitingCalls } from './waiting-calls.ts';

/** What stands between a target and its connections. */
export interface Connections {
  readonly balancer: Balancer;
  /** No address is known, and why. */
  readonly failure: StatusError | undefined;
  /** Begins what has to be begun before the balancer has addresses. Idempotent. */
  wake(): void;
}

const dayMs = 86_400_000;

/**
 * A call that finds every connection at its server's limit of streams waits in order, and none is opened besides: the limit
 * is what the server takes of one client.
 */
export class CallDispatch implements Dispatch {
  readonly #connections: Connections;
  readonly #waiting = new WaitingCalls();
  /** Calls that wait keep the process alive; those that are open do by their socket. */
  #hold: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  begin(call: WaitingCall): void {
    if (this.#closed) {
      call.refuse(channelClosed());
      return;
    }
    if (!this.#waiting.first) {
      const line = this.#connections.balancer.pick();
      if (line) {
        call.start(line);
        return;
      }
    }
    const failure = this.#failure;
    if (failure && !call.waitForReady) {
      call.refuse(failure);
      return;
    }
    this.#waiting.push(call);
    this.#hold ??= setInterval(() => {}, dayMs);
    this.#connections.wake();
  }

  forget(call: WaitingCall): void {
    this.#waiting.delete(call);
    this.#letGo();
  }

  /** The balancer has changed. */
  changed(): void {
    const { balancer } = this.#connections;
    for (let call = this.#waiting.first; call; call = this.#waiting.first) {
      const line = balancer.pick();
      if (!line) break;
      this.#waiting.delete(call);
      call.start(line);
    }
    if (this.#failure) this.#waiting.refuse(() => this.#failure ?? channelClosed(), false);
    if (this.#waiting.first) this.#connections.wake();
    this.#letGo();
  }

  close(): void {
    this.#closed = true;
    this.#waiting.refuse(channelClosed, true);
    this.#letGo();
  }

  /** One error for each call: who is given it may add to it. */
  get #failure(): StatusError | undefined {
    const { balancer, failure } = this.#connections;
    return failure ?? balancer.failure;
  }

  #letGo(): void {
    if (!this.#hold || this.#waiting.first) return;
    clearInterval(this.#hold);
    this.#hold = undefined;
  }
}
