/** The transports that the referees judge. */
import { type Channel, createChannel, createServer, type Server } from '@connections/grpc';
import { createGrpcJsChannel, createGrpcJsServer } from '@connections/grpc/grpc-js';

export const servers: readonly (readonly [string, () => Server])[] = [
  ['built-in', () => createServer()],
  ['grpc-js', () => createGrpcJsServer()],
];

export const channels: readonly (readonly [string, (address: string) => Channel])[] = [
  ['built-in', (address) => createChannel(address)],
  ['grpc-js', (address) => createGrpcJsChannel(address)],
];
