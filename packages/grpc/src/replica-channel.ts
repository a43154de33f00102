/** One channel over the channels to several replicas of a service: a call that one has not begun goes to another. */
import type { CallOptions, Channel } from './client.ts';
import type { ErrorInfo } from './error-details.ts';
import type { Metadata } from './metadata.ts';
import type { MethodDefinition } from './method.ts';
import { isStatusError, StatusError } from './status-error.ts';

/** How long a call looks for a replica: a server that is there again is found within this time. */
const patienceMs = 5_000;
/** Between two times that every replica refused. */
const pauseMs = 100;

/**
 * Calls go to one replica until it stops or cannot be reached, then to the next. A unary call is repeated only where it was
 * not begun: it never left this process, or the service refused it as stopping. While no replica takes calls it waits for
 * one, at most 5 s and within its timeout; then it rejects with what the last one said. A stream is not repeated: its next
 * opening finds another replica. With one channel this is that channel.
 */
export function overReplicas(replicas: readonly Channel[]): Channel {
  const [only] = replicas;
  if (!only) throw new TypeError('there is no address');
  return replicas.length === 1 ? only : new ReplicaChannel(replicas);
}

class ReplicaChannel implements Channel {
  readonly #replicas: readonly Channel[];
  #at = 0;

  constructor(replicas: readonly Channel[]) {
    this.#replicas = replicas;
  }

  async unary<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response> {
    const { timeoutMs = Infinity, onTrailers, signal } = options;
    const begun = performance.now();
    const leftMs = () => timeoutMs - (performance.now() - begun);
    let trailers: Metadata | undefined;
    try {
      for (let tries = 1; ; tries++) {
        const at = this.#at;
        try {
          return await this.#replica(at).unary(method, request, {
            ...options,
            ...(timeoutMs !== Infinity && { timeoutMs: Math.max(0, leftMs()) }),
            onTrailers: (told) => {
              trailers = told;
            },
          });
        } catch (error) {
          if (!isUnbegun(error)) throw error;
          this.#leave(at);
          const waitedMs = performance.now() - begun;
          if (signal?.aborted || waitedMs > patienceMs || leftMs() <= 0) throw error;
          if (tries % this.#replicas.length === 0)
            await this.#anyReady(Math.min(patienceMs - waitedMs, leftMs()));
        }
      }
    } finally {
      if (trailers) onTrailers?.(trailers);
    }
  }

  async *stream<Request, Response>(
    method: MethodDefinition<Request, Response>,
    requests: AsyncIterable<Request>,
    options: CallOptions,
  ): AsyncGenerator<Response, void> {
    const at = this.#at;
    try {
      yield* this.#replica(at).stream(method, requests, options);
    } catch (error) {
      if (isStatusError(error) && error.status === 'UNAVAILABLE') this.#leave(at);
      throw error;
    }
  }

  async ready(timeoutMs: number): Promise<void> {
    await Promise.any(
      this.#replicas.map(async (replica, at) => {
        await replica.ready(timeoutMs);
        return at;
      }),
    ).then(
      (at) => {
        this.#at = at;
      },
      ({ errors }: AggregateError) => {
        throw errors[0];
      },
    );
  }

  close(): void {
    for (const replica of this.#replicas) replica.close();
  }

  #replica(at: number): Channel {
    const replica = this.#replicas[at];
    if (!replica) throw new StatusError('INTERNAL', `there is no replica ${at}`);
    return replica;
  }

  /** Calls that were at this one at the same time move on together. */
  #leave(at: number): void {
    if (this.#at === at) this.#at = (at + 1) % this.#replicas.length;
  }

  /** After a moment, so that replicas that are stopping are not asked without a pause. */
  async #anyReady(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    await this.ready(Math.max(0, ms)).catch(() => {});
  }
}

function isUnbegun(error: unknown): boolean {
  if (!isStatusError(error)) return false;
  if (error.unsent) return true;
  const info = error.details.find((detail): detail is ErrorInfo => detail.kind === 'ErrorInfo');
  return info?.reason === 'SHUTTING_DOWN' && info.metadata.begun === undefined;
}
