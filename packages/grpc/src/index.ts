export { anonymous, type Call, type ClientCertificate, type Peer, type Principal } from './call.ts';
export type { BackoffOptions, Balancing, ChannelOptions, ClientTls } from './client/channel-options.ts';
export { createChannel } from './client/grpc-channel.ts';
export type { ClientCallContext, ClientInterceptor } from './client/intercepted-channel.ts';
export { type CallOptions, type Channel, type Client, createClient } from './client.ts';
export { abortSignalOf, CallEnding, type Ending } from './ending.ts';
export type { BadRequest, ErrorDetail, ErrorInfo, RetryInfo } from './error-details.ts';
export type {
  BidiStreamHandler,
  ClientStreamHandler,
  Handler,
  Handlers,
  ServerStreamHandler,
  UnaryHandler,
} from './handler.ts';
export { chain, type Interceptor } from './interceptor.ts';
export { Metadata, type MetadataValue } from './metadata.ts';
export type { AnyMethod, MessageCodec, MethodDefinition, Partially, ServiceDefinition } from './method.ts';
export { overReplicas } from './replica-channel.ts';
export { createServer } from './server/grpc-server.ts';
export type { Server, ServerOptions, ServerTls } from './server.ts';
export { type FailureStatus, type StatusName, statusName, statusNumbers } from './status.ts';
export { isStatusError, StatusError, type StatusErrorOptions } from './status-error.ts';
