/** Calls that a generator sends over and over, and what comes of a run. */

export interface LoadTarget {
  /** `host:port`. */
  readonly address: string;
  /** `/package.Service/Method`, unary. */
  readonly path: string;
  /** Encoded requests, sent in turn. */
  readonly requests: readonly Uint8Array[];
  /** As the header `grpc-timeout` says it. @default none */
  readonly timeout?: string;
  /** They must not come twice: a run ends when all are answered. */
  readonly once?: boolean;
}

export interface LoadShape {
  readonly connections: number;
  /** Calls in flight on each. */
  readonly streams: number;
  readonly runMs: number;
}

export interface LoadResult {
  /** Answered with status OK. */
  readonly calls: number;
  readonly elapsedMs: number;
}

export interface LoadGenerator extends AsyncDisposable {
  /** Rejects when any call failed. */
  run(target: LoadTarget, shape: LoadShape): Promise<LoadResult>;
}

/** The gRPC frame of a message: not compressed, its length, its bytes. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}
