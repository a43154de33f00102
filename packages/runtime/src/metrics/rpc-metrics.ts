/** Counts and times the rpcs of a server. */
import { isStatusError, type ServiceDefinition, type StatusError, type StatusName } from '@connections/grpc';
import { reasons } from '../errors/catalogue.ts';
import type { CallStage, StagedCall } from '../interceptors/call-stages.ts';
import { inBandFailure } from '../interceptors/in-band-failure.ts';
import type { Metrics } from './metrics.ts';
import type { Counter, Histogram } from './series.ts';

/** The series of one method, found once, so that a call costs additions and no look-up of labels. */
class RpcSeries {
  inFlight = 0;
  readonly kind: 'unary' | 'stream';
  readonly #metrics: Metrics;
  readonly #names: { readonly service: string; readonly method: string };
  readonly #succeeded: Counter;
  /** Of a stream it would tell how long its client stayed. */
  readonly #seconds: Histogram | undefined;

  constructor(metrics: Metrics, service: string, method: string, kind: 'unary' | 'stream') {
    this.#metrics = metrics;
    this.#names = { service, method };
    this.kind = kind;
    this.#succeeded = this.#ended('OK');
    this.#seconds = kind === 'unary' ? metrics.histogram('rpcSeconds', this.#names) : undefined;
    metrics.collect((report) => report('rpcsInFlight', { ...this.#names, kind }, this.inFlight));
  }

  succeed({ call, ms }: StagedCall): void {
    this.#succeeded.add();
    this.#seconds?.observe(ms / 1_000);
    const failure = inBandFailure(call);
    if (failure) this.#failed(failure, 'true');
  }

  fail(error: unknown, { ms }: StagedCall): void {
    this.#ended(isStatusError(error) ? error.status : 'UNKNOWN').add();
    this.#seconds?.observe(ms / 1_000);
    this.#failed(isStatusError(error) ? error : undefined, 'false');
  }

  #ended(code: StatusName): Counter {
    return this.#metrics.counter('rpcs', { ...this.#names, code });
  }

  #failed(error: StatusError | undefined, inBand: 'true' | 'false'): void {
    const given = error?.reason ?? '';
    const reason = Object.hasOwn(reasons, given) ? given : 'NONE';
    this.#metrics.counter('rpcFailures', { ...this.#names, reason, in_band: inBand }).add();
  }
}

export class RpcMetrics {
  readonly #metrics: Metrics;
  /** By path. What is not in here has no series: a caller cannot make one up. */
  readonly #rpcs = new Map<string, RpcSeries>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** To be called for every service that is mounted. */
  add(service: ServiceDefinition): void {
    for (const { path, requestStream, responseStream } of Object.values(service.methods)) {
      const method = path.slice(path.lastIndexOf('/') + 1);
      const kind = requestStream || responseStream ? 'stream' : 'unary';
      this.#rpcs.set(path, new RpcSeries(this.#metrics, service.fullName, method, kind));
    }
  }

  readonly stage: CallStage = {
    begin: ({ call }) => {
      const rpc = this.#rpcs.get(call.method);
      if (rpc) rpc.inFlight++;
    },
    end: (staged, failure) => {
      const rpc = this.#rpcs.get(staged.call.method);
      if (rpc) {
        rpc.inFlight--;
        if (failure === undefined) rpc.succeed(staged);
        else rpc.fail(failure, staged);
      }
      return failure;
    },
  };
}
