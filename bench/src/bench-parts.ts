/** The parts of the bench, in the order they run. */
import type { BenchPart } from './parts/bench-part.ts';
import { deliveryPart } from './parts/delivery-part.ts';
import { dualReadsPart, dualWritesPart } from './parts/dual-part.ts';
import { dualScalePart } from './parts/dual-scale-part.ts';
import { grpcMemoryPart } from './parts/grpc/grpc-memory-part.ts';
import { grpcMessagesPart, grpcStreamsPart } from './parts/grpc/grpc-messages-part.ts';
import { grpcPairPart } from './parts/grpc/grpc-pair-part.ts';
import { grpcRedisPart } from './parts/grpc/grpc-redis-part.ts';
import { grpcServerPart } from './parts/grpc/grpc-server-part.ts';
import { grpcServicePart } from './parts/grpc/grpc-service-part.ts';
import { grpcTlsPart } from './parts/grpc/grpc-tls-part.ts';
import { interceptorsPart } from './parts/interceptors-part.ts';
import { memoryPart } from './parts/memory-part.ts';
import { rabbitPart } from './parts/rabbit-part.ts';
import { redisClientsPart } from './parts/redis-clients-part.ts';
import { startPart } from './parts/start-part.ts';
import { storagePart } from './parts/storage-part.ts';
import { storesPart } from './parts/stores-part.ts';
import { unaryPart } from './parts/unary-part.ts';

export const benchParts: readonly BenchPart[] = [
  unaryPart,
  interceptorsPart,
  storagePart,
  deliveryPart,
  startPart,
  memoryPart,
  storesPart,
  dualReadsPart,
  dualWritesPart,
  dualScalePart,
  redisClientsPart,
  rabbitPart,
  grpcServerPart,
  grpcPairPart,
  grpcRedisPart,
  grpcMessagesPart,
  grpcStreamsPart,
  grpcServicePart,
  grpcTlsPart,
  grpcMemoryPart,
];
