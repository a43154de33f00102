/** The parts of the bench, in the order they run. */
import type { BenchPart } from './parts/bench-part.ts';
import { deliveryPart } from './parts/delivery-part.ts';
import { dualReadsPart, dualWritesPart } from './parts/dual-part.ts';
import { interceptorsPart } from './parts/interceptors-part.ts';
import { memoryPart } from './parts/memory-part.ts';
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
  redisClientsPart,
];
