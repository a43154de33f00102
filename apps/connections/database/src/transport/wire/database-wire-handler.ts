/** The wire contract of the Database service: every call of the clients that were there before v1. */
import type { Handlers } from '@connections/grpc';
import type { wireDatabaseService } from '@connections/proto-utils';
import type { CacheService } from '../../service/cache-service.ts';
import type { SchemasService } from '../../service/schemas-service.ts';
import type { TasksService } from '../../service/tasks-service.ts';
import { createMongoHandler } from './mongo-handler.ts';
import { createRedisHandler } from './redis-handler.ts';
import { createTaskHandler } from './task-handler.ts';

export interface DatabaseServices {
  readonly cache: CacheService;
  readonly schemas: SchemasService;
  readonly tasks: TasksService;
}

export function createDatabaseWireHandler(services: DatabaseServices): Handlers<typeof wireDatabaseService> {
  return {
    ...createRedisHandler(services.cache),
    ...createMongoHandler(services.schemas),
    ...createTaskHandler(services.tasks),
  };
}
