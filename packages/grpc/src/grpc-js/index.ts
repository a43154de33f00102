/** The `@connections/grpc/grpc-js` entry: servers and channels that run on @grpc/grpc-js. */
export { createGrpcJsChannel, type GrpcJsChannelOptions } from './grpc-js-channel.ts';
export { createGrpcJsServer } from './grpc-js-server.ts';
