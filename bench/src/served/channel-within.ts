/** A channel to services in this process: calls their handlers, with no bytes, no transport and no interceptors between. */
import {
  anonymous,
  type Call,
  CallEnding,
  type CallOptions,
  type Channel,
  Metadata,
  type Server,
} from '@connections/grpc';

type Handle = (input: unknown, call: Call) => unknown;

export interface ChannelWithin {
  /** To be given to what mounts handlers on a server. */
  readonly server: Server;
  readonly channel: Channel;
}

export function channelWithin(): ChannelWithin {
  const handles = new Map<string, Handle>();
  const handle = (path: string, input: unknown, options: CallOptions) => {
    const called = handles.get(path);
    if (!called) throw new Error(`nobody handles ${path}`);
    return called(input, callOf(path, options));
  };
  return {
    server: {
      add(service, handlers) {
        for (const [name, { path }] of Object.entries(service.methods)) {
          handles.set(path, (handlers as Readonly<Record<string, Handle>>)[name] ?? refuse);
        }
      },
      listen: async () => 0,
      listenUnix: async () => {},
      reloadTls: () => {},
      stop: async () => {},
      unsentBytes: 0,
    },
    channel: {
      unary: async <Request, Response>(
        { path }: { readonly path: string },
        request: Request,
        options: CallOptions,
      ) => handle(path, request, options) as Promise<Response>,
      stream: <Request, Response>(
        { path }: { readonly path: string },
        requests: AsyncIterable<Request>,
        options: CallOptions,
      ) => handle(path, requests, options) as AsyncIterable<Response>,
      ready: async () => {},
      close: () => {},
    },
  };
}

function refuse(): never {
  throw new Error('there is no such handler');
}

function callOf(method: string, { signal, metadata = new Metadata() }: CallOptions): Call {
  const own = new CallEnding();
  return {
    method,
    metadata,
    headers: new Metadata(),
    trailers: new Metadata(),
    deadline: undefined,
    ending: signal ?? own,
    get signal() {
      return signal ?? own.signal;
    },
    peer: { address: '127.0.0.1:0', loopback: true, secure: false },
    abort: (reason) => own.abort(reason),
    principal: anonymous,
  };
}
