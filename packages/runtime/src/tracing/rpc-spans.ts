/** A server span around each rpc, in the trace of its caller. */
import { type Call, type Interceptor, type Metadata, statusNumbers } from '@connections/grpc';
import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  type TextMapGetter,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { inBandFailure } from '../interceptors/in-band-failure.ts';
import { setFailure } from './span-failure.ts';

const metadataText: TextMapGetter<Metadata> = {
  get: (metadata, key) => metadata.text(key),
  keys: (metadata) => [...metadata].map(([key]) => key),
};

export function rpcSpans(tracer: Tracer, traced: Pick<ReadonlySet<string>, 'has'>): Interceptor {
  return async (call, proceed) => {
    if (!traced.has(call.method)) return proceed();
    const parent = propagation.extract(ROOT_CONTEXT, call.metadata, metadataText);
    const options = { kind: SpanKind.SERVER, attributes: attributesOf(call) };
    const span = tracer.startSpan(call.method.slice(1), options, parent);
    try {
      await context.with(trace.setSpan(parent, span), proceed);
      const failure = inBandFailure(call);
      if (failure) setFailure(span, failure);
      span.setAttribute('rpc.grpc.status_code', 0);
    } catch (error) {
      const status = setFailure(span, error);
      span.setAttribute('rpc.grpc.status_code', statusNumbers[status]);
      throw error;
    } finally {
      span.end();
    }
  };
}

/** Of the caller, the address only. */
function attributesOf({ method, peer }: Call): Attributes {
  const [, service = '', name = ''] = method.split('/');
  const attributes = { 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': name };
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(peer.address) ?? [];
  if (host === undefined) return attributes;
  return { ...attributes, 'network.peer.address': host, 'network.peer.port': Number(port) };
}
